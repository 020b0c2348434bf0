"""The brake: what one cause would move beyond the limits stands as proposed, not written, until somebody releases it."""

"""Since when each source of facts is complete: before that day "the first ever" is unknown (A59)."""

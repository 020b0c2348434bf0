"""Sittings: planned, held and completed, or annulled with every certificate that came of them."""

"""Organisations by USCC: what they are, over time."""

"""Explanations: why something is owed, why not, and what would change it."""

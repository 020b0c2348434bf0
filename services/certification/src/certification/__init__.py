"""Certification: who can do what, and at which level (articles 2, 9, 10)."""

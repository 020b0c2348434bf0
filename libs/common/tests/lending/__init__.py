"""Lending: books on shelves, which it owns, and loans to readers, of which a desk tells it."""

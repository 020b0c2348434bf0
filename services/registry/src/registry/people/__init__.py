"""Persons: registered, changed, found by ID number, resolved in bulk, imported with their registered residence."""

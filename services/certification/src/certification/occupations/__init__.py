"""Occupations by edition, with the crosswalk between editions."""

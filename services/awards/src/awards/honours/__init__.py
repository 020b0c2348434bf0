"""Selections of article 14: the outstanding and the chief technicians, named, checked every year, withdrawn."""

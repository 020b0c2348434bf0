"""Grounds: what may be owed for, one module each, measured from facts."""

"""Shortage catalogues (紧缺目录): which occupations and levels the city lacks in a year (article 7)."""

"""Sponsored classes (张家港班): local enterprises open a class at a school in another city, and the city matches what they pay (article 8)."""

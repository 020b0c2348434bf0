"""Matching: who meets whom (article 8)."""

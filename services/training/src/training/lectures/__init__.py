"""Lectures of schools' teachers inside enterprises: reported by the school, confirmed by the enterprise; only then are they facts (article 5)."""

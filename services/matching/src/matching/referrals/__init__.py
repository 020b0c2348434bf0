"""Referral counts per partner and year: delivered, employed, certified by level. Management figures; what is owed awards decides."""

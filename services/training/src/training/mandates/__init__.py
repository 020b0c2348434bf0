"""Mandates (委托): which training base trains for the year's shortage catalogue (article 7)."""

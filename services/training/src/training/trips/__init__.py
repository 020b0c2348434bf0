"""Trips abroad for training (出国研修): workers and teachers who are selected, go, and report (article 12)."""

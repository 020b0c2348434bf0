"""Awards: who gets how much, why, from which fund."""

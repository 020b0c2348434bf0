"""Training: who learned what, where, at what price (articles 4–7)."""

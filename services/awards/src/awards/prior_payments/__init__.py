"""Earlier payments (既往支付): what was paid on paper before go-live counts as held, so that nothing is owed twice (A59)."""

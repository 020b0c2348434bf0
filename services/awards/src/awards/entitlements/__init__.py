"""Entitlements (权益): what is owed, held, displaced or withdrawn."""

"""Proving that a service's tables are right: checks, each of which names what it finds, and the command that runs them."""

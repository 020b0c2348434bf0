"""Designations (定点资格): which institution may run subsidised classes, of what, at which price (article 6)."""

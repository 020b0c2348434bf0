"""Who misses exactly one condition: the list that a town window works from."""

"""Registry: who somebody is, and since when."""

"""The rule kernel: words, grounds, schemes, and three ways to read them. Pure: no clock, no database, no scheme known by name."""

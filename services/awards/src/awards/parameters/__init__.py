"""The figures in force: read from their seed, checked, kept by content."""

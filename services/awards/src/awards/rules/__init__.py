"""The public rule pages and the figures in force."""

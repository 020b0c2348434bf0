"""Pages to print: a scheme as it runs, and the notice of one decision."""

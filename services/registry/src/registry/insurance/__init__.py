"""Insurance months: what the insurance bureau says was paid, by person, as spans."""

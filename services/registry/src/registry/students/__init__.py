"""Students (学籍): who is at which vocational school, and with which status on which day."""

"""The synthetic city: people, employers, files and a year of events that cannot be mistaken for real ones."""

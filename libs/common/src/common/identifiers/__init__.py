"""Numbers and codes that come from outside: each is read by one function that refuses by name, and never repeats what it was given."""

"""Employment: who worked where, from when to when, by what evidence."""

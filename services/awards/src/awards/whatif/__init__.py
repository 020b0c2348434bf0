"""What if: other figures over the whole city, compared with those in force, to the fen. Nothing is stored, nothing is decided."""

"""What others have paid for a person's training or certificate, such as the unemployment fund: the city does not pay it again (A43)."""

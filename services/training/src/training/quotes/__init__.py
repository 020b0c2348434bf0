"""The counter's quote: what awards would pay for a person in a class. Training asks, awards alone decides."""

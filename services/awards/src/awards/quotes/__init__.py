"""The counter's quote: what a class would earn."""

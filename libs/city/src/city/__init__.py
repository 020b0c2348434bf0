"""The synthetic city: begin with `city.synthetic.City`. Nobody and nothing in it can be real."""

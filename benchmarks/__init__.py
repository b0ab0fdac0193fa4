"""Measurements of the whole product, as its users meet it: `make bench`."""

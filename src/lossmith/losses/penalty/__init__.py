"""Prices on the size of a model's weights, to be added to a loss."""

"""Losses of boxes: where an object is, and what it is."""

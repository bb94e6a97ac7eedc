"""Losses that are learned themselves."""

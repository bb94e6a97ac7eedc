"""Losses of ordered levels: how far off counts."""

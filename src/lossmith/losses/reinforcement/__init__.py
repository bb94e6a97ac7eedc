"""Losses of policies and value functions that learn from rewards."""

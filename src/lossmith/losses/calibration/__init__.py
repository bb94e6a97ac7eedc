"""Losses that ask whether what is said to be likely happens as often."""

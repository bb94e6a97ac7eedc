"""Losses of class scores that some wrong labels do not mislead."""

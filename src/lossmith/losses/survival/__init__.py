"""Losses of times until an event, some of them not seen to the end."""

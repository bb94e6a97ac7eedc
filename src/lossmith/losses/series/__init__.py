"""Losses of time series: how a forecast moves, and how old a value is."""

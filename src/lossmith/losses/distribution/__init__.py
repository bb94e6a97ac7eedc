"""Losses of predicted distributions, by quantiles or by parameters."""

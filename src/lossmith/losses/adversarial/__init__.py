"""Losses at a bad input near each example, against chosen disturbances."""

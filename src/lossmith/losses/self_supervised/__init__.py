"""Losses of two views of one example, without labels and without negatives."""

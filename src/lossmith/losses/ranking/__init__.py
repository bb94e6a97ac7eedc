"""Losses of scores that put items in order: pairs, lists, and near metrics."""

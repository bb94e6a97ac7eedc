"""From a model and a dataset of the user's own to a verdict.

The stages are those of a table.
"""

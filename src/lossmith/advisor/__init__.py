"""From a table to a verdict: data → profile → shortlist → trials → verdict.

Each stage is one file.
"""

"""Measurements behind the claims: `python -m benchmarks.NAME`.

Data folders are arguments.
"""

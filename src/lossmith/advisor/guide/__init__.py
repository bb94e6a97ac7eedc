"""Choosing a loss without data: a question in, a ranked and reasoned answer out."""

"""Losses of sequences of symbols: tokens, letters, phonemes."""

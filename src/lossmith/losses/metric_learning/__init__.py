"""Losses of embeddings: what is alike comes near, what is not goes away."""

"""Losses of class scores that change what counts: rare classes, hard examples."""

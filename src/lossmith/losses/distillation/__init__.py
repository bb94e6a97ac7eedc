"""Losses by which a small network learns from a large one."""

"""Losses of masks: the overlap of a predicted region with the true one."""

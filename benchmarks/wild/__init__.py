"""Losses of installed public libraries, one file a library, for `python -m benchmarks.check_wild`."""

"""A training in small: looked at before it begins, or tried with a remedy.

Both run what the user's `build()` returns; see `lossmith.rehearsal.setup`.
"""

"""Makes training runs with one known fault, on tasks and networks drawn at random: what the doctor's weights learn from."""

"""Training runs with one known fault, on tasks and networks drawn at random, for the doctor to learn from."""

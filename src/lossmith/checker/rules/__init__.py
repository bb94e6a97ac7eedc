"""One rule, one file: each names a fault, finds it by experiment, and shows it."""

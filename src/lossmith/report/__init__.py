"""Results in, text and pictures out; computes nothing."""

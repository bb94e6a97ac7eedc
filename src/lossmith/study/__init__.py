"""What can be measured of a loss without data: shape, pull, counterexamples."""

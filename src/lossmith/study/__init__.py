"""What can be measured of a loss without data: its shape, who it listens to, and counterexamples."""

"""Fast ways to compute what losses say, each tested against the loss itself."""

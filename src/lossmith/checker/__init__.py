"""Is my loss right: a loss in, findings out, each with an input that shows it."""

"""How much following lossmith's advice loses to hindsight, on real tables."""

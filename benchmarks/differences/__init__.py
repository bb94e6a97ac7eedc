"""Same name, different numbers: what each library gives for one tiny input."""

"""Which loss should I train with? Measured on your own data."""

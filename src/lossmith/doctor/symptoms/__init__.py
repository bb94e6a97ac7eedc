"""One file, one diagnosis: what, why, causes, remedies, evidence."""

"""What preflight looks at, one file each, with a function `look(case)`."""

"""Makes training runs with a known fault: `python -m benchmarks.make_runs OUT --tasks a,b --seed 1`."""

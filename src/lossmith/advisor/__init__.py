"""From a table to a verdict: data → profile → shortlist → trials → verdict, one file a stage."""

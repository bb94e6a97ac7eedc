"""Why a run does not learn: signals, symptoms, a ranked diagnosis."""

"""The loss misses its output activation.

Finds: raw scores or probabilities given to a loss that takes log-probabilities or probabilities.

Why it matters: the loss has no lower bound or sits on its clamp: it falls, or stands, without meaning.

Causes:
* NLLLoss on logits or on softmax.
* BCELoss on raw outputs.

Remedies, in order:
1. CrossEntropyLoss on logits, or log_softmax before NLLLoss.
2. BCEWithLogitsLoss on raw outputs.
"""

from collections.abc import Mapping

from lossmith.doctor.evidence import Evidence, argue

NEEDS = "classes"


def weigh(s: Mapping[str, float]) -> tuple[Evidence, ...]:
    """Return what argues for and against it."""
    return (
        argue(s, ("not_log", 0.0, 1.0), 10, "NLLLoss is given numbers above 0, which are no log-probabilities")
        + argue(s, ("not_probability", 0.0, 1.0), 10, "BCELoss is given numbers that are no probabilities")
        + argue(s, ("cut_off", 0.5, 1.0), 7, "outputs are cut off at 0, which no sigmoid does, and BCELoss takes them")
        + argue(
            s,
            (("negative", 0.05, 0.5), ("classification", 0.0, 1.0), ("objective", 0.0, 1.0)),
            4,
            "the loss is negative",
        )
        + argue(
            s,
            (("start_none", 0.0, 1.0), ("classification", 0.0, 1.0)),
            4,
            "the loss starts at 0, as NLLLoss of raw outputs does",
        )
        + (
            ()
            if s.get("not_log") or s.get("not_probability") or s.get("cut_off", 0.0) > 0.5
            else argue(s, ("not_log", 1.0, 0.0), -6, "the loss is given what it takes")
        )
    )

"""Sampling by classes, as an axis of candidates beside class weights.

Tutorials repeat rare rows or leave common ones out. Either trains as if all classes were equally common, as weights of
1/prior do: for more noise, or for fewer rows learned from. Whether that helps once the decision rule is tuned is
measured.
"""

from collections.abc import Iterator
from dataclasses import replace

from lossmith.advisor.arguments import CONSISTENT, FOLK, HANDICAP, IMBALANCED
from lossmith.advisor.profile import Profile
from lossmith.card import CLASS_PROBABILITIES, MOST_LIKELY_CLASS, WEIGHTED_PROBABILITIES
from lossmith.metric import ChosenMetric
from lossmith.training.problem import Candidate

FOLKLORE = {
    "over": "Rule of thumb: over-sample rare classes ({:.3g} to 1). Here to be measured.",
    "under": "Rule of thumb: under-sample common classes ({:.3g} to 1). Here to be measured.",
}


def resampled(default: Candidate, profile: Profile, metric: ChosenMetric) -> Iterator[tuple[Candidate, float]]:
    """Yield the default loss under each sampling, and the strength of its case.

    It is on the list where classes are uneven and the metric asks neither for probabilities nor for the likeliest
    class, which nobody would train on changed shares.
    """
    wanted, imbalance = metric.elicited(str(profile.problem.task)), profile.target.get("imbalance") or 1.0
    called_for = imbalance > IMBALANCED and wanted not in (CLASS_PROBABILITIES, MOST_LIKELY_CLASS)
    answers = WEIGHTED_PROBABILITIES.implies(wanted)
    for place, (sampling, text) in enumerate(FOLKLORE.items()):
        reasons = (text.format(imbalance),) if called_for else ()
        if answers:
            said = f"this sampling makes the loss elicit the {WEIGHTED_PROBABILITIES} (Elkan 2001)."
            reasons = (f"Consistent: {metric.label} asks for the {wanted}, and {said}", *reasons)
        strength = (FOLK - 0.1 * place + CONSISTENT * answers) if called_for else HANDICAP
        roles = ("consistent",) if answers else ()
        name = f"{default.id}+{sampling}"
        yield replace(default, id=name, sampling=sampling, reasons=reasons, roles=roles), strength

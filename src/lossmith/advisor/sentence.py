"""The verdict in words that claim no more than was measured."""

from lossmith.advisor.verdict import Verdict


def sentence(verdict: Verdict) -> str:
    """Say what to train with, why, and how sure that is."""
    if verdict.outcome == "too_little_data":
        return _too_little(verdict)
    if verdict.outcome == "likely_best":
        return _likely(verdict)
    said = _winner(verdict) if verdict.outcome == "clear_winner" else _reference(verdict)
    return said + _still_better(verdict)


def _likely(verdict: Verdict) -> str:
    label, best, reference = verdict.metric["label"], verdict.recommended, verdict.reference
    start = f"Keep {best}" if best == verdict.default else f"Train with {best}"
    theory = f"{reference}, the default and theory's choice" if reference == verdict.default else reference
    found = verdict.standing(best).difference
    close = (
        f"{theory} is practically equal"
        if found and found.conclusion == "practically_equal"
        else f"no measurable difference from {theory}"
    )
    named = "" if reference == verdict.default else f", which elicits the {verdict.metric['asks_for']} as {label} asks"
    return f"{start}: {verdict.on_folds} it is likely to have the best {label}; {close}{named}."


def _winner(verdict: Verdict) -> str:
    difference = verdict.standing(verdict.recommended).difference
    share = _share(difference.relative if difference else None)
    return (
        f"Train with {verdict.recommended}: {verdict.on_folds} its {verdict.metric['label']} is {share}better "
        f"than that of {verdict.reference}, the loss declared beforehand."
    )


def _reference(verdict: Verdict) -> str:
    label, on_folds = verdict.metric["label"], verdict.on_folds
    better = any(s.difference and s.difference.conclusion == "better" for s in verdict.standings)
    if verdict.reference == verdict.default:
        why = "" if better else f": {on_folds} no candidate had a measurably better {label}"
        return f"Keep {verdict.default}{why}."
    default = verdict.standing(verdict.default).difference
    start = f"Train with {verdict.reference}: {_theory(verdict)}"
    if default is None:
        return f"{start}; the default {verdict.default} failed."
    if default.conclusion == "worse":
        # As a share of the default's own error, as the gain is.
        lost = abs(default.relative) if default.relative is not None else None
        share = _share(lost / (1.0 + lost) if lost is not None else None)
        return f"{start}, and {on_folds} its {label} is {share}better than that of the default {verdict.default}."
    if default.conclusion == "practically_equal":
        return f"{start}; the default {verdict.default} is practically equal {on_folds}."
    return f"{start}; no measurable difference from the default {verdict.default} {on_folds}."


def _still_better(verdict: Verdict) -> str:
    """Name a candidate that scored better than the recommended one, and why not it."""
    best = verdict.standings[0]
    if best.candidate.id == verdict.recommended or best.difference is None:
        return ""
    if best.difference.conclusion == "better" and verdict.outcome == "reference_holds":
        return f" {best.candidate.id} was better, but in too little training to overrule theory: try a larger budget."
    if verdict.outcome == "clear_winner":
        return f" {best.candidate.id} scored better still, but too unevenly over the {verdict.fold}s to be sure."
    return ""


def _too_little(verdict: Verdict) -> str:
    if verdict.folds < verdict.planned_folds:
        done = f"{verdict.folds or 'None'} of {verdict.planned_folds} {verdict.fold}s were finished"
        why = f"{done} in {verdict.seconds:.0f} s. Try `--budget {verdict.enough_budget}`, which would do at this pace"
    else:
        why = "There are too few rows to compare losses. Collect more"
    return f"{why}. Until then, theory says {verdict.reference}: {_theory(verdict)}."


def _theory(verdict: Verdict) -> str:
    """Say how the reference answers the metric: outright, or as nearly as a loss can."""
    label, asked = verdict.metric["label"], verdict.metric["asks_for"]
    nearest = verdict.metric.get("nearest")
    if nearest:
        return f"it elicits the {nearest}, the nearest a loss comes to the {asked}, which {label} asks for"
    return f"it elicits the {asked}, which {label} asks for"


def _share(relative: float | None) -> str:
    return "" if relative is None else f"{100 * abs(relative):.1f} % "

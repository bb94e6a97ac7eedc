"""The verdict in one sentence that claims no more than was measured."""

from lossmith.advisor.verdict import Verdict


def sentence(verdict: Verdict) -> str:
    """Say what to train with, why, and how sure that is."""
    if verdict.outcome == "too_little_data":
        return _too_little(verdict)
    label, folds = verdict.metric["label"], verdict.folds
    if verdict.outcome == "clear_winner":
        difference = verdict.standing(verdict.recommended).difference
        share = _share(difference.relative if difference else None)
        return (
            f"Train with {verdict.recommended}: on {folds} folds its {label} is {share}better than that of "
            f"{verdict.reference}, the loss declared beforehand."
        )
    if verdict.reference == verdict.default:
        return f"Keep {verdict.default}: on {folds} folds no candidate had a measurably better {label}."
    default = verdict.standing(verdict.default).difference
    start = f"Train with {verdict.reference}: it elicits the {verdict.metric['asks_for']}, which {label} asks for"
    if default is None:
        return f"{start}; the default {verdict.default} failed."
    if default.conclusion == "worse":
        share = _share(-default.relative if default.relative is not None else None)
        return f"{start}, and the default {verdict.default} is {share}worse on {folds} folds."
    if default.conclusion == "practically_equal":
        return f"{start}; the default {verdict.default} is practically equal on {folds} folds."
    return f"{start}; no measurable difference from the default {verdict.default} on {folds} folds."


def _too_little(verdict: Verdict) -> str:
    if verdict.folds < verdict.planned_folds:
        why = f"Only {verdict.folds} of {verdict.planned_folds} folds were finished. Try a larger `--budget`"
    else:
        why = "There are too few rows to compare losses. Collect more"
    return (
        f"{why}. Until then, theory says {verdict.reference}: it elicits the {verdict.metric['asks_for']}, which "
        f"{verdict.metric['label']} asks for."
    )


def _share(relative: float | None) -> str:
    return "" if relative is None else f"{100 * abs(relative):.1f} % "

"""Inputs: numbers that are missing, columns that say nothing, scales far apart."""

from lossmith.finding import Finding
from lossmith.rehearsal.case import Case, Seen

RATIO, OFFSET, SPREAD = 100.0, 10.0, 30.0
SHOWN = 8


def look(case: Case) -> Seen:
    """Look at the inputs of the sample."""
    x = case.inputs
    if x is None or not x.is_floating_point() or x.numel() == 0:
        return Seen([])
    findings = []
    missing = ~x.isfinite()
    if bool(missing.any()):
        share = float(missing.reshape(len(x), -1).any(1).float().mean())
        findings.append(Finding(
            "inputs-not-finite", "error", f"{share:.2%} of the rows of the inputs hold NaN or infinite numbers.",
            why="One of them makes the loss NaN, and the next update every weight.",
            fix="Leave those rows out, or fill the gaps before training.",
        ))  # fmt: skip
    places = 1 if x.ndim in (2, 4, 5) else x.ndim - 1  # channels of images, columns, else the last dimension
    columns = x.movedim(places, -1).reshape(-1, x.shape[places]).double() if x.ndim > 1 else x.reshape(-1, 1).double()
    columns = columns[columns.isfinite().all(1)]
    if len(columns) < 2:
        return Seen(findings)
    mean, std = columns.mean(0), columns.std(0, correction=0)
    still = (std <= 1e-9 * (1 + mean.abs())).nonzero().reshape(-1).tolist()
    if still and len(columns) >= 32:
        named = ", ".join(map(str, still[:SHOWN])) + (" ..." if len(still) > SHOWN else "")
        findings.append(Finding(
            "constant-inputs", "warning", f"{len(still)} of {len(mean)} input columns never change (from 0: {named}).",
            why="A column that never changes tells nothing; often it was filled wrongly.",
            fix="See whether they should vary; else leave them out.",
        ))  # fmt: skip
    moving = std > 1e-9 * (1 + mean.abs())
    if not case.normalises and bool(moving.any()):
        findings += _scale(mean[moving].tolist(), std[moving].tolist())
    return Seen(findings, {"mean": mean.tolist(), "std": std.tolist()})


def _scale(mean: list[float], std: list[float]) -> list[Finding]:
    """Say how far the columns are from what initialisations expect: mean 0, spread 1."""
    largest, smallest = max(std), min(std)
    offset = max(abs(m) / s for m, s in zip(mean, std, strict=True))
    told = []
    if largest > RATIO * smallest:
        told.append(f"spreads from {smallest:.3g} to {largest:.3g}")
    elif largest > SPREAD or largest < 1 / SPREAD:
        told.append(f"a spread of {largest:.3g}")
    if offset > OFFSET:
        told.append(f"a mean {offset:.3g} spreads away from 0")
    if not told:
        return []
    return [Finding(
        "inputs-not-normalised", "warning", f"The inputs have {' and '.join(told)}; 1 and 0 are what layers expect.",
        why="Large columns drown small ones, and no one learning rate fits both.",
        fix="Standardise each column with the training rows' mean and spread, or begin with a normalisation layer.",
    )]  # fmt: skip

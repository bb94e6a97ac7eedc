"""The order of rows: sorted data that no one shuffles."""

import math

import torch
from torch.utils.data import SequentialSampler

from lossmith.finding import Finding
from lossmith.rehearsal.case import Case, Seen

SIGMAS = 6.0
FEWEST = 64


def look(case: Case) -> Seen:
    """Look whether neighbouring rows have like targets, in the order they are read."""
    y = case.target
    if y is None or y.numel() != len(y) or len(y) < FEWEST:
        return Seen([])
    if not isinstance(getattr(case.setup.data, "sampler", None), SequentialSampler):
        return Seen([])
    values = y.double().reshape(-1)
    if float(values.std()) == 0:
        return Seen([])
    if case.classes or case.binary:
        same = float((values[1:] == values[:-1]).double().mean())
        shares = torch.unique(values, return_counts=True)[1].double() / len(values)
        chance = float((shares**2).sum())
        far = (same - chance) / max(math.sqrt(chance * (1 - chance) / len(values)), 1e-9)
        told = f"{same:.0%} of neighbouring rows have the same label; shuffled it were {chance:.0%}"
    else:
        centred = values - values.mean()
        lag = float((centred[1:] * centred[:-1]).mean() / centred.square().mean())
        far, told = lag * math.sqrt(len(values)), f"neighbouring targets correlate with {lag:.2f}"
    if far < SIGMAS:
        return Seen([])
    return Seen([Finding(
        "not-shuffled", "warning", f"Rows are read in order, and {told}.",
        why="Each batch pulls towards its own kind of rows, and the next pulls back.",
        fix="`DataLoader(..., shuffle=True)`; for a series that must stay in order, shuffle its windows.",
    )])  # fmt: skip

"""Targets: missing or constant, labels out of range, classes far from even."""

import torch
from torch import Tensor

from lossmith.finding import Finding
from lossmith.rehearsal.case import Case, Seen

IGNORED = -100
UNEVEN = 10.0
FAR = 30.0
BINS = 20
MOST_CLASSES = 1000


def look(case: Case) -> Seen:
    """Look at the targets of the sample."""
    y = case.target
    if y is None or y.numel() == 0 or y.is_complex():
        return Seen([])
    values = y.double()
    if not bool(values.isfinite().all()):
        share = float((~values.isfinite()).double().mean())
        return Seen([Finding(
            "targets-not-finite", "error", f"{share:.2%} of the targets are NaN or infinite.",
            why="The loss of such a row is NaN, and so is every weight after the next update.",
            fix="Leave those rows out.",
        )])  # fmt: skip
    if y.numel() >= 32 and bool((values == values.flatten()[0]).all()):
        return Seen([Finding(
            "constant-target", "error", f"All {y.numel()} targets looked at are {float(values.flatten()[0]):g}.",
            why="There is nothing to learn: a constant predicts them all.",
            fix="See how targets are read: the wrong column, a failed join, the first part of a sorted file.",
        )])  # fmt: skip
    if case.classes:
        return _classes(y, case.outputs.shape[1])
    if case.binary:
        return _counts(torch.bincount(y.long().reshape(-1), minlength=2).tolist())
    return _numbers(values, case.outputs)


def _classes(y: Tensor, classes: int) -> Seen:
    """Look at class numbers beside the outputs there are for them."""
    kept = y[y != IGNORED].reshape(-1).long()
    low, high = int(kept.min()), int(kept.max())
    if low < 0 or high >= classes:
        mend = "Leave rows of negative labels out: they are no classes."
        if low >= 0:
            from_one = low == 1 and high == classes
            mend = "Count classes from 0: subtract 1." if from_one else f"Give the last layer {high + 1} outputs."
        return Seen([Finding(
            "labels-out-of-range", "error",
            f"Labels go from {low} to {high}, and the model puts out {classes} classes: 0 to {classes - 1}.",
            why="The loss fails on them, or on a GPU reads memory that is not the class's own.",
            fix=mend,
        )])  # fmt: skip
    return _counts(torch.bincount(kept, minlength=classes).tolist()) if classes <= MOST_CLASSES else Seen([])


def _counts(counts: list[int]) -> Seen:
    """Say how uneven classes are."""
    total, most = sum(counts), max(counts)
    there = [count for count in counts if count]
    findings = []
    if total >= 100 and most > UNEVEN * min(there):
        findings.append(Finding(
            "uneven-classes", "warning",
            f"The commonest class has {most / total:.1%} of the rows, the rarest {min(there) / total:.2%}.",
            why=f"Always answering the commonest is right in {most / total:.1%}: accuracy says little here.",
            fix="Watch balanced accuracy or macro F1. Then class weights, or a threshold chosen afterwards: `lossmith "
                "advise` measures which.",
        ))  # fmt: skip
    absent = [place for place, count in enumerate(counts) if not count]
    if absent and total >= 20 * len(counts) and absent[0] == len(there) > 1:
        findings.append(Finding(
            "absent-classes", "note",
            f"Labels go from 0 to {len(there) - 1} in {total} rows, and the model puts out {len(counts)} classes.",
            why="Outputs that are never right only raise the loss at the start; often labels were lost.",
            fix=f"Give the last layer {len(there)} outputs, unless there are more classes than in these rows.",
        ))  # fmt: skip
    elif absent and total >= 20 * len(counts):
        findings.append(Finding(
            "absent-classes", "note", f"{len(absent)} of {len(counts)} classes do not occur in {total} rows.",
            why="The model has outputs that are never right; often labels were shifted or lost.",
            fix="See whether the number of outputs is that of the classes.",
        ))  # fmt: skip
    return Seen(findings, {"counts": counts})


def _numbers(values: Tensor, outputs: Tensor) -> Seen:
    """Look at the scale of numbers beside that of the untrained outputs."""
    flat, out = values.reshape(-1), outputs.double()
    mean, std = float(flat.mean()), float(flat.std(correction=0))
    findings = []
    reach = float(out.abs().max()) + 1.0
    if std > FAR * reach or abs(mean) > FAR * reach + 3 * std:
        findings.append(Finding(
            "target-scale", "warning",
            f"Targets have mean {mean:.3g} and spread {std:.3g}; the untrained model puts out at most {reach - 1:.2g}.",
            why="Many steps go into reaching the targets' level, with gradients as large as they are.",
            fix="Standardise the target with the training rows' mean and spread, and undo it when predicting.",
        ))  # fmt: skip
    low, high = float(flat.min()), float(flat.max())
    counts = torch.histc(flat.float(), BINS, low, high).long().tolist()
    return Seen(findings, {"low": low, "high": high, "bins": counts})

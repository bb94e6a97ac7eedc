"""What people have today, on the same corpus as the checker.

python -m benchmarks.check_peers DIR [--json OUT]

Three plain detectors of "something is wrong": gradcheck alone; a finite value and gradient on ordinary inputs; whether
gradient descent overfits one batch. Each says yes or no to every fault and every correct loss of the corpus.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import torch

from benchmarks.check_corpus import case, losses
from lossmith.checker.argument import is_finite
from lossmith.checker.case import Case

STEPS, RATE = 100, 0.05
"""Steps and learning rate of the batch to overfit."""
SHARE = 0.9
"""The loss must fall below this share of where it began, or below where it began if that is not above zero."""


def main() -> None:
    """Ask each detector about every loss of a corpus folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    said: dict[str, dict[str, bool]] = {name: {} for name in DETECTORS}
    seconds = dict.fromkeys(DETECTORS, 0.0)
    for key, entry in losses(options.folder):
        for name, suspects in DETECTORS.items():
            began = time.perf_counter()
            said[name][key] = suspects(case(entry))
            seconds[name] += time.perf_counter() - began
    if options.json:
        options.json.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    said["any of the three"] = {key: any(said[name][key] for name in DETECTORS) for key in said["gradcheck"]}
    seconds["any of the three"] = sum(seconds.values())
    print("| detector | faults caught | false alarms | seconds a loss |\n| :-- | --: | --: | --: |")
    for name, answers in said.items():
        correct = [yes for key, yes in answers.items() if key.startswith("correct_")]
        faults = [yes for key, yes in answers.items() if not key.startswith("correct_")]
        each = seconds[name] / len(answers)
        print(f"| {name} | {sum(faults)} of {len(faults)} | {sum(correct)} of {len(correct)} | {each:.2f} |")


def fails_gradcheck(one: Case) -> bool:
    """Whether torch.autograd.gradcheck fails in a prediction, on one ordinary batch in double precision."""
    inputs = one.draw(0, torch.float64)
    for place in one.predictions:
        inputs[place].requires_grad_()
    try:
        return not torch.autograd.gradcheck(lambda *given: _total(one, given), inputs, raise_exception=False)
    except Exception:  # a call that fails is a sign too
        return True


def is_not_finite(one: Case) -> bool:
    """Whether the value or a gradient is missing, NaN or infinite on ordinary batches in single precision."""
    for seed in range(4):
        inputs = one.draw(seed, torch.float32)
        for place in one.predictions:
            value, gradient = one.gradient(inputs, place)
            if not is_finite(value) or gradient is None or not is_finite(gradient):
                return True
    return False


def does_not_overfit(one: Case) -> bool:
    """Whether Adam on the predictions themselves does not bring the loss of one batch down."""
    inputs = one.draw(0, torch.float32)
    free = [inputs[place].requires_grad_() for place in one.predictions]
    optimiser = torch.optim.Adam(free, lr=RATE)
    values = []
    try:
        for _ in range(STEPS):
            optimiser.zero_grad()
            value = _total(one, inputs)
            value.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            values.append(float(value.detach()))
    except Exception:
        return True
    first, last = values[0], values[-1]
    return not last < (SHARE * first if first > 0 else first)


def _total(one: Case, inputs: "list[torch.Tensor] | tuple[torch.Tensor, ...]") -> torch.Tensor:
    value: torch.Tensor = one.loss(*inputs)
    return value.sum()


DETECTORS: dict[str, Callable[[Case], bool]] = {
    "gradcheck": fails_gradcheck,
    "finite value and gradient": is_not_finite,
    "overfits one batch": does_not_overfit,
}

if __name__ == "__main__":
    main()

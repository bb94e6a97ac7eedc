"""How far scores of folds with few positives lie from the truth: `python -m benchmarks.few_positives`.

Two rankings of known quality score the same rows; folds only test, so that nothing but the metric is looked at. The
score is the mean over the folds; the truth is that of very many rows. F1 is cut at the threshold best for the truth.
"""

import numpy as np
from numpy.typing import NDArray

from lossmith import registry
from lossmith.training import folds

RATE, RUNS = 0.05, 200
SEPARATION = (2.0, 1.6)
"""Distance between the classes' scores, in deviations: a better ranking and a worse one."""
DESIGNS = ((10, 1), (5, 2), (4, 3), (3, 3))
"""Folds, and how often they are drawn."""

Array = NDArray[np.float64]


def scores(rng: np.random.Generator, positives: int, negatives: int) -> tuple[Array, Array, Array]:
    """Return classes and both rankings' scores, the noise half shared."""
    y = np.repeat([1, 0], [positives, negatives])
    shared = rng.normal(size=len(y))
    better, worse = (d * y + np.sqrt(0.5) * (shared + rng.normal(size=len(y))) for d in SEPARATION)
    return y, better, worse


def measured(name: str, y: Array, score: Array, cut: float) -> float:
    """Return the metric of a ranking."""
    if name == "f1":
        return registry.metric(name)(y, (score >= cut).astype(np.int64))
    return registry.metric(name)(y, np.column_stack([-score, score]))


def main() -> None:
    """Print the mean score and difference of every design, beside the truth."""
    rng = np.random.default_rng(0)
    y, *both = scores(rng, 20_000, round(20_000 * (1 - RATE) / RATE))
    cuts = [max(np.quantile(s, np.linspace(0.8, 0.99, 40)), key=lambda c, s=s: measured("f1", y, s, c)) for s in both]
    truth = {
        name: [measured(name, y, s, c) for s, c in zip(both, cuts, strict=True)] for name in ("average_precision", "f1")
    }
    for positives in (20, 40, 80):
        for name, (best, other) in truth.items():
            print(f"{positives} positives, {name}: truth {best:.3f}, difference {best - other:.3f}")
            found: dict[tuple[int, int], list[tuple[float, float]]] = {design: [] for design in DESIGNS}
            for run in range(RUNS):
                y, *both = scores(rng, positives, round(positives * (1 - RATE) / RATE))
                for count, repeats in DESIGNS:
                    tests = [test for r in range(repeats) for _, test in folds.outer(y, 2, count, 1000 * run + r)]
                    of = [
                        np.mean([measured(name, y[t], s[t], c) for t in tests]) for s, c in zip(both, cuts, strict=True)
                    ]
                    found[count, repeats].append((float(of[0]), float(of[0] - of[1])))
            for (count, repeats), values in found.items():
                level, gap = np.mean(values, axis=0)
                noise, each = np.std(values, axis=0)[1], positives / count
                print(f"  {count:2d} folds x {repeats}, {each:4.1f} each: {level:.3f}, {gap:.3f} ± {noise:.3f}")


if __name__ == "__main__":
    main()

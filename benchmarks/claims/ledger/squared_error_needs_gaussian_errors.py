"""Squared error is only right if errors are Gaussian.

Said because it is the likelihood of a Gaussian.

Shown false if its minimiser is the mean of distributions that are not Gaussian.
"""

from collections.abc import Sequence

import torch
from sklearn import datasets

import lossmith
from benchmarks.claims import sets
from benchmarks.claims.claim import Claim, Figure, Rule, exact
from lossmith.experiment import Subject, minimiser


def measure() -> Sequence[Figure]:
    """Find the minimiser for real targets that are far from Gaussian; compare with their mean."""
    card = lossmith.catalogue()["squared_error_loss"]
    subject = Subject(card.module.function, card.inputs)
    targets = {
        "errors have a long tail (bikes rented an hour)": sets.bikes().y.double(),
        "the target is 0 or 1 (breast cancer)": sets.breast_cancer().y.double(),
        "the target is cut at the top (housing)": sets.housing().y.double(),
        "the target has several modes (a pixel of digits)": torch.tensor(datasets.load_digits().data[:, 20]),
    }
    return [_figure(situation, subject, y) for situation, y in targets.items()]


def _figure(situation: str, subject: Subject, y: torch.Tensor) -> Figure:
    best = float(minimiser(subject, y, torch.full_like(y, 1.0 / len(y))))
    skew = float(((y - y.mean()) / y.std()).pow(3).mean())
    return exact(situation, abs(best - float(y.mean())) / float(y.std()), f"skewness {skew:.1f}")


CLAIM = Claim(
    measure,
    effect="distance of squared error's minimiser from the mean, in standard deviations",
    rule=Rule(low=1e-3),
    instead="Squared error aims at the mean whatever the distribution. Gaussian errors make it the most efficient way "
    "there, and make an interval of two standard deviations mean 95 %; neither is needed for the aim.",
)

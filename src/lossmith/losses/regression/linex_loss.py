"""Exponential on one side, linear on the other: one way of being wrong is dear.

Reach for it when too high is ruinous and too low only costs in proportion (or the reverse): dams, dosages, reserves.
Avoid it on a target that is not scaled: it is the product of asymmetry and error that matters, and beyond about 5 one
row outweighs the rest. A pinball or expectile loss prices the two sides without an exponential.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import MEAN, Card, Fails, Functional, Holds, Interval, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real

TANGENT_FROM = 50.0
"""Product of asymmetry and error from which the loss goes on as its tangent."""
SERIES = 0.1
"""Below this product eᵗ − 1 − t would cancel, and its series is used."""


def linex_loss(
    input: Float[Tensor, "..."], target: Float[Tensor, "..."], *, asymmetry: float = 1.0
) -> Float[Tensor, "..."]:
    """Linex loss of each element.

    Args:
        input: predictions.
        target: what should have been predicted, same shape and unit.
        asymmetry: above 0 a prediction that is too high costs exponentially, below 0 one that is too low; per unit of
            the target. At 0 it is half the squared error.

    Returns:
        (eᵗ − 1 − t)/a² with r = input − target, a the asymmetry and t = a·r: about ½r² for small t; from 0 up. From
        t = 50 on it goes on as its tangent, so that it stays finite and convex with a gradient.

    Raises:
        ValueError: shapes differ.

    Source:
        Varian (1975); Zellner (1986).

    Example:
        >>> linex_loss(torch.tensor([2.0, -2.0]), torch.tensor([0.0, 0.0]))
        tensor([4.3891, 1.1353])
    """
    expect.same_shape(input=input, target=target)
    error = input - target
    t = asymmetry * error
    near = t.abs() < SERIES
    # Each form is fed a harmless number where it is not used, so that no gradient is 0 times inf.
    small = torch.where(near, t, torch.zeros_like(t))
    far = torch.where(near, torch.ones_like(t), t)
    exact = far.clamp(max=TANGENT_FROM)
    beyond = torch.relu(far - TANGENT_FROM) * math.expm1(TANGENT_FROM)
    share = _series(small) * error.square()
    return torch.where(near, share, (torch.expm1(exact) - exact + beyond) / max(asymmetry**2, 1e-300))


def _series(t: Tensor) -> Tensor:
    """Return (eᵗ − 1 − t)/t² for small t: ½ + t/6 + t²/24 + …."""
    value = torch.ones_like(t)
    for k in range(9, 2, -1):
        value = 1.0 + t / k * value
    return 0.5 * value


class LinexLoss(Criterion):
    """`linex_loss`, masked, weighted and reduced."""

    function = staticmethod(linex_loss)


CARD = Card(
    module=LinexLoss,
    unit="element",
    inputs={"input": Real(), "target": Real()},
    formula=r"\frac{e^{a r} - a r - 1}{a^2}",
    elicits=lambda asymmetry: MEAN if asymmetry == 0.0 else Functional("exponential_mean", asymmetry),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Fails(at={"asymmetry": 1.0}, note="the second derivative is e^(a·r)"),
        "bounded_gradient": Fails(at={"asymmetry": 0.003}, note="only the tangent bounds it, by e^50/|a|"),
        "gradient_growth": Fails(
            at={"asymmetry": 0.003}, note="exponential on the dear side up to a·r = 50; at most 1/|a| on the other"
        ),
        "symmetric": Fails(at={"asymmetry": 1.0}, note="that is its purpose"),
        "proper": Fails(at={"asymmetry": 1.0}, note="strictly consistent for -log(mean of e^(-a·y))/a"),
        "classification_calibrated": Fails(at={"asymmetry": 1.0}, note="on targets of -1 and 1 it cuts off the middle"),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="up to where the tangent begins"),
    },
    parameters={"asymmetry": Interval(-math.inf, math.inf, low_open=True, high_open=True)},
    search={"asymmetry": Interval(-2.0, 2.0)},
    also_known_as=("linear-exponential loss",),
    references=(
        Reference("Varian", "A Bayesian approach to real estate assessment", 1975, "Studies in Bayesian Econometrics"),
        Reference(
            "Zellner", "Bayesian estimation and prediction using asymmetric loss functions", 1986, "JASA 81(394)"
        ),
    ),
    mistakes=(
        "Zellner's error is estimate minus truth, others' truth minus estimate: check the sign on one example.",
        "A change of the target's unit changes the asymmetry: standardise first.",
    ),
    relatives={
        "squared_error_loss": "twice this one at asymmetry 0",
        "expectile_loss": "both sides quadratic, at different prices",
        "pinball_loss": "both sides linear, at different prices",
    },
)

"""Absolute error beyond a tolerance: what is within it costs nothing.

Reach for it when errors up to a known size do not matter (rounding, measuring tolerance), or to fit as support vector
regression does.
Avoid it when the errors' size is unknown: too wide a tolerance leaves most rows without a gradient, and every
prediction within it is as good as any other.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import MEDIAN, NON_NEGATIVE, Card, Equivalent, Fails, Functional, Holds, Interval, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real


def epsilon_insensitive_loss(
    input: Float[Tensor, "..."], target: Float[Tensor, "..."], *, epsilon: float = 0.1
) -> Float[Tensor, "..."]:
    """Absolute error of each element, less what is tolerated.

    Args:
        input: predictions.
        target: what should have been predicted, same shape and unit.
        epsilon: error, in the target's unit, that costs nothing; from 0 up, where 0 gives the absolute error.

    Returns:
        max(|r| − epsilon, 0) with r = input − target; from 0 up. At |r| = epsilon the subgradient is 0.

    Raises:
        ValueError: shapes differ.

    Source:
        Vapnik (1995), chapter 6.

    Example:
        >>> epsilon_insensitive_loss(torch.tensor([0.5, -4.0]), torch.tensor([0.0, 0.0]), epsilon=1.0)
        tensor([0., 3.])
    """
    expect.same_shape(input=input, target=target)
    return torch.relu((input - target).abs() - epsilon)


class EpsilonInsensitiveLoss(Criterion):
    """`epsilon_insensitive_loss`, masked, weighted and reduced."""

    function = staticmethod(epsilon_insensitive_loss)


CARD = Card(
    module=EpsilonInsensitiveLoss,
    unit="element",
    inputs={"input": Real(), "target": Real()},
    formula=r"\max(|r| - \varepsilon,\ 0)",
    elicits=lambda epsilon: MEDIAN if epsilon == 0.0 else Functional("centre_within_tolerance", epsilon),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(),
        "convex": Holds(),
        "differentiable": Fails(at={"epsilon": 0.5}, note="kinks where the error is epsilon"),
        "smooth": Fails(at={"epsilon": 0.5}, note="the gradient jumps from 0 to 1 at epsilon"),
        "bounded_gradient": Holds(note="by 1"),
        "gradient_growth": Holds("constant"),
        "symmetric": Holds(),
        "proper": Fails(at={"epsilon": 2.0}, note="the tolerance moves the minimiser, or leaves several"),
        "classification_calibrated": Fails(
            at={"epsilon": 1.5}, note="from a tolerance of 1 on, 0 is as good an answer to -1 and 1 as any"
        ),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="away from the kinks, where the second derivative is 0"),
    },
    parameters={"epsilon": NON_NEGATIVE},
    search={"epsilon": Interval(0.01, 3.0, log=True)},
    also_known_as=("svr loss", "tube loss"),
    references=(Reference("Vapnik", "The Nature of Statistical Learning Theory", 1995, "Springer"),),
    equivalents=(
        Equivalent("scikit-learn", "linear_model.SGDRegressor(loss='epsilon_insensitive')"),
        Equivalent("scikit-learn", "svm.SVR", "plus a penalty; C weighs the sum of losses"),
    ),
    mistakes=(
        "epsilon is in the target's unit: on a standardised target divide it by the standard deviation.",
        "A loss of 0 is not a perfect fit: watch the absolute error beside it.",
    ),
    relatives={
        "absolute_error_loss": "the same at epsilon 0",
        "squared_epsilon_insensitive_loss": "its square: smooth at the tolerance's edge, and not robust",
        "huber_loss": "quadratic near the target instead of flat",
    },
)

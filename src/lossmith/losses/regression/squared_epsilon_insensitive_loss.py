"""Squared error beyond a tolerance: nothing within it, and no kink at its edge.

Reach for it when errors up to a known size do not matter and those beyond should weigh more the larger they are.
Avoid it with outliers: the gradient grows with the error, as the squared error's does.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import MEAN, NON_NEGATIVE, Card, Equivalent, Fails, Functional, Holds, Interval, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real


def squared_epsilon_insensitive_loss(
    input: Float[Tensor, "..."], target: Float[Tensor, "..."], *, epsilon: float = 0.1
) -> Float[Tensor, "..."]:
    """Square of each element's error beyond what is tolerated.

    Args:
        input: predictions.
        target: what should have been predicted, same shape and unit.
        epsilon: error, in the target's unit, that costs nothing; from 0 up, where 0 gives the squared error.

    Returns:
        max(|r| − epsilon, 0)² with r = input − target; from 0 up.

    Raises:
        ValueError: shapes differ.

    Source:
        Vapnik (1995), chapter 6.

    Example:
        >>> squared_epsilon_insensitive_loss(torch.tensor([0.5, -4.0]), torch.tensor([0.0, 0.0]), epsilon=1.0)
        tensor([0., 9.])
    """
    expect.same_shape(input=input, target=target)
    return torch.relu((input - target).abs() - epsilon).square()


class SquaredEpsilonInsensitiveLoss(Criterion):
    """`squared_epsilon_insensitive_loss`, masked, weighted and reduced."""

    function = staticmethod(squared_epsilon_insensitive_loss)


CARD = Card(
    module=SquaredEpsilonInsensitiveLoss,
    unit="element",
    inputs={"input": Real(), "target": Real()},
    formula=r"\max(|r| - \varepsilon,\ 0)^2",
    elicits=lambda epsilon: MEAN if epsilon == 0.0 else Functional("mean_beyond_tolerance", epsilon),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Holds(note="the gradient has slope at most 2"),
        "bounded_gradient": Fails(at={"epsilon": 0.5}, note="it is twice the error beyond the tolerance"),
        "gradient_growth": Holds("linear"),
        "symmetric": Holds(),
        "proper": Fails(at={"epsilon": 2.0}, note="the tolerance moves the minimiser, or leaves several"),
        "classification_calibrated": Fails(
            at={"epsilon": 1.5}, note="from a tolerance of 1 on, 0 is as good an answer to -1 and 1 as any"
        ),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="except at |r| = epsilon, where the second derivative jumps"),
    },
    parameters={"epsilon": NON_NEGATIVE},
    search={"epsilon": Interval(0.01, 3.0, log=True)},
    references=(Reference("Vapnik", "The Nature of Statistical Learning Theory", 1995, "Springer"),),
    equivalents=(Equivalent("scikit-learn", "linear_model.SGDRegressor(loss='squared_epsilon_insensitive')"),),
    mistakes=("epsilon is in the target's unit: on a standardised target divide it by the standard deviation.",),
    relatives={
        "squared_error_loss": "the same at epsilon 0",
        "epsilon_insensitive_loss": "not squared: bounded gradient, with a kink at the tolerance",
    },
)

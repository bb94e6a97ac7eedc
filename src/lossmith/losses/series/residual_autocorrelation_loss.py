"""Squared correlation of each error with the one before: leave only noise.

Reach for it as a small addition where errors are known to drag on, or keep swinging back.
Avoid it alone (large white noise costs nothing), and on short series: the correlation of a few steps is mostly chance.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NOTHING, POSITIVE, Card, Fails, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real


def residual_autocorrelation_loss(
    input: Float[Tensor, "n t"], target: Float[Tensor, "n t"], *, floor: float = 0.01
) -> Float[Tensor, "n"]:
    """Squared lag-1 autocorrelation of the errors of each series.

    Args:
        input: predicted series, one per row, evenly spaced in time.
        target: observed series, same shape and unit.
        floor: mean squared error below which errors count as none, in squared units of the series; above 0.

    Returns:
        ρ², where ρ = Σe_t·e_{t−1} / (Σe_t² + t·floor) and e = input − target; from 0, below 1. No mean is taken off: a
        bias is an error that drags on. Without the floor, and apart from the ends, ρ = 1 − d/2 with d of Durbin and
        Watson.

    Raises:
        ValueError: shapes differ, or not rows of two steps or more.

    Source:
        Durbin and Watson (1950), for the statistic; as a loss without a source.

    Example:
        >>> errors = torch.tensor([[1.0, 1.0, 1.0, 1.0], [1.0, -1.0, 1.0, -1.0], [1.0, 1.0, -1.0, -1.0]])
        >>> residual_autocorrelation_loss(errors, torch.zeros(3, 4))
        tensor([0.5514, 0.5514, 0.0613])
    """
    expect.series(2, input=input, target=target)
    error = input - target
    together: Tensor = torch.linalg.vecdot(error[:, 1:], error[:, :-1])
    return (together / (error.square() + floor).sum(-1)).square()


class ResidualAutocorrelationLoss(Criterion):
    """`residual_autocorrelation_loss`, masked, weighted and reduced.

    A mask leaves out series.
    """

    function = staticmethod(residual_autocorrelation_loss)


CARD = Card(
    module=ResidualAutocorrelationLoss,
    unit="example",
    inputs={"input": Real("n t"), "target": Real("n t")},
    formula=r"\left(\frac{\sum_t e_t e_{t-1}}{\sum_t e_t^2 + T f}\right)^2",
    elicits=NOTHING,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(note="and wherever errors do not follow one another"),
        "convex": Fails(),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(note="of the size of 1 over the root of the floor"),
        "gradient_growth": Holds("vanishing"),
        "symmetric": Holds(),
        "proper": Fails(note="it has many minimisers, most of them far from the mean"),
        "classification_calibrated": NotApplicable("its target is a whole series"),
        "monotone": Fails(note="a larger error of the other sign breaks the correlation"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"floor": POSITIVE},
    also_known_as=("Durbin-Watson loss", "whiteness penalty"),
    references=(
        Reference(
            "Durbin and Watson",
            "Testing for serial correlation in least squares regression: I",
            1950,
            "Biometrika 37(3/4), 409-428",
        ),
    ),
    mistakes=(
        "Using it alone: it does not see how large the errors are, so add it to a loss that does.",
        "Setting the floor in the wrong unit: it is a squared error, about a hundredth of the one you expect.",
        "Putting different series one behind another in a row: the seam counts as a step.",
        "Reading a high value as a bug in the loss: it says that the model misses something that persists, as a trend.",
    ),
    relatives={
        "difference_matching_loss": "errors that change little, rather than errors that do not follow one another",
        "squared_error_loss": "the size of the errors, whatever their order",
    },
)

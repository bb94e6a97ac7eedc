"""Squared error that counts a target for more the rarer it was in training.

Reach for it when rare, extreme targets matter more than their number says (floods, peaks, outbreaks).
Avoid it when the mean is wanted: it predicts too far towards the rare side everywhere, on purpose. The density is that
of the training targets, handed in and kept with the module: weights from each batch's own targets would change from
batch to batch, and not be there at test time.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NON_NEGATIVE, Card, Equivalent, Fails, Functional, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Increasing, NonNegative, Real

LEAST = 1e-3
"""Weight, before averaging, that even the commonest target keeps."""


def tail_weighted_loss(
    input: Float[Tensor, "..."],
    target: Float[Tensor, "..."],
    *,
    grid: Float[Tensor, "q"],
    density: Float[Tensor, "q"],
    alpha: float = 1.0,
) -> Float[Tensor, "..."]:
    """Squared error of each element, weighted by how rare its target is.

    Args:
        input: predictions.
        target: what should have been predicted, same shape and unit.
        grid: values of the target in increasing order, at least two.
        density: how densely training targets lie at each of them, from 0 up, in any unit; between them straight lines,
            beyond the ends as at the ends. `TailWeightedLoss.of` estimates both.
        alpha: how much rarity counts: 0 is the squared error, at 1 the commonest target counts least (next to nothing).

    Returns:
        w·r² with r = input − target and w = max(1 − alpha·p, 0.001), p the density at the target scaled to reach from 0
        to 1, over the mean of w under that density; from 0 up. Weights are bounded, unlike those of an inverse density.

    Raises:
        ValueError: shapes differ.

    Source:
        Steininger et al. (2021), DenseWeight.

    Example:
        >>> grid, density = torch.tensor([0.0, 1.0, 2.0]), torch.tensor([2.0, 1.0, 0.0])
        >>> x, y = torch.tensor([1.0, 1.0]), torch.tensor([0.0, 2.0])
        >>> tail_weighted_loss(x, y, grid=grid, density=density, alpha=0.5)
        tensor([0.8000, 1.6000])
    """
    expect.same_shape(input=input, target=target)
    expect.same_shape(grid=grid, density=density)
    grid, density = grid.to(target.dtype), density.to(target.dtype)
    above_least = density - density.min()
    share = above_least / torch.where(above_least.max() > 0, above_least.max(), torch.ones_like(density[0]))
    weight = (1.0 - alpha * share).clamp(min=LEAST)
    return _between(target, grid, weight) / _mean(weight, grid, density) * (input - target).square()


def _between(target: Tensor, grid: Tensor, values: Tensor) -> Tensor:
    """Interpolate linearly, flat beyond the ends."""
    right = torch.searchsorted(grid, target.detach().contiguous()).clamp(1, grid.shape[0] - 1)
    low, high = grid[right - 1], grid[right]
    width = high - low
    share = ((target - low) / torch.where(width > 0, width, torch.ones_like(width))).clamp(0.0, 1.0)
    return values[right - 1] + share * (values[right] - values[right - 1])


def _mean(weight: Tensor, grid: Tensor, density: Tensor) -> Tensor:
    """Average the weight over the density; 1 where there is none."""
    whole = torch.trapezoid(density, grid)
    return torch.where(whole > 0, torch.trapezoid(weight * density, grid) / torch.where(whole > 0, whole, 1.0), 1.0)


class TailWeightedLoss(Criterion):
    """`tail_weighted_loss`, masked, weighted and reduced."""

    function = staticmethod(tail_weighted_loss)

    @classmethod
    def of(cls, target: Float[Tensor, "n"], *, alpha: float = 1.0, points: int = 256) -> "TailWeightedLoss":
        """Build the loss from the training targets.

        Their density is estimated with Gaussian kernels of Silverman's bandwidth.

        Raises:
            ValueError: fewer than two different targets.
        """
        values = target.detach().double().flatten()
        if values.numel() < 2 or values.std() == 0:
            raise ValueError("`target` should hold at least two different values. Found one. Try the squared error.")
        quartiles = values.quantile(values.new_tensor([0.25, 0.75]))
        spread = (quartiles[1] - quartiles[0]) / 1.349
        width = 0.9 * torch.where(spread > 0, torch.minimum(values.std(), spread), values.std()) * len(values) ** -0.2
        grid = torch.linspace(float(values.min()), float(values.max()), points, dtype=values.dtype)
        density = torch.stack([torch.exp(-0.5 * ((values - at) / width).square()).mean() for at in grid])
        return cls(grid=grid.float(), density=density.float(), alpha=alpha)


EXAMPLE = {"grid": (-3.0, 0.0, 3.0), "density": (0.0, 2.0, 1.0)}
CARD = Card(
    module=TailWeightedLoss,
    unit="element",
    inputs={"input": Real(), "target": Real()},
    formula=r"\frac{\max(1 - \alpha\,p(y),\ 10^{-3})}{\mathrm{E}\,\max(1 - \alpha\,p(Y),\ 10^{-3})}\,(x - y)^2",
    elicits=Functional("mean_weighted_by_rarity"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Holds(note="the gradient has slope 2w"),
        "bounded_gradient": Fails(at=EXAMPLE, note="it is 2w times the error"),
        "gradient_growth": Holds("linear"),
        "symmetric": Fails(at=EXAMPLE, note="only the target weighs"),
        "proper": Fails(at=EXAMPLE, note="the minimiser is the mean weighted by rarity: E[wY]/E[w]"),
        "classification_calibrated": NotApplicable("the weights are of amounts, not of classes"),
        "monotone": Holds(),
        "sample_independent": Holds(note="the density is fixed"),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"grid": Increasing("q"), "density": NonNegative("q"), "alpha": NON_NEGATIVE},
    search={"alpha": Interval(0.0, 2.0)},
    also_known_as=("denseweight loss", "density-weighted squared error"),
    references=(
        Reference(
            "Steininger, Kobs, Davidson, Krause and Hotho", "Density-based weighting for imbalanced regression", 2021
        ),
        Reference("Yang et al.", "Delving into deep imbalanced regression", 2021, "ICML; arXiv:2102.09554"),
    ),
    equivalents=(Equivalent("denseweight", "DenseWeight", "weights only: multiply your own loss by them"),),
    mistakes=(
        "Weights of one over the density have no bound, and one odd row takes over: keep them bounded, as here.",
        "A density of all rows, test rows included, leaks the test targets: estimate it on the training rows.",
    ),
    relatives={
        "squared_error_loss": "the same at alpha 0",
        "expectile_loss": "prices too low and too high differently, at every target alike",
        "class_weighted_cross_entropy_loss": "the same idea for classes",
    },
)

"""Cross-entropy whose logits are shrunk and shifted by how common a class is.

Reach for it when classes are long-tailed and the network fits all training rows: a shift no longer moves the boundary
then, a factor still does.
Avoid it when the deployed shares are those of the training data and plain accuracy counts, and where probabilities are
read off.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import (
    CLASS_PROBABILITIES,
    NON_NEGATIVE,
    Card,
    Fails,
    Functional,
    Holds,
    Interval,
    NotApplicable,
    Reference,
)
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Logits, Positive


def vector_scaling_loss(
    input: Float[Tensor, "n c"],
    target: Int[Tensor, "n"],
    *,
    class_counts: Float[Tensor, "c"],
    gamma: float = 0.3,
    tau: float = 1.0,
) -> Float[Tensor, "n"]:
    """Vector-scaling loss of each example.

    Args:
        input: logits, one row per example, one column per class. Predict with these as they are.
        target: index of the true class, 0 … c−1.
        class_counts: examples of each class in the training data, above 0; shares do as well, for only ratios matter.
        gamma: strength of the factor; 0 leaves logit adjustment.
        tau: strength of the shift; 0 leaves the factor alone.

    Returns:
        −log softmax(Δ·input + tau·log share)[target], in nats, with Δ_k = (count_k/largest count)^gamma; from 0 up.

    Raises:
        ValueError: shapes are not (n, c), (n,) and (c,).
        TypeError: `target` is not an integer tensor.

    Source:
        Kini et al. (2021), without the weights ω.

    Example:
        >>> counts = torch.tensor([9.0, 1.0])
        >>> logits = torch.tensor([[1.0, 1.0], [1.0, 1.0]])
        >>> vector_scaling_loss(logits, torch.tensor([0, 1]), class_counts=counts, gamma=0.5)
        tensor([0.0555, 2.9194])
    """
    expect.class_scores(input, target)
    expect.one_per_class("class_counts", class_counts, input)
    factor = ((class_counts / class_counts.max()) ** gamma).to(input.dtype)
    shift = (tau * (class_counts / class_counts.sum()).log()).to(input.dtype)
    return torch.nn.functional.cross_entropy(factor * input + shift, target, reduction="none")


class VectorScalingLoss(Criterion):
    """`vector_scaling_loss`, masked, weighted and reduced."""

    function = staticmethod(vector_scaling_loss)


_UNEVEN = {"class_counts": (1000.0, 100.0, 10.0)}

CARD = Card(
    module=VectorScalingLoss,
    unit="example",
    inputs={"input": Logits("n c"), "target": ClassIndex("n")},
    formula=r"-\log \frac{e^{\Delta_y x_y + \iota_y}}{\sum_k e^{\Delta_k x_k + \iota_k}},"
    r"\quad \Delta_k = (n_k / n_{\max})^\gamma,\ \iota_k = \tau \log \pi_k",
    elicits=lambda class_counts, gamma, tau: (
        CLASS_PROBABILITIES if gamma == 0 and tau == 0 else Functional("scaled_and_shifted_class_scores")
    ),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(at=_UNEVEN, note="approached, never reached at finite logits"),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Holds(note="the gradient has slope at most 1/2"),
        "bounded_gradient": Holds(note="each entry lies in [-1, 1]"),
        "gradient_growth": Holds("constant"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(at=_UNEVEN, note="factor and shift move the minimiser"),
        "classification_calibrated": Fails(at=_UNEVEN, note="a rare class wins below even odds"),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"class_counts": Positive("c"), "gamma": NON_NEGATIVE, "tau": NON_NEGATIVE},
    search={"gamma": Interval(0.0, 0.5), "tau": Interval(0.0, 2.0)},
    also_known_as=("vs loss",),
    references=(
        Reference(
            "Kini et al.",
            "Label-imbalanced and group-sensitive classification under overparameterization",
            2021,
            "arXiv:2103.01550",
        ),
    ),
    mistakes=(
        "Scaling or shifting at prediction time too: both belong to training, predict with the logits as they are.",
        "The factor the wrong way round: a rare class's logit is shrunk in training, so that it must come out larger.",
        "A large gamma with counts far apart: the rarest class's gradient is multiplied by (count/largest)^gamma.",
    ),
    relatives={
        "logit_adjusted_cross_entropy_loss": "what it is at gamma 0: the shift alone",
        "ldam_loss": "margins by count, on the true class only",
        "class_weighted_cross_entropy_loss": "the weights ω that may be put in front",
    },
)

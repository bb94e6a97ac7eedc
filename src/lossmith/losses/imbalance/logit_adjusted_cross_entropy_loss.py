"""Cross-entropy with log class frequencies added to the logits, for long tails.

The network then need not learn the frequencies.

Reach for it when classes are long-tailed and the metric treats them alike (balanced accuracy, macro recall).
Avoid it when deployment has the training frequencies and plain accuracy counts: it gives up some on purpose.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import (
    CLASS_PROBABILITIES,
    NON_NEGATIVE,
    WEIGHTED_PROBABILITIES,
    Card,
    Fails,
    Holds,
    Interval,
    NotApplicable,
    Reference,
)
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Logits, Positive


def logit_adjusted_cross_entropy_loss(
    input: Float[Tensor, "n c"], target: Int[Tensor, "n"], *, class_prior: Float[Tensor, "c"], tau: float = 1.0
) -> Float[Tensor, "n"]:
    """Cross-entropy of each example, its logits shifted by the class frequencies.

    Args:
        input: logits, one row per example, one column per class. Predict with these as they are, unadjusted.
        target: index of the true class, 0 … c−1.
        class_prior: share of each class in the training data, above 0; counts do as well, for only ratios matter.
        tau: strength of the adjustment; 0 is plain cross-entropy, 1 aims at the balanced error.

    Returns:
        −log softmax(input + tau·log class_prior)[target], in nats; from 0 up.

    Raises:
        ValueError: shapes are not (n, c), (n,) and (c,).
        TypeError: `target` is not an integer tensor.

    Source:
        Menon et al. (2021), equation 10. At tau 1 it is the balanced softmax of Ren et al. (2020).

    Example:
        >>> prior = torch.tensor([0.9, 0.1])
        >>> logit_adjusted_cross_entropy_loss(torch.zeros(2, 2), torch.tensor([0, 1]), class_prior=prior)
        tensor([0.1054, 2.3026])
    """
    expect.class_scores(input, target)
    expect.one_per_class("class_prior", class_prior, input)
    adjustment = (tau * class_prior.log()).to(input.dtype)
    return torch.nn.functional.cross_entropy(input + adjustment, target, reduction="none")


class LogitAdjustedCrossEntropyLoss(Criterion):
    """`logit_adjusted_cross_entropy_loss`, masked, weighted and reduced."""

    function = staticmethod(logit_adjusted_cross_entropy_loss)


CARD = Card(
    module=LogitAdjustedCrossEntropyLoss,
    unit="example",
    inputs={"input": Logits("n c"), "target": ClassIndex("n")},
    formula=r"-\log \frac{\pi_y^{\tau} e^{x_y}}{\sum_k \pi_k^{\tau} e^{x_k}}",
    # The minimiser's softmax is proportional to probability over prior^tau.
    elicits=lambda class_prior, tau: CLASS_PROBABILITIES if tau == 0 else WEIGHTED_PROBABILITIES,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(at={"class_prior": (0.7, 0.2, 0.1)}, note="approached, never reached at finite logits"),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Holds(note="the gradient has slope at most 1/2"),
        "bounded_gradient": Holds(note="each entry lies in [-1, 1]"),
        "gradient_growth": Holds("constant"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(at={"class_prior": (0.7, 0.2, 0.1)}, note="the minimiser is the probability over the prior"),
        "classification_calibrated": Fails(
            at={"class_prior": (0.7, 0.2, 0.1)}, note="it is for the class most likely at equal priors"
        ),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"class_prior": Positive("c"), "tau": NON_NEGATIVE},
    search={"tau": Interval(0.0, 2.0)},
    also_known_as=("logit adjustment", "logit adjusted loss", "balanced softmax", "prior correction"),
    references=(
        Reference("Menon et al.", "Long-tail learning via logit adjustment", 2021, "arXiv:2007.07314"),
        Reference("Ren et al.", "Balanced meta-softmax for long-tailed visual recognition", 2020, "arXiv:2007.10740"),
    ),
    mistakes=(
        "Adjusting at prediction time too: the shift belongs to training or, after plain cross-entropy and with a "
        "minus sign, to prediction; never to both.",
        "The sign: log frequencies are added in training, so that a rare class must come out higher to be right.",
        "A class without a single example, whose log share is minus infinity: give it a share above 0.",
        "Batches drawn evenly over the classes with the shares of the whole: the prior must be that of the batches.",
    ),
    relatives={
        "class_weighted_cross_entropy_loss": "weights instead: does nothing once the training rows are separated",
        "ldam_loss": "margins by count, on the true class only",
        "cross_entropy_loss": "what it is at tau 0; dividing its softmax by the prior makes the same decisions",
    },
)

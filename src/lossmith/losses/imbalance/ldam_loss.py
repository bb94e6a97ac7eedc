"""Cross-entropy with a margin for each class: the rarer it is, the wider.

Reach for it when classes are long-tailed and the network fits the training rows anyway: margins then say where between
the classes the boundary lies, which weights no longer do.
Avoid it when probabilities are read off, and with raw logits and the authors' scale: that is made for cosines.

The authors defer re-weighting: the first epochs, until the learning rate falls, train with this loss as it is; the last
ones also weigh each class, by `sample_weight=weight[target]` with the weights of `class_balanced_loss` (beta 0.9999).
Weights from the start make the early features worse.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import (
    CLASS_PROBABILITIES,
    NON_NEGATIVE,
    POSITIVE,
    Card,
    Fails,
    Functional,
    Holds,
    Interval,
    NotApplicable,
    Reference,
)
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Positive, Scores


def ldam_loss(
    input: Float[Tensor, "n c"],
    target: Int[Tensor, "n"],
    *,
    class_counts: Float[Tensor, "c"],
    max_margin: float = 0.5,
    scale: float = 30.0,
) -> Float[Tensor, "n"]:
    """Label-distribution-aware margin loss of each example.

    Args:
        input: scores, one row per example, one column per class. The authors' are cosines between features and class
            vectors, from a last layer with both normalised.
        target: index of the true class, 0 … c−1.
        class_counts: examples of each class in the training data, above 0; shares do as well, for only ratios matter.
        max_margin: margin of the rarest class; another with count n has max_margin·(smallest count/n)^¼.
        scale: factor on the scores, after the margin is taken off; 1 for plain logits.

    Returns:
        −log softmax(scale·(input − margin[target]·e_target))[target], in nats; from 0 up. e_target is 1 at the true
        class, else 0: only the true class's score is lowered.

    Raises:
        ValueError: shapes are not (n, c), (n,) and (c,).
        TypeError: `target` is not an integer tensor.

    Source:
        Cao et al. (2019), equations 12 and 13.

    Example:
        >>> counts = torch.tensor([16.0, 1.0])
        >>> ldam_loss(torch.zeros(2, 2), torch.tensor([0, 1]), class_counts=counts, max_margin=2.0, scale=1.0)
        tensor([1.3133, 2.1269])
    """
    expect.class_scores(input, target)
    expect.one_per_class("class_counts", class_counts, input)
    margin = (max_margin * (class_counts.min() / class_counts) ** 0.25).to(input.dtype)
    truth = torch.arange(input.shape[-1], device=input.device) == target.unsqueeze(-1)
    lowered = torch.where(truth, input - margin, input)
    return torch.nn.functional.cross_entropy(scale * lowered, target, reduction="none")


class LdamLoss(Criterion):
    """`ldam_loss`, masked, weighted and reduced."""

    function = staticmethod(ldam_loss)


_UNEVEN = {"class_counts": (10000.0, 100.0, 1.0), "max_margin": 2.0, "scale": 1.0}

CARD = Card(
    module=LdamLoss,
    unit="example",
    inputs={"input": Scores("n c"), "target": ClassIndex("n")},
    formula=r"-\log \frac{e^{s (x_y - \Delta_y)}}{e^{s (x_y - \Delta_y)} + \sum_{k \ne y} e^{s x_k}},"
    r"\quad \Delta_k = \Delta_{\max} \left(\frac{\min_j n_j}{n_k}\right)^{1/4}",
    elicits=lambda class_counts, max_margin, scale: (
        CLASS_PROBABILITIES if max_margin == 0 and scale == 1 else Functional("class_scores_with_margins")
    ),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(at=_UNEVEN, note="approached, never reached at finite scores"),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Holds(note="the gradient has slope at most scale²/2"),
        "bounded_gradient": Holds(note="each entry by the scale"),
        "gradient_growth": Holds("constant"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(at=_UNEVEN, note="margins and scale move the minimiser"),
        "classification_calibrated": Fails(at=_UNEVEN, note="a rare class wins below even odds"),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"class_counts": Positive("c"), "max_margin": NON_NEGATIVE, "scale": POSITIVE},
    search={"max_margin": Interval(0.1, 1.0), "scale": Interval(1.0, 60.0, log=True)},
    also_known_as=("label-distribution-aware margin loss", "ldam-drw"),
    references=(
        Reference(
            "Cao et al.",
            "Learning imbalanced datasets with label-distribution-aware margin loss",
            2019,
            "arXiv:1906.07413",
        ),
    ),
    mistakes=(
        "Weighting the classes from the first epoch: the authors do so in the last epochs only, by sample_weight.",
        "A plain linear layer with scale 30: a score of 3 becomes a logit of 90; normalise features and class vectors, "
        "or set scale to 1.",
        "Lowering the score at prediction time too: margins belong to training, predict with the scores as they are.",
    ),
    relatives={
        "logit_adjusted_cross_entropy_loss": "moves all logits by log frequencies: has a closed-form minimiser",
        "class_balanced_loss": "weights instead of margins; the weights of the deferred stage",
        "multiclass_hinge_loss": "one margin for all, and a hinge in place of the softmax",
    },
)

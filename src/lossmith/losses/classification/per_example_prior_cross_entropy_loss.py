"""Cross-entropy, and a price for each prediction far from prior shares.

Reach for it when a network grows over-confident, or when a prediction without evidence should fall back on known
shares; with even shares it is the confidence penalty.
Avoid it when only the average should match the shares: `batch_prior_cross_entropy_loss` leaves single predictions free.
Avoid it when probabilities are read off: they are pulled to the prior.
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


def per_example_prior_cross_entropy_loss(
    input: Float[Tensor, "n c"], target: Int[Tensor, "n"], *, class_prior: Float[Tensor, "c"], strength: float = 0.1
) -> Float[Tensor, "n"]:
    """Cross-entropy of each example plus its divergence from a prior.

    Args:
        input: logits, one row per example, one column per class.
        target: index of the true class, 0 … c−1.
        class_prior: share of each class, above 0; counts do as well, for only ratios matter.
        strength: price of the divergence, the λ of CE + λ·KL; 0 is cross-entropy.

    Returns:
        −log p[target] + strength·KL(p || prior), in nats, where p = softmax(input) and KL(p || prior) is
        Σ_k p_k·log(p_k/prior_k); from 0 up. The other direction, KL(prior || p), is label smoothing towards the prior.

    Raises:
        ValueError: shapes are not (n, c), (n,) and (c,).
        TypeError: `target` is not an integer tensor.

    Source:
        Pereyra et al. (2017), who have an even prior and so −strength·entropy, up to a constant.

    Example:
        >>> prior = torch.tensor([0.5, 0.5])
        >>> scores, labels = torch.tensor([[0.0, 0.0], [1.0986, 0.0]]), torch.tensor([0, 0])
        >>> per_example_prior_cross_entropy_loss(scores, labels, class_prior=prior, strength=1.0)
        tensor([0.6931, 0.4185])
    """
    expect.class_scores(input, target)
    expect.one_per_class("class_prior", class_prior, input)
    log_p = input.log_softmax(-1)
    log_prior = (class_prior / class_prior.sum()).log().to(input.dtype)
    divergence = (log_p.exp() * (log_p - log_prior)).sum(-1)
    return torch.nn.functional.cross_entropy(input, target, reduction="none") + strength * divergence


class PerExamplePriorCrossEntropyLoss(Criterion):
    """`per_example_prior_cross_entropy_loss`, masked, weighted and reduced."""

    function = staticmethod(per_example_prior_cross_entropy_loss)


_STRONG = {"class_prior": (0.8, 0.1, 0.1), "strength": 1.0}

CARD = Card(
    module=PerExamplePriorCrossEntropyLoss,
    unit="example",
    inputs={"input": Logits("n c"), "target": ClassIndex("n")},
    formula=r"-\log p_y + \lambda \sum_k p_k \log \frac{p_k}{\pi_k},\quad p = \mathrm{softmax}(x)",
    elicits=lambda class_prior, strength: (
        CLASS_PROBABILITIES if strength == 0 else Functional("class_probabilities_pulled_to_a_prior")
    ),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(at=_STRONG, note="being sure is punished"),
        "convex": Fails(at=_STRONG, note="the divergence is convex in the probabilities, not in the logits"),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(),
        "gradient_growth": Holds("constant", note="the divergence's pull vanishes where the softmax is sure"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(at=_STRONG, note="the minimiser lies between the truth and the prior"),
        "classification_calibrated": Fails(at=_STRONG, note="it is with an even prior"),
        "monotone": Fails(at=_STRONG, note="past its best margin, a surer right answer costs more"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"class_prior": Positive("c"), "strength": NON_NEGATIVE},
    search={"strength": Interval(0.0, 1.0)},
    also_known_as=("confidence penalty", "cross-entropy with kl to a prior", "entropy regularised cross-entropy"),
    references=(
        Reference(
            "Pereyra et al.",
            "Regularizing neural networks by penalizing confident output distributions",
            2017,
            "arXiv:1701.06548",
        ),
    ),
    mistakes=(
        "Reading 'KL to the prior' as one loss: of each prediction it makes every one unsure, of the batch's mean it "
        "only fixes the shares; for the second use batch_prior_cross_entropy_loss.",
        "Turning the divergence round: KL(prior || p) grows without end as the network gets sure and is label "
        "smoothing; KL(p || prior), which is meant here, is at most log(1/smallest share).",
        "Adding the entropy with a plus: what is punished is low entropy, so its sign is minus.",
    ),
    relatives={
        "batch_prior_cross_entropy_loss": "the divergence of the batch's mean prediction instead of each one's",
        "label_smoothing_cross_entropy_loss": "the divergence the other way round, from an even prior",
        "logit_adjusted_cross_entropy_loss": "takes known shares out of the prediction rather than pulling it to them",
    },
)

"""Cross-entropy, and a price for a mean prediction far from prior shares.

Reach for it when labels are noisy or few and the shares of the classes are known: predictions may each be sure, but
together they should come to the shares. It keeps a network from giving every example to one class.
Avoid it with batches too small to show the shares, or drawn to have other ones. For single predictions that should be
unsure there is `per_example_prior_cross_entropy_loss`.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import NON_NEGATIVE, NOTHING, Card, Fails, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Logits, Positive


def batch_prior_cross_entropy_loss(
    input: Float[Tensor, "n c"], target: Int[Tensor, "n"], *, class_prior: Float[Tensor, "c"], strength: float = 1.0
) -> Float[Tensor, ""]:
    """Mean cross-entropy plus the divergence of the mean prediction from a prior.

    Args:
        input: logits, one row per example, one column per class.
        target: index of the true class, 0 … c−1.
        class_prior: share of each class, above 0; counts do as well, for only ratios matter.
        strength: price of the divergence, the λ of CE + λ·KL; 0 is cross-entropy.

    Returns:
        mean_i(−log p_i[target_i]) + strength·KL(m || prior), in nats, where p_i = softmax(input_i), m is the mean of
        the p_i over the batch and KL(m || prior) is Σ_k m_k·log(m_k/prior_k); from 0 up. One number for the batch, 0
        where it is empty.

    Raises:
        ValueError: shapes are not (n, c), (n,) and (c,).
        TypeError: `target` is not an integer tensor.

    Source:
        Tanaka et al. (2018), equation 5, with the divergence the other way round: theirs is KL(prior || m).

    Example:
        >>> prior = torch.tensor([0.5, 0.5])
        >>> scores, labels = torch.tensor([[1.0986, 0.0], [0.0, 1.0986]]), torch.tensor([0, 1])
        >>> batch_prior_cross_entropy_loss(scores, labels, class_prior=prior)
        tensor(0.2877)
    """
    expect.class_scores(input, target)
    expect.one_per_class("class_prior", class_prior, input)
    if input.shape[0] == 0:
        return input.sum()
    log_mean = input.log_softmax(-1).logsumexp(0) - torch.log(torch.full_like(input[0, 0], input.shape[0]))
    log_prior = (class_prior / class_prior.sum()).log().to(input.dtype)
    divergence = (log_mean.exp() * (log_mean - log_prior)).sum()
    return torch.nn.functional.cross_entropy(input, target) + strength * divergence


class BatchPriorCrossEntropyLoss(Criterion):
    """`batch_prior_cross_entropy_loss`, of the whole batch."""

    function = staticmethod(batch_prior_cross_entropy_loss)


_STRONG = {"class_prior": (0.8, 0.1, 0.1), "strength": 2.0}

CARD = Card(
    module=BatchPriorCrossEntropyLoss,
    unit="batch",
    inputs={"input": Logits("n c"), "target": ClassIndex("n")},
    formula=r"-\frac1n \sum_i \log p_{i y_i} + \lambda \sum_k m_k \log \frac{m_k}{\pi_k},\quad m = \frac1n \sum_i p_i",
    elicits=NOTHING,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(at=_STRONG, note="a small batch's labels seldom have the prior's shares"),
        "convex": Fails(at=_STRONG, note="the divergence is convex in the probabilities, not in the logits"),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(),
        "gradient_growth": Holds("constant", note="the divergence's pull vanishes where the softmax is sure"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": NotApplicable("it is of a batch: there is no one prediction for one distribution"),
        "classification_calibrated": NotApplicable("it is of a batch"),
        "monotone": Fails(at=_STRONG, note="a right answer may make its class too common"),
        "sample_independent": NotApplicable("it has one value for the whole batch, on purpose"),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"class_prior": Positive("c"), "strength": NON_NEGATIVE},
    search={"strength": Interval(0.0, 2.0)},
    also_known_as=("cross-entropy with batch-marginal kl", "mean prediction prior regularisation"),
    references=(
        Reference(
            "Tanaka et al.", "Joint optimization framework for learning with noisy labels", 2018, "arXiv:1803.11364"
        ),
    ),
    mistakes=(
        "Averaging the divergences of the examples instead of taking the divergence of their average, which is "
        "per_example_prior_cross_entropy_loss and punishes every sure prediction.",
        "Small batches: with fewer examples than classes the mean prediction cannot have the prior's shares; keep the "
        "batch at several times the number of classes, or the strength low.",
        "Giving the training shares as prior and balanced batches as data: the prior must be that of the batches.",
    ),
    relatives={
        "per_example_prior_cross_entropy_loss": "the divergence of each prediction",
        "logit_adjusted_cross_entropy_loss": "uses known shares through the logits, example by example",
    },
)

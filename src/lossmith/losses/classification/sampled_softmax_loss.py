"""Cross-entropy over the true class and a few drawn ones, corrected.

Reach for it when classes are too many to score in every step, as items of a shop.
Avoid it for the final judgement: values depend on what was drawn; score all classes then.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NO_TARGET, Card, Equivalent, Functional, Holds, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Logits, Real


def sampled_softmax_loss(
    positive: Float[Tensor, "n"],
    negatives: Float[Tensor, "n k"],
    positive_log_noise: Float[Tensor, "n"],
    negative_log_noise: Float[Tensor, "n k"],
) -> Float[Tensor, "n"]:
    """Sampled softmax loss of each example.

    Args:
        positive: score of the true class.
        negatives: scores of k drawn classes for each example, as one row. One that is the true class by accident
            should not count: give it a score of -1e4.
        positive_log_noise: logarithm of how often the true class is drawn (a probability, or a number per step).
        negative_log_noise: the same of each drawn class. Zeros where all are drawn alike.

    Returns:
        −log softmax(scores − log_noise) of the true class among the 1 + k, in nats; from 0 up. Its gradient tends to
        that of the whole softmax as k grows.

    Raises:
        ValueError: shapes do not fit.

    Source:
        Jean et al. (2015), equation 10; Bengio and Senécal (2008).

    Example:
        >>> nothing = torch.zeros(1), torch.zeros(1, 2)
        >>> sampled_softmax_loss(torch.tensor([0.0]), torch.tensor([[0.0, 0.0]]), *nothing)  # log 3
        tensor([1.0986])
    """
    expect.candidates(positive, negatives, positive_log_noise=positive_log_noise, negative_log_noise=negative_log_noise)
    true, drawn = positive - positive_log_noise, negatives - negative_log_noise
    # Of the true class's lead, rather than a difference of two large numbers.
    return torch.nn.functional.pad(drawn - true.unsqueeze(-1), (1, 0)).logsumexp(-1)


class SampledSoftmaxLoss(Criterion):
    """`sampled_softmax_loss`, masked, weighted and reduced."""

    function = staticmethod(sampled_softmax_loss)


CARD = Card(
    module=SampledSoftmaxLoss,
    unit="example",
    inputs={
        "positive": Logits("n"),
        "negatives": Logits("n k"),
        "positive_log_noise": Real("n"),
        "negative_log_noise": Real("n k"),
    },
    formula=r"-\log \frac{e^{s^+ - \log q^+}}{e^{s^+ - \log q^+} + \sum_k e^{s^-_k - \log q^-_k}}",
    elicits=Functional("class_probabilities_by_drawn_classes"),
    claims={
        **NO_TARGET,
        "non_negative": Holds(wrt="positive"),
        "convex": Holds(wrt="positive", note="and in all scores together"),
        "differentiable": Holds(wrt="positive"),
        "smooth": Holds(wrt="positive"),
        "bounded_gradient": Holds(wrt="positive", note="it lies in [-1, 0]; for each of the negatives in [0, 1]"),
        "sample_independent": Holds(wrt="positive"),
        "vmap": Holds(wrt="positive"),
        "fullgraph": Holds(wrt="positive"),
        "twice_differentiable": Holds(wrt="positive"),
    },
    also_known_as=("sampled cross-entropy", "logQ-corrected softmax"),
    references=(
        Reference(
            "Bengio and Senécal",
            "Adaptive importance sampling to accelerate training of a neural probabilistic language model",
            2008,
            "IEEE Transactions on Neural Networks 19(4), 713-722",
        ),
        Reference(
            "Jean, Cho, Memisevic and Bengio",
            "On using very large target vocabulary for neural machine translation",
            2015,
            "ACL, arXiv:1412.2007",
        ),
    ),
    equivalents=(
        Equivalent(
            "tensorflow", "nn.sampled_softmax_loss", "draws the classes itself and takes weights and inputs, not scores"
        ),
    ),
    mistakes=(
        "Leaving out the correction: popular classes, drawn more often, are then pushed down for it.",
        "Subtracting it at prediction as well: there all classes are scored, as they are.",
        "Counting an accidental hit, the true class among the drawn, as a negative: give it a score of -1e4.",
    ),
    relatives={
        "cross_entropy_loss": "over all classes",
        "linear_cross_entropy_loss": "over all classes, a few rows at a time",
        "nce_loss": "a yes or no for each drawn class",
        "negative_sampling_loss": "without a correction",
    },
)

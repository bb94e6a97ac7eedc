"""Telling data from noise of known frequency: no normaliser is needed.

Reach for it when classes are too many for a softmax and the scores should still be log-probabilities.
Avoid it when the noise is far from the data (it then tells them apart without learning much), and when its
probabilities are not known: that is negative sampling.
"""

import math

from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import logsigmoid

from lossmith import expect
from lossmith.card import NO_TARGET, Card, Equivalent, Functional, Holds, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Logits, Real


def nce_loss(
    positive: Float[Tensor, "n"],
    negatives: Float[Tensor, "n k"],
    positive_log_noise: Float[Tensor, "n"],
    negative_log_noise: Float[Tensor, "n k"],
) -> Float[Tensor, "n"]:
    """Noise-contrastive loss of each observation.

    Args:
        positive: score of what was observed, which training makes its log-probability.
        negatives: scores of k draws from the noise for each, as one row.
        positive_log_noise: logarithm of the noise's probability of what was observed.
        negative_log_noise: the same of each draw.

    Returns:
        −log σ(positive − log(k·q)) − Σ_k log σ(log(k·q_k) − negative_k), in nats, where q is the noise's probability
        and σ the sigmoid; from 0 up.

    Raises:
        ValueError: shapes do not fit.

    Source:
        Gutmann and Hyvärinen (2010), equation 3; Mnih and Teh (2012), for k draws.

    Example:
        >>> import torch
        >>> q = torch.tensor([0.5])  # scores that say what the noise says: the odds are 1 to k
        >>> nce_loss(q.log(), q.log()[None], q.log(), q.log()[None])
        tensor([1.3863])
    """
    expect.candidates(positive, negatives, positive_log_noise=positive_log_noise, negative_log_noise=negative_log_noise)
    log_k = math.log(max(negatives.shape[1], 1))
    observed = positive - positive_log_noise - log_k
    return -logsigmoid(observed) - logsigmoid(log_k + negative_log_noise - negatives).sum(-1)


class NceLoss(Criterion):
    """`nce_loss`, masked, weighted and reduced."""

    function = staticmethod(nce_loss)


CARD = Card(
    module=NceLoss,
    unit="example",
    inputs={
        "positive": Logits("n"),
        "negatives": Logits("n k"),
        "positive_log_noise": Real("n"),
        "negative_log_noise": Real("n k"),
    },
    formula=r"-\log\sigma(s^+ - \log k q^+) - \sum_k \log\sigma(\log k q^-_k - s^-_k)",
    elicits=Functional("log_probability_without_normaliser"),
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
    also_known_as=("noise-contrastive estimation",),
    references=(
        Reference(
            "Gutmann and Hyvärinen",
            "Noise-contrastive estimation: a new estimation principle for unnormalized statistical models",
            2010,
            "AISTATS",
        ),
        Reference(
            "Mnih and Teh",
            "A fast and simple algorithm for training neural probabilistic language models",
            2012,
            "ICML",
        ),
    ),
    equivalents=(
        Equivalent("tensorflow", "nn.nce_loss", "draws the noise itself and takes weights and inputs, not scores"),
    ),
    mistakes=(
        "Confusing it with InfoNCE, which is one choice among the candidates: that is nt_xent_loss or "
        "sampled_softmax_loss.",
        "Noise probabilities that do not sum to 1 over all classes: the scores are then off by a constant.",
        "Too few draws: with k near 1 the estimate is noisy; 10 to 100 are usual.",
    ),
    relatives={
        "negative_sampling_loss": "the same without the noise's probabilities",
        "sampled_softmax_loss": "one choice among the drawn",
        "cross_entropy_loss": "what it tends to as k grows",
        "gan_discriminator_loss": "noise that learns",
    },
)

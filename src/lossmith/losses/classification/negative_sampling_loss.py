"""What occurs together scores high, what is drawn at random low.

Reach for it to learn embeddings of words, nodes or items from pairs that occur, where all others are too many to score.
Avoid it when scores must be log-probabilities: they are off by the logarithm of how often a negative is drawn.
"""

from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import logsigmoid

from lossmith import expect
from lossmith.card import NO_TARGET, Card, Equivalent, Functional, Holds, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Logits


def negative_sampling_loss(positive: Float[Tensor, "n"], negatives: Float[Tensor, "n k"]) -> Float[Tensor, "n"]:
    """Negative sampling loss of each pair that occurs.

    Args:
        positive: score of each pair that occurs, such as the product of two embeddings.
        negatives: scores of k pairs drawn at random for each, as one row.

    Returns:
        −log σ(positive) − Σ_k log σ(−negative_k), in nats, where σ is the sigmoid; from 0 up. The best score is
        log(P/(k·Q)), with P how often the pair occurs and Q how often it is drawn.

    Raises:
        ValueError: shapes do not fit.

    Source:
        Mikolov et al. (2013), equation 4.

    Example:
        >>> import torch
        >>> negative_sampling_loss(torch.tensor([0.0]), torch.tensor([[0.0, 0.0]]))  # 3·log 2
        tensor([2.0794])
    """
    expect.candidates(positive, negatives)
    return -logsigmoid(positive) - logsigmoid(-negatives).sum(-1)


class NegativeSamplingLoss(Criterion):
    """`negative_sampling_loss`, masked, weighted and reduced."""

    function = staticmethod(negative_sampling_loss)


CARD = Card(
    module=NegativeSamplingLoss,
    unit="example",
    inputs={"positive": Logits("n"), "negatives": Logits("n k")},
    formula=r"-\log\sigma(s^+) - \sum_k \log\sigma(-s^-_k)",
    elicits=Functional("log_ratio_of_occurring_to_drawn"),
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
    also_known_as=("skip-gram negative sampling", "SGNS loss"),
    references=(
        Reference(
            "Mikolov, Sutskever, Chen, Corrado and Dean",
            "Distributed representations of words and phrases and their compositionality",
            2013,
            "NIPS, arXiv:1310.4546",
        ),
        Reference("Levy and Goldberg", "Neural word embedding as implicit matrix factorization", 2014, "NIPS"),
    ),
    equivalents=(Equivalent("gensim", "models.Word2Vec(negative=5)", "inside its own training loop only"),),
    mistakes=(
        "The mean over the k negatives instead of their sum: the noes then count as one, and k changes nothing.",
        "Drawing negatives evenly: the authors draw words by their frequency to the power 3/4.",
        "Taking the other rows of a batch as negatives without thought: popular items are then drawn as often as they "
        "occur; correct for it, as sampled_softmax_loss does.",
    ),
    relatives={
        "nce_loss": "corrects the scores by the noise, so that they are log-probabilities",
        "sampled_softmax_loss": "one choice among the drawn instead of a yes or no for each",
        "nt_xent_loss": "the other rows of a batch as negatives, by angle",
    },
)

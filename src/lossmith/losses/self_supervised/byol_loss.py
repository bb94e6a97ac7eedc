"""Squared distance of two directions: a prediction, and a view held fixed.

Reach for it when each example can be seen in two ways and negatives do harm (small batches, few kinds of things). Call
it both ways round and add the two.
Avoid it without a predictor on one side and a gradient kept from the other: both are what keeps all embeddings from
one point.
"""

from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NO_TARGET, NOTHING, Card, Equivalent, Fails, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Embedding
from lossmith.kernels.lengths import directions, length


def byol_loss(prediction: Float[Tensor, "n d"], projection: Float[Tensor, "n d"]) -> Float[Tensor, "n"]:
    """Distance of each prediction from the other view's projection.

    Args:
        prediction: what the predictor makes of one view's embedding, one row per example; its length does not matter.
        projection: the other view's embedding, from the slow network (BYOL) or the same one (SimSiam); held fixed.

    Returns:
        ‖p/‖p‖ − z/‖z‖‖², which is 2 − 2·cos(p, z); from 0 to 4. No gradient reaches `projection`.

    Raises:
        ValueError: shapes differ.

    Source:
        Grill et al. (2020), equation 2; Chen and He (2021), equation 1, have −cos: half of this, less 1.

    Example:
        >>> import torch
        >>> byol_loss(torch.tensor([[3.0, 0.0], [0.0, 2.0]]), torch.tensor([[1.0, 0.0], [1.0, 0.0]]))
        tensor([0., 2.])
    """
    expect.same_shape(prediction=prediction, projection=projection)
    return (directions(prediction) - directions(projection.detach())).square().sum(-1)


def sideways(prediction: Tensor, projection: Tensor) -> Tensor:
    """Slope in the prediction alone, at a right angle to it."""
    own, other = directions(prediction), directions(projection)
    cosine = (own * other).sum(-1, keepdim=True)
    return 2.0 * (cosine * own - other) / length(prediction).unsqueeze(-1)


class ByolLoss(Criterion):
    """`byol_loss`, masked, weighted and reduced."""

    function = staticmethod(byol_loss)


CARD = Card(
    module=ByolLoss,
    unit="example",
    inputs={"prediction": Embedding("n d"), "projection": Embedding("n d")},
    formula=r"\Big\|\frac{p}{\|p\|} - \frac{z}{\|z\|}\Big\|^2, \quad z \text{ held fixed}",
    elicits=NOTHING,
    claims={
        **dict.fromkeys(NO_TARGET, NotApplicable("what it is compared with moves along with the network")),
        "non_negative": Holds(wrt="prediction"),
        "convex": Fails(wrt="prediction"),
        "differentiable": Fails(wrt="prediction", note="at a row of zeros, whose direction is undefined"),
        "smooth": Fails(wrt="prediction"),
        "bounded_gradient": Fails(wrt="prediction", note="of a short row: it falls with one over the length"),
        "sample_independent": Holds(wrt="prediction"),
        "vmap": Holds(wrt="prediction"),
        "fullgraph": Holds(wrt="prediction"),
        "twice_differentiable": Holds(wrt="prediction", note="away from rows of zeros"),
    },
    also_known_as=("SimSiam loss", "negative cosine similarity", "bootstrap your own latent"),
    references=(
        Reference(
            "Grill et al.",
            "Bootstrap your own latent: a new approach to self-supervised learning",
            2020,
            "NeurIPS, arXiv:2006.07733",
        ),
        Reference("Chen and He", "Exploring simple Siamese representation learning", 2021, "CVPR, arXiv:2011.10566"),
    ),
    equivalents=(
        Equivalent("lightly", "loss.NegativeCosineSimilarity", "-cos, the mean over the batch; detaches nothing"),
        Equivalent("torch", "nn.CosineEmbeddingLoss", "against ones it is 1 - cos: half of this; detaches nothing"),
    ),
    mistakes=(
        "A gradient through the projection lets all embeddings go to one point, at a value of 0: here it is cut off.",
        "Watch the embeddings' spread, not the value: a collapse looks like success.",
        "BYOL's second network is a moving average of the first: update it after each step, with batch statistics too.",
    ),
    relatives={
        "dino_loss": "rows of probabilities, with a centre against collapse",
        "nt_xent_loss": "negatives against collapse",
        "vicreg_loss": "spread against collapse",
    },
    surrogate_gradient=sideways,
)

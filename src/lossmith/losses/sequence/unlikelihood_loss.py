"""Cross-entropy turned round: what should not come is made unlikely.

Reach for it beside the usual likelihood, to unlearn repeats, banned words or contradictions of a language model.
Avoid it alone: it says what not to say, never what to say.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import Card, Fails, Functional, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import BinaryTarget, Logits


def unlikelihood_loss(
    input: Float[Tensor, "*tokens c"], unwanted: Float[Tensor, "*tokens c"]
) -> Float[Tensor, "*tokens"]:
    """Unlikelihood of each token's unwanted classes.

    Args:
        input: logits, one row of c classes per token.
        unwanted: 1 for each class that should not come here, else 0, as floating point; same shape. For repeats: the
            tokens of the text so far, without the true next one.

    Returns:
        −Σ_k unwanted_k·log(1 − p_k) with p = softmax(input), in nats; from 0 up.

    Raises:
        ValueError: shapes differ.
        TypeError: `unwanted` is not floating point.

    Source:
        Welleck et al. (2020), equation 3.

    Example:
        >>> unlikelihood_loss(torch.zeros(1, 4), torch.tensor([[1.0, 0.0, 0.0, 1.0]]))  # 2·log(4/3)
        tensor([0.5754])
    """
    expect.same_shape(input=input, unwanted=unwanted)
    expect.floating(unwanted=unwanted)
    # 1 - p of the likeliest class is the sum of the others, which 1 less a number near 1 would lose.
    likeliest = torch.arange(input.shape[-1], device=input.device) == input.argmax(-1, keepdim=True)
    others = input.masked_fill(likeliest, -torch.inf).logsumexp(-1, keepdim=True)
    rest = others - input.logsumexp(-1, keepdim=True)
    small = torch.where(likeliest, 0.0, input.softmax(-1))
    return -(unwanted * torch.where(likeliest, rest, torch.log1p(-small))).sum(-1)


class UnlikelihoodLoss(Criterion):
    """`unlikelihood_loss`, masked, weighted and reduced over tokens."""

    function = staticmethod(unlikelihood_loss)


_NOT = NotApplicable("it is told what should not come, not what should")

CARD = Card(
    module=UnlikelihoodLoss,
    unit="element",
    inputs={"input": Logits("... c"), "unwanted": BinaryTarget("... c")},
    formula=r"-\sum_{k \in C} \log(1 - p_k)",
    elicits=Functional("what_does_not_come"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": _NOT,
        "convex": Fails(note="the difference of two log-sums"),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(note="each unwanted class pulls by 1 at most on either side"),
        "gradient_growth": _NOT,
        "symmetric": _NOT,
        "proper": _NOT,
        "classification_calibrated": _NOT,
        "monotone": _NOT,
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    also_known_as=("unlikelihood training loss", "token unlikelihood"),
    references=(
        Reference(
            "Welleck et al.", "Neural text generation with unlikelihood training", 2020, "ICLR, arXiv:1908.04319"
        ),
    ),
    mistakes=(
        "Leaving the true next token among the unwanted: both losses then pull against each other.",
        "Clamping 1 - p from below, as circulating code does: the surest repeats then have no gradient.",
        "Averaging over padding: mask what the likelihood masks.",
    ),
    relatives={
        "masked_token_cross_entropy_loss": "what is added to it",
        "negative_sampling_loss": "wanted and unwanted by separate yes or no",
    },
)

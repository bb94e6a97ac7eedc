"""Cross-entropy with known mistakes taken out: on average that of clean labels.

Reach for it when the matrix of mistakes is known well and an unbiased estimate of the clean loss is wanted, as for
validation on spoiled labels.
Avoid it for training where mistakes are frequent: single losses are then large or below 0, and training is unsteady;
`forward_correction_loss` is the calmer one.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import Card, Fails, Functional, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Logits, Mistakes
from lossmith.kernels.precision import wide


def backward_correction_loss(
    input: Float[Tensor, "n c"], target: Int[Tensor, "n"], *, transition: Float[Tensor, "c c"]
) -> Float[Tensor, "n"]:
    """Backward-corrected cross-entropy of each example.

    Args:
        input: logits of the clean classes, one row per example, one column per class.
        target: index of the class as labelled, right or wrong, 0 … c−1.
        transition: in row k and column j how often the true class k is labelled j; each row sums to 1. It must have an
            inverse.

    Returns:
        −Σ_k transition⁻¹[target, k]·log p_k with p = softmax(input), in nats; of any sign. Averaged over the labels
        that a true class is given, it is that class's cross-entropy.

    Raises:
        ValueError: shapes are not (n, c), (n,) and (c, c).
        TypeError: `target` is not an integer tensor.
        RuntimeError: `transition` has no inverse.

    Source:
        Patrini et al. (2017), theorem 1; for two classes Natarajan et al. (2013).

    Example:
        >>> flips = torch.tensor([[0.9, 0.1], [0.2, 0.8]])
        >>> backward_correction_loss(torch.tensor([[2.0, 0.0], [2.0, 0.0]]), torch.tensor([0, 1]), transition=flips)
        tensor([-0.1588,  2.6984])
    """
    expect.class_scores(input, target)
    expect.class_pairs("transition", transition, input)
    # There is no inverse in half precision; nothing of it needs one.
    unmixed: Tensor = torch.linalg.inv(wide(transition))
    weight = unmixed.to(input.dtype)[target]
    return -(weight * input.log_softmax(-1)).sum(-1)


class BackwardCorrectionLoss(Criterion):
    """`backward_correction_loss`, masked, weighted and reduced."""

    function = staticmethod(backward_correction_loss)


_FLIPS = {"transition": ((0.9, 0.05, 0.05), (0.45, 0.5, 0.05), (0.05, 0.45, 0.5))}

CARD = Card(
    module=BackwardCorrectionLoss,
    unit="example",
    inputs={"input": Logits("n c"), "target": ClassIndex("n")},
    formula=r"-\sum_k (T^{-1})_{\tilde y k} \log p_k",
    elicits=Functional("class_probabilities_before_the_mistakes"),
    claims={
        "non_negative": Fails(at=_FLIPS, note="a sure prediction of what was likely meant costs less than nothing"),
        "zero_at_target": Fails(at=_FLIPS, note="the label is not taken for the truth"),
        "convex": Holds(note="the weights of a row sum to 1: it is a logsumexp less a straight line"),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(note="by the largest entry of the inverse, and 1"),
        "gradient_growth": Holds("constant"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(at=_FLIPS, note="for the labels as they are; for the clean ones it is"),
        "classification_calibrated": Fails(at=_FLIPS, note="the likeliest label may be a mistake"),
        "monotone": Fails(at=_FLIPS, note="a label that is often a mistake speaks for another class"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"transition": Mistakes("c c")},
    also_known_as=("b-correction", "backward loss correction", "unbiased loss correction"),
    references=(
        Reference(
            "Patrini et al.",
            "Making deep neural networks robust to label noise: a loss correction approach",
            2017,
            "arXiv:1609.03683",
        ),
        Reference("Natarajan et al.", "Learning with noisy labels", 2013, "NeurIPS 26"),
    ),
    mistakes=(
        "Taking a loss below 0 for an error: single values may be; the mean over many rows is that of clean labels.",
        "A matrix that is nearly singular: small errors of it become large weights; take forward_correction_loss.",
        "Training long with it: nothing bounds it below on labels met by chance; stop early.",
    ),
    relatives={
        "forward_correction_loss": "mixes the probabilities instead: never below 0, steadier",
        "cross_entropy_loss": "what it is on average over the mistakes",
    },
)

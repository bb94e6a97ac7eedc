"""Cross-entropy of labels as they were spoiled, by a known matrix of mistakes.

Reach for it when it is known, or was estimated, how often each class is labelled as each other: the softmax then learns
the clean probabilities.
Avoid it when the matrix is a guess: a wrong one is a wrong answer, with no sign of it in the loss.
"""

from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import Card, Fails, Functional, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Logits, Mistakes


def forward_correction_loss(
    input: Float[Tensor, "n c"], target: Int[Tensor, "n"], *, transition: Float[Tensor, "c c"]
) -> Float[Tensor, "n"]:
    """Forward-corrected cross-entropy of each example.

    Args:
        input: logits of the clean classes, one row per example, one column per class.
        target: index of the class as labelled, right or wrong, 0 … c−1.
        transition: in row k and column j how often the true class k is labelled j; each row sums to 1.

    Returns:
        −log Σ_k p_k·transition[k, target] with p = softmax(input), in nats; from 0 up, infinite for a label that no
        class can have.

    Raises:
        ValueError: shapes are not (n, c), (n,) and (c, c).
        TypeError: `target` is not an integer tensor.

    Source:
        Patrini et al. (2017), theorem 2.

    Example:
        >>> import torch
        >>> flips = torch.tensor([[0.9, 0.1], [0.2, 0.8]])
        >>> forward_correction_loss(torch.zeros(2, 2), torch.tensor([0, 1]), transition=flips)
        tensor([0.5978, 0.7985])
    """
    expect.class_scores(input, target)
    expect.class_pairs("transition", transition, input)
    # log Σ p·T as a sum of exponentials: digits stay however sure the network is; a log 0 of T is a term left out.
    led_here = transition.log().to(input.dtype).T[target]
    return input.logsumexp(-1) - (input + led_here).logsumexp(-1)


class ForwardCorrectionLoss(Criterion):
    """`forward_correction_loss`, masked, weighted and reduced."""

    function = staticmethod(forward_correction_loss)


_FLIPS = {"transition": ((0.9, 0.05, 0.05), (0.45, 0.5, 0.05), (0.05, 0.45, 0.5))}

CARD = Card(
    module=ForwardCorrectionLoss,
    unit="example",
    inputs={"input": Logits("n c"), "target": ClassIndex("n")},
    formula=r"-\log \sum_k p_k T_{k \tilde y}",
    # Of labels spoiled by the matrix, the minimiser is the clean distribution; of others, the nearest it can explain.
    elicits=Functional("class_probabilities_before_the_mistakes"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(at=_FLIPS, note="no label is ever sure"),
        "convex": Fails(at=_FLIPS, note="in the logits it levels off where mistakes can explain the label"),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(note="each entry lies in [-1, 1]"),
        "gradient_growth": Holds("vanishing", note="where the class predicted can be labelled so by mistake"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(at=_FLIPS, note="for the labels as they are; for the clean ones it is"),
        "classification_calibrated": Fails(at=_FLIPS, note="the likeliest label may be a mistake"),
        "monotone": Fails(at=_FLIPS, note="another class may explain the label better"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"transition": Mistakes("c c")},
    also_known_as=("f-correction", "forward loss correction"),
    references=(
        Reference(
            "Patrini et al.",
            "Making deep neural networks robust to label noise: a loss correction approach",
            2017,
            "arXiv:1609.03683",
        ),
    ),
    mistakes=(
        "The matrix turned round: rows are the true classes and sum to 1, columns the labels.",
        "Validating on labels that are as wrong with plain accuracy: compare with the labels by way of the matrix, or "
        "check some by hand.",
        "Predicting with the spoiled probabilities: the softmax of the logits as they are is the clean answer.",
        "Estimating the matrix with the same network at the end of training, when it knows the wrong labels by heart: "
        "estimate it early, or on rows left out.",
    ),
    relatives={
        "backward_correction_loss": "corrects the costs instead of the probabilities: unbiased, and may be below 0",
        "generalized_cross_entropy_loss": "needs no matrix",
        "soft_bootstrapping_loss": "lets the prediction speak against the label, without a matrix",
    },
)

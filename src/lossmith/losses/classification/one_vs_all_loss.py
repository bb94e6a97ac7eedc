"""One yes or no for each class: "none of them" is an answer too.

Reach for it when an example may belong to no known class, or when classes come and go: each score stands alone.
Avoid it when probabilities must sum to 1, and with very many classes: the noes outnumber the one yes.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import Card, Equivalent, Fails, Functional, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, OneVsAllLogits


def one_vs_all_loss(input: Float[Tensor, "n c"], target: Int[Tensor, "n"]) -> Float[Tensor, "n"]:
    """Sum of the binary cross-entropies of all classes, for each example.

    Args:
        input: log-odds, one row per example, one column per class.
        target: index of the true class, 0 … c−1.

    Returns:
        −log σ(z_target) − Σ log(1 − σ(z_k)) over the other classes k, in nats, where σ is the sigmoid; from 0 up.

    Raises:
        ValueError: shapes are not (n, c) and (n,).
        TypeError: `target` is not an integer tensor.

    Source:
        Rifkin and Klautau (2004); Padhy et al. (2020), equation 3.

    Example:
        >>> one_vs_all_loss(torch.zeros(1, 3), torch.tensor([0]))  # 3·log 2
        tensor([2.0794])
    """
    expect.class_scores(input, target)
    truth = torch.arange(input.shape[-1], device=input.device) == target.unsqueeze(-1)
    return -torch.nn.functional.logsigmoid(torch.where(truth, input, -input)).sum(-1)


class OneVsAllLoss(Criterion):
    """`one_vs_all_loss`, masked, weighted and reduced."""

    function = staticmethod(one_vs_all_loss)


CARD = Card(
    module=OneVsAllLoss,
    unit="example",
    inputs={"input": OneVsAllLogits("n c"), "target": ClassIndex("n")},
    formula=r"-\log\sigma(z_y) - \sum_{k \ne y} \log(1 - \sigma(z_k))",
    elicits=Functional("class_probabilities_one_by_one"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="approached as the scores grow, never reached at finite ones"),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(note="each entry lies in [-1, 1]"),
        "gradient_growth": Holds("constant"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": NotApplicable(
            "its probabilities are sigmoids, one for each class, not a softmax: see what it elicits"
        ),
        "classification_calibrated": Holds(),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    also_known_as=("one-vs-rest loss", "sigmoid cross-entropy of classes"),
    references=(
        Reference("Rifkin and Klautau", "In defense of one-vs-all classification", 2004, "JMLR 5, 101-141"),
        Reference(
            "Padhy et al.",
            "Revisiting one-vs-all classifiers for predictive uncertainty and out-of-distribution detection",
            2020,
            "arXiv:2007.05134",
        ),
    ),
    equivalents=(
        Equivalent("timm", "loss.BinaryCrossEntropy(smoothing=0.0)", "the mean over classes instead of the sum"),
        Equivalent("torch", "nn.MultiLabelSoftMarginLoss", "of one-hot rows; the mean over classes"),
    ),
    mistakes=(
        "Taking the mean over classes: with c of them the learning rate is then c times too small.",
        "A softmax of the scores at prediction: each class's probability is its sigmoid; divide by their sum if they "
        "must add up.",
        "Starting all scores at 0 with many classes: begin with a bias of -log(c - 1), the log-odds of one in c.",
    ),
    relatives={
        "cross_entropy_loss": "probabilities that sum to 1",
        "binary_cross_entropy_loss": "one of the yeses or noes; several may be true",
        "sigmoid_focal_loss": "plays the many easy noes down",
    },
)

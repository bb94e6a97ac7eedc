"""Mean intersection over union of classes, made continuous.

Reach for it when mean IoU is judged and cross-entropy has done the first part; add some of that to keep it going.
Avoid it when probabilities are used: they are driven to 0 or 1.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import Card, Equivalent, Fails, Functional, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Logits
from lossmith.kernels.lovasz import of_errors


def lovasz_softmax_loss(input: Float[Tensor, "n *pixels c"], target: Int[Tensor, "n *pixels"]) -> Float[Tensor, "n"]:
    """Lovász-softmax loss of each image.

    Args:
        input: logits of c classes at every pixel, classes last; one image or volume per first index.
        target: index of each pixel's true class, 0 … c−1.

    Returns:
        Mean, over the classes that the image holds, of the Lovász extension of 1 − I/U at the pixels' errors: 1 − p
        inside the class and p outside, with p = softmax(input); from 0 to 1.

    Raises:
        ValueError: `input` is not `target` with a dimension of classes behind.
        TypeError: `target` is not an integer tensor.

    Source:
        Berman et al. (2018), equations 11 and 12.

    Example:
        >>> lovasz_softmax_loss(torch.zeros(1, 4, 2), torch.tensor([[0, 0, 1, 1]]))  # every error a half
        tensor([0.5000])
    """
    expect.token_scores(input, target)
    p = input.softmax(-1).flatten(1, -2)
    truth = torch.arange(p.shape[-1], device=p.device) == target.flatten(1).unsqueeze(-1)
    errors = torch.where(truth, 1.0 - p, p)
    each = of_errors(errors.mT, truth.to(p.dtype).mT)
    present = truth.any(1)
    return torch.where(present, each, 0.0).sum(-1) / present.sum(-1).clamp(min=1)


class LovaszSoftmaxLoss(Criterion):
    """`lovasz_softmax_loss`, masked, weighted and reduced; a mask leaves out images."""

    function = staticmethod(lovasz_softmax_loss)


_MASK = NotApplicable("it decides about a whole mask")

CARD = Card(
    module=LovaszSoftmaxLoss,
    unit="example",
    inputs={"input": Logits("n p c"), "target": ClassIndex("n p")},
    formula=r"\frac{1}{|C|}\sum_{c \in C} \overline{\Delta_{J_c}}(m(c)),\quad m_i(c) = |[y_i = c] - p_i(c)|",
    elicits=Functional("classes_of_the_best_expected_mean_jaccard"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="approached as the logits grow, never reached at finite ones"),
        "convex": Fails(note="in the probabilities it is"),
        "differentiable": Fails(note="where two errors are equal"),
        "smooth": Fails(),
        "bounded_gradient": Holds(),
        "gradient_growth": _MASK,
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": _MASK,
        "classification_calibrated": _MASK,
        "monotone": _MASK,
        "sample_independent": Holds(note="images; the pixels of one are taken together"),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="away from the kinks"),
    },
    also_known_as=("Lovász-Softmax",),
    references=(
        Reference(
            "Berman, Rannen Triki and Blaschko",
            "The Lovász-Softmax loss: a tractable surrogate for the optimization of the intersection-over-union "
            "measure",
            2018,
            "CVPR, arXiv:1705.08790",
        ),
    ),
    equivalents=(
        Equivalent(
            "segmentation-models-pytorch",
            "losses.LovaszLoss('multiclass', per_image=True)",
            "classes second; over the whole batch by default",
        ),
        Equivalent("kornia", "losses.lovasz_softmax_loss", "classes second; the mean over absent classes too"),
    ),
    mistakes=(
        "Classes in the second dimension: move them last, input.movedim(1, -1).",
        "Averaging over absent classes too: each then costs its largest probability; only those present count here.",
        "Leaving out cross-entropy altogether: where it is surely wrong this one has no slope.",
    ),
    relatives={
        "lovasz_hinge_loss": "one mask, by scores; convex",
        "jaccard_loss": "one mask, softly counted",
        "generalised_dice_loss": "classes weighed by their size",
    },
)

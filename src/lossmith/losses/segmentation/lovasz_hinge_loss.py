"""Intersection over union of a mask, made convex: the Lovász extension.

Reach for it when intersection over union is judged image by image and cross-entropy has done the first part.
Avoid it from scratch (it starts slowly: train with cross-entropy first), and when probabilities are used.
"""

from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import Card, Equivalent, Fails, Functional, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import BinaryTarget, Scores
from lossmith.kernels.lovasz import of_errors


def lovasz_hinge_loss(input: Float[Tensor, "n *pixels"], target: Float[Tensor, "n *pixels"]) -> Float[Tensor, "n"]:
    """Lovász hinge loss of each image: one mask, one value.

    Args:
        input: scores of the pixels, above 0 inside; one image or volume per first index.
        target: 1 inside the mask and 0 outside, same shape; what is above ½ counts as inside.

    Returns:
        The Lovász extension of 1 − I/U at the pixels' hinge errors max(0, 1 − x) inside and max(0, 1 + x) outside;
        from 0 up. Where every error is 0 or 1 it is 1 − I/U itself. An empty mask costs the largest error.

    Raises:
        ValueError: shapes differ, or there is no dimension of pixels.

    Source:
        Yu and Blaschko (2015); Berman et al. (2018), section 3.

    Example:
        >>> import torch
        >>> lovasz_hinge_loss(torch.tensor([[2.0, 0.0, -2.0]]), torch.tensor([[1.0, 0.0, 0.0]]))
        tensor([0.5000])
    """
    expect.masks(input, target)
    truth = (target.flatten(1) > 0.5).to(input.dtype)
    errors = (1.0 - (2.0 * truth - 1.0) * input.flatten(1)).relu()
    return of_errors(errors, truth)


class LovaszHingeLoss(Criterion):
    """`lovasz_hinge_loss`, masked, weighted and reduced; a mask leaves out images."""

    function = staticmethod(lovasz_hinge_loss)


CARD = Card(
    module=LovaszHingeLoss,
    unit="example",
    inputs={"input": Scores("n p"), "target": BinaryTarget("n p")},
    formula=r"\sum_i e_{\pi_i}\left(J(\{\pi_1 \dots \pi_i\}) - J(\{\pi_1 \dots \pi_{i-1}\})\right)",
    elicits=Functional("mask_of_the_best_expected_jaccard"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(note="from the margin on"),
        "convex": Holds(),
        "differentiable": Fails(note="where two errors are equal, and at the margin"),
        "smooth": Fails(),
        "bounded_gradient": Holds(note="the entries sum to at most 1"),
        "gradient_growth": Holds("constant"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(note="the best mask is all or nothing, whatever the probabilities"),
        "classification_calibrated": NotApplicable("it decides about a whole mask"),
        "monotone": Holds(note="in each pixel, the others held"),
        "sample_independent": Holds(note="images; the pixels of one are taken together"),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="away from the kinks, where the second derivative is 0"),
    },
    also_known_as=("Lovász hinge",),
    references=(
        Reference("Yu and Blaschko", "Learning submodular losses with the Lovász hinge", 2015, "ICML"),
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
            "losses.LovaszLoss('binary', per_image=True)",
            "over the whole batch by default",
        ),
        Equivalent("kornia", "losses.lovasz_hinge_loss", "wants a dimension of one class; the mean over images"),
    ),
    mistakes=(
        "Training from scratch with it: begin with cross-entropy, then change over.",
        "Passing probabilities: the margin is 1 in scores, and a sigmoid never reaches it.",
        "Taking it over the batch where the score is averaged over images: keep one value per image.",
    ),
    relatives={
        "lovasz_softmax_loss": "several classes, by probabilities; not convex",
        "jaccard_loss": "the same ratio softly counted; flat where it is surely wrong",
        "hinge_loss": "each pixel on its own",
    },
)

"""One minus structural similarity at five sizes of a picture, fine to coarse.

Reach for it when pictures are seen from various distances, or large shapes matter as well as texture.
Avoid it alone: it is content with a shift of colours; add absolute error. Below 161 pixels a side, the coarse sizes are
less than a window: there `ssim_loss` says nearly as much.
"""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import avg_pool2d

from lossmith import expect
from lossmith.card import POSITIVE, Card, Equivalent, Fails, Functional, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Probability
from lossmith.kernels.precision import wide
from lossmith.kernels.windows import brightness_and_structure

POWERS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
"""Of the five sizes, from fine to coarse: as people judged pictures in the paper's experiment."""
LEAST = 1e-2
"""Likeness below which the power would be too steep, or no number."""


def ms_ssim_loss(
    input: Float[Tensor, "n c h w"],
    target: Float[Tensor, "n c h w"],
    *,
    window: int = 11,
    sigma: float = 1.5,
    range: float = 1.0,
) -> Float[Tensor, "n"]:
    """Multi-scale structural similarity loss of each picture.

    Args:
        input: predicted pictures, from 0 to `range`.
        target: true pictures, same shape.
        window: side of the window in pixels, from 1; a smaller picture is one window of its own size.
        sigma: of the window's Gaussian, in pixels; above 0.
        range: largest value of a pixel, above 0: 1, or 255.

    Returns:
        1 − the mean over channels of s1^0.0448 · s2^0.2856 · s3^0.3001 · s4^0.2363 · (ls)5^0.1333; from 0 (equal) to 1.
        sk is the mean over windows of `ssim_loss`'s second factor, the structure, in the picture halved k − 1 times, an
        odd side rounded up; (ls)5 that of both factors. A mean m below 0.01 counts as 10⁻⁴/(0.02 − m), which joins
        on smoothly and is never 0 or below.

    Raises:
        ValueError: shapes differ, or are not (n, c, h, w).

    Source:
        Wang, Simoncelli and Bovik (2003), equation 7; the order of means and powers is their code's.

    Example:
        >>> bright = torch.full((1, 1, 4, 4), 0.5)
        >>> ms_ssim_loss(bright, bright), ms_ssim_loss(bright, 0.5 * bright)
        (tensor([0.]), tensor([0.0293]))
    """
    expect.feature_maps(input=input, target=target)
    x, y = wide(input), wide(target)  # variances are differences of squares
    logs = torch.zeros_like(x[:, :, 0, 0])
    for step, power in enumerate(POWERS, start=1):
        brightness, structure = brightness_and_structure(x, y, window=window, sigma=sigma, range=range)
        seen = structure if step < len(POWERS) else brightness * structure
        logs = logs + power * _above(seen.mean((2, 3))).log()
        x, y = (avg_pool2d(image, 2, ceil_mode=True, count_include_pad=False) for image in (x, y))
    return (1.0 - logs.exp().mean(1)).to(input.dtype)


def _above(likeness: Tensor) -> Tensor:
    """Keep what is above LEAST; lead the rest on: positive, and with a slope."""
    low = likeness < LEAST
    rest = LEAST**2 / (2.0 * LEAST - torch.where(low, likeness, 0.0))
    return torch.where(low, rest, likeness)


class MsSsimLoss(Criterion):
    """`ms_ssim_loss`, masked, weighted and reduced; a mask leaves out pictures."""

    function = staticmethod(ms_ssim_loss)


_PICTURE = NotApplicable("its target is a whole picture")

CARD = Card(
    module=MsSsimLoss,
    unit="example",
    inputs={"input": Probability("n c h w"), "target": Probability("n c h w")},
    formula=r"1 - l_5^{\beta_5} \prod_{k=1}^{5} s_k^{\beta_k}",
    elicits=Functional("picture_of_the_best_expected_similarity_at_five_sizes"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(),
        "convex": Fails(),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(),
        "gradient_growth": NotApplicable("pixels lie between 0 and the range: nothing is far off"),
        "symmetric": Holds(),
        "proper": _PICTURE,
        "classification_calibrated": _PICTURE,
        "monotone": NotApplicable(
            "windows are compared, not pixels: one more wrong pixel can bring back the structure"
        ),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="except where a mean likeness is 0.01, where the second derivative jumps"),
    },
    parameters={"window": Interval(1, float("inf"), high_open=True), "sigma": POSITIVE, "range": POSITIVE},
    # None to search: the powers were measured at this window.
    also_known_as=("multi-scale structural similarity loss",),
    references=(
        Reference(
            "Wang, Simoncelli and Bovik",
            "Multiscale structural similarity for image quality assessment",
            2003,
            "Asilomar Conference on Signals, Systems and Computers",
        ),
        Reference(
            "Zhao, Gallo, Frosio and Kautz",
            "Loss functions for image restoration with neural networks",
            2017,
            "IEEE Transactions on Computational Imaging 3(1), 47-57",
        ),
    ),
    equivalents=(
        Equivalent(
            "pytorch-msssim",
            "MS_SSIM",
            "the similarity, 1 minus ours; at least 161 pixels a side at window 11; no slope where a mean is below 0; "
            "the border of an odd side is averaged with zeros",
        ),
    ),
    mistakes=(
        "Leaving `range` at 1 with pixels up to 255, or of -1 to 1: scale to 0 to 1 first.",
        "Training with code that cuts negative likeness at 0: the slope there is 0 or infinite; ours goes on smoothly.",
        "Feeding patches of 64 pixels and expecting five sizes: the window then covers all of the coarse ones.",
    ),
    relatives={
        "ssim_loss": "one size; negative likeness costs more than 1",
        "absolute_error_loss": "pixel by pixel; the usual partner, in Zhao et al. 0.16 of it to 0.84 of this",
        "content_loss": "compares features of a network",
    },
)

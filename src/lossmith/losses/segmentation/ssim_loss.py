"""One minus structural similarity: brightness, contrast, structure by windows.

Reach for it when pictures are made or restored and should look right, not only be right pixel by pixel.
Avoid it alone: it is content with a shift of colours; add absolute error, as most do.
"""

from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import POSITIVE, Card, Equivalent, Fails, Functional, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Probability
from lossmith.kernels.precision import wide
from lossmith.kernels.windows import brightness_and_structure


def ssim_loss(
    input: Float[Tensor, "n c h w"],
    target: Float[Tensor, "n c h w"],
    *,
    window: int = 11,
    sigma: float = 1.5,
    range: float = 1.0,
) -> Float[Tensor, "n"]:
    """Structural similarity loss of each picture.

    Args:
        input: predicted pictures, from 0 to `range`.
        target: true pictures, same shape.
        window: side of the window in pixels, from 1; a smaller picture is one window of its own size.
        sigma: of the window's Gaussian, in pixels; above 0.
        range: largest value of a pixel, above 0: 1, or 255.

    Returns:
        1 − the mean, over channels and over the windows inside the picture, of
        (2·μxμy + C1)(2·σxy + C2) / ((μx² + μy² + C1)(σx² + σy² + C2)), where C1 = (0.01·range)² and
        C2 = (0.03·range)²; from 0 (equal), to 2.

    Raises:
        ValueError: shapes differ, or are not (n, c, h, w).

    Source:
        Wang et al. (2004), equation 13.

    Example:
        >>> import torch
        >>> bright = torch.full((1, 1, 4, 4), 0.5)
        >>> ssim_loss(bright, bright), ssim_loss(bright, 0.0 * bright)
        (tensor([0.]), tensor([0.9996]))
    """
    expect.feature_maps(input=input, target=target)
    x, y = wide(input), wide(target)  # variances are differences of squares
    brightness, structure = brightness_and_structure(x, y, window=window, sigma=sigma, range=range)
    return (1.0 - (brightness * structure).mean((1, 2, 3))).to(input.dtype)


class SsimLoss(Criterion):
    """`ssim_loss`, masked, weighted and reduced; a mask leaves out pictures."""

    function = staticmethod(ssim_loss)


_PICTURE = NotApplicable("its target is a whole picture")

CARD = Card(
    module=SsimLoss,
    unit="example",
    inputs={"input": Probability("n c h w"), "target": Probability("n c h w")},
    formula=r"1 - \frac{(2\mu_x\mu_y + C_1)(2\sigma_{xy} + C_2)}"
    r"{(\mu_x^2 + \mu_y^2 + C_1)(\sigma_x^2 + \sigma_y^2 + C_2)}",
    elicits=Functional("picture_of_the_best_expected_similarity"),
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
        "twice_differentiable": Holds(),
    },
    parameters={"window": Interval(1, float("inf"), high_open=True), "sigma": POSITIVE, "range": POSITIVE},
    search={"sigma": Interval(0.5, 3.0)},
    also_known_as=("structural similarity loss", "DSSIM, times two"),
    references=(
        Reference(
            "Wang, Bovik, Sheikh and Simoncelli",
            "Image quality assessment: from error visibility to structural similarity",
            2004,
            "IEEE Transactions on Image Processing 13(4), 600-612",
        ),
    ),
    equivalents=(
        Equivalent("kornia", "losses.ssim_loss", "half of this; windows reach over the border, by reflection"),
        Equivalent("piq", "SSIMLoss", "first shrinks pictures whose sides are above 256 by averaging; the mean"),
        Equivalent("monai", "losses.SSIMLoss(spatial_dims=2)", "the same windows; k1, k2 as parameters"),
    ),
    mistakes=(
        "Leaving `range` at 1 with pixels up to 255, or of -1 to 1: scale to 0 to 1 first.",
        "Comparing with figures of grey pictures: here channels are averaged.",
        "Taking (1 - SSIM)/2 and 1 - SSIM for the same: one is half of the other.",
    ),
    relatives={
        "absolute_error_loss": "pixel by pixel; the usual partner",
        "ms_ssim_loss": "five sizes of the picture instead of one",
        "content_loss": "compares features of a network",
        "style_loss": "compares texture only",
    },
)

"""What other libraries say of losses of sparse probabilities, boxes, masks, pictures and warped series."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

Case = dict[str, Any]

GENERATOR = np.random.default_rng(20261121)
SCORES, LABELS = 3.0 * GENERATOR.normal(size=(6, 5)), GENERATOR.integers(0, 5, 6)
LOGITS, MASKS = 2.0 * GENERATOR.normal(size=(2, 5, 6)), GENERATOR.random((2, 5, 6)) < 0.4
CORNERS = np.sort(4.0 * GENERATOR.random((2, 6, 2, 2)), axis=2).reshape(2, 6, 4)
PICTURES = GENERATOR.random((2, 1, 1, 13, 12))
LONG, SHORT = GENERATOR.normal(size=(2, 6)), GENERATOR.normal(size=(2, 4))
CLASS_LOGITS, CLASSES = GENERATOR.normal(size=(1, 4, 5, 3)), GENERATOR.integers(0, 2, (1, 4, 5))


def case(loss: str, data: list[Any], values: Any, **more: Any) -> Case:
    """One loss at one set of hyperparameters: all its inputs, in the card's order."""
    return {"loss": loss, "data": [np.asarray(x).tolist() for x in data], "values": np.asarray(values).tolist(), **more}


def double(x: Any) -> Tensor:
    """Make a tensor of 64-bit numbers."""
    return torch.tensor(x, dtype=torch.float64)


def entmax_says() -> Iterator[Case]:
    """The library of sparse probabilities."""
    import entmax

    x, y = double(SCORES), torch.tensor(LABELS)
    yield case("sparsemax_loss", [SCORES, LABELS], entmax.sparsemax_loss(x, y))
    yield case("entmax15_loss", [SCORES, LABELS], entmax.entmax15_loss(x, y))


def torchvision_says() -> Iterator[Case]:
    """Torchvision's boxes, gradients too; it adds 1e-7 to denominators."""
    from torchvision import ops

    theirs = {"diou_loss": ops.distance_box_iou_loss, "ciou_loss": ops.complete_box_iou_loss}
    for name, loss in theirs.items():
        x = double(CORNERS[0]).requires_grad_()
        values = loss(x, double(CORNERS[1]))
        (gradient,) = torch.autograd.grad(values.sum(), x)
        yield case(name, list(CORNERS), values.detach(), gradient=gradient.tolist())


def kornia_says() -> Iterator[Case]:
    """Kornia's pictures; its SSIM loss is half of ours."""
    from kornia import losses

    x, y = double(PICTURES)
    yield case("ssim_loss", list(PICTURES), [2.0 * float(losses.ssim_loss(x, y, 11, padding="valid"))])
    yield case("total_variation_loss", [PICTURES[0]], losses.total_variation(x, reduction="sum").flatten())


def smp_says() -> Iterator[Case]:
    """segmentation-models-pytorch, image by image."""
    from segmentation_models_pytorch import losses

    hinge = losses.LovaszLoss("binary", per_image=True)
    each = [
        float(hinge(torch.tensor(x[None]).float(), torch.tensor(y[None]).float()))
        for x, y in zip(LOGITS, MASKS, strict=True)
    ]
    yield case("lovasz_hinge_loss", [LOGITS, MASKS.astype(float)], each)
    softmax = losses.LovaszLoss("multiclass", per_image=True)
    value = softmax(torch.tensor(CLASS_LOGITS).float().movedim(-1, 1), torch.tensor(CLASSES))
    yield case("lovasz_softmax_loss", [CLASS_LOGITS, CLASSES], [float(value)])
    power = losses.TverskyLoss("binary", alpha=0.3, beta=0.7, gamma=2.0, smooth=1.0)
    each = [
        float(power(torch.tensor(x)[None, None].float(), torch.tensor(y)[None, None].float()))
        for x, y in zip(LOGITS, MASKS, strict=True)
    ]
    yield case("focal_tversky_loss", [LOGITS, MASKS.astype(float)], each, hyperparameters={"gamma": 0.5})


def monai_says_of_shapes() -> Iterator[Case]:
    """MONAI's distances, centre lines and weighted overlaps."""
    from monai import losses

    x, y = torch.tensor(LOGITS).float().unsqueeze(1), torch.tensor(MASKS).float().unsqueeze(1)
    masks = [LOGITS, MASKS.astype(float)]
    values = losses.HausdorffDTLoss(sigmoid=True, reduction="none")(x, y)
    yield case("hausdorff_dt_loss", masks, values.flatten(1).mean(1))
    values = losses.BoundaryLoss(sigmoid=True, reduction="none")(x, y)
    yield case("boundary_loss", masks, values.flatten(1).mean(1))
    line = losses.SoftclDiceLoss(iter_=3, smooth_nr=1.0, smooth_dr=1.0, smooth=1e-12)
    each = [float(line(a[None].sigmoid(), b[None])) for a, b in zip(x, y, strict=True)]
    yield case("cldice_loss", masks, each)
    dice = losses.GeneralizedDiceLoss(softmax=True, to_onehot_y=True, reduction="none", smooth_nr=0.0, smooth_dr=0.0)
    values = dice(torch.tensor(CLASS_LOGITS).float().movedim(-1, 1), torch.tensor(CLASSES).unsqueeze(1))
    yield case("generalised_dice_loss", [CLASS_LOGITS, CLASSES], values.flatten())
    yield _unified_focal()


def _unified_focal() -> Case:
    """MONAI's two parts; its focal one averages over the two classes, ours adds them."""
    from monai.losses import unified_focal_loss as monai

    x, y = double(LOGITS).flatten(1), double(MASKS).flatten(1)
    p, one_hot = torch.stack([(-x).sigmoid(), x.sigmoid()], 1), torch.stack([1.0 - y, y], 1)
    at = {"delta": 0.7, "gamma": 0.3}
    pixels = monai.AsymmetricFocalLoss(**at, reduction="none")(p, one_hot).sum(1).mean(1)
    # Its epsilon, our smoothing, clamps too: no probability here lies beyond it.
    overlap = monai.AsymmetricFocalTverskyLoss(**at, epsilon=1e-3, reduction="none")(p, one_hot).mean(1)
    hyperparameters = {**at, "weight": 0.4, "smooth": 1e-3}
    return case(
        "unified_focal_loss",
        [LOGITS, MASKS.astype(float)],
        0.4 * pixels + 0.6 * overlap,
        hyperparameters=hyperparameters,
    )


def tslearn_says() -> Iterator[Case]:
    """Tslearn's soft time warping, pair by pair."""
    from tslearn.metrics import soft_dtw

    for gamma in (0.1, 1.0):
        each = [float(soft_dtw(a, b, gamma=gamma)) for a, b in zip(LONG, SHORT, strict=True)]
        yield case("soft_dtw_loss", [LONG, SHORT], each, hyperparameters={"gamma": gamma})


def timm_says() -> Iterator[Case]:
    """Timm's losses of classes: in float32, and of one-hot rows the mean over classes."""
    from timm import loss

    x, y = torch.tensor(SCORES).float(), torch.tensor(LABELS)
    yield case(
        "poly1_loss",
        [SCORES, LABELS],
        loss.PolyCrossEntropy(2.0, reduction="none")(x, y),
        hyperparameters={"epsilon": 2.0},
    )
    every = loss.BinaryCrossEntropy(smoothing=0.0, reduction="none")(x, y)
    yield case("one_vs_all_loss", [SCORES, LABELS], every.sum(-1) if every.ndim > 1 else 5.0 * every)
    rows = np.eye(5)[LABELS]
    each = [float(loss.ZlprLoss()(x[i : i + 1], torch.tensor(rows[i : i + 1]))) for i in range(6)]
    yield case("zlpr_loss", [SCORES, rows], each)


PEERS = {
    "entmax": ("entmax", entmax_says, 1e-11),
    "torchvision": ("torchvision", torchvision_says, 1e-6),  # its 1e-7 in denominators
    "kornia": ("kornia", kornia_says, 1e-11),
    "segmentation_models_pytorch": ("segmentation-models-pytorch", smp_says, 1e-6),  # in float32
    "tslearn": ("tslearn", tslearn_says, 1e-6),  # in float32
    "timm": ("timm", timm_says, 1e-5),  # in float32
}

"""The losses of segmentation-models-pytorch."""

from functools import partial
from typing import Any

from benchmarks.wild.entry import BATCH, CLASS_MAP, DISTANCE, HOT_MAP, MASKS, REDUCED, SOFT_MASKS, Wild, bare

LIBRARY = "segmentation-models-pytorch"


def losses() -> list[Wild]:
    """List them."""
    bare("segmentation_models_pytorch")
    from segmentation_models_pytorch import losses as s

    overlap = {**DISTANCE, **BATCH, "upper_bound": 1.0}
    dice: dict[str, Any] = {"from_logits": False}
    return [
        Wild("DiceLoss(binary)", partial(s.DiceLoss, "binary"), MASKS, overlap),
        Wild("DiceLoss(binary, probabilities)", partial(s.DiceLoss, "binary", **dice), SOFT_MASKS, overlap),
        Wild("DiceLoss(multiclass)", partial(s.DiceLoss, "multiclass"), CLASS_MAP, overlap),
        Wild("DiceLoss(multilabel)", partial(s.DiceLoss, "multilabel"), HOT_MAP, overlap),
        Wild("DiceLoss(log_loss)", partial(s.DiceLoss, "binary", log_loss=True), MASKS, {**DISTANCE, **BATCH}),
        Wild("JaccardLoss(binary)", partial(s.JaccardLoss, "binary"), MASKS, overlap),
        Wild("JaccardLoss(multiclass)", partial(s.JaccardLoss, "multiclass"), CLASS_MAP, overlap),
        Wild("TverskyLoss(binary)", partial(s.TverskyLoss, "binary", alpha=0.3, beta=0.7), MASKS, overlap),
        Wild("TverskyLoss(multiclass)", partial(s.TverskyLoss, "multiclass"), CLASS_MAP, overlap),
        Wild("FocalLoss(binary)", partial(s.FocalLoss, "binary"), MASKS, {**DISTANCE, **REDUCED}),
        Wild("FocalLoss(binary, normalized)", partial(s.FocalLoss, "binary", normalized=True), MASKS, {"lower_bound": 0.0}),  # noqa: E501
        Wild("FocalLoss(multiclass)", partial(s.FocalLoss, "multiclass"), CLASS_MAP, {**DISTANCE, **REDUCED}),
        Wild("FocalLoss(multilabel)", partial(s.FocalLoss, "multilabel"), HOT_MAP, {**DISTANCE, **REDUCED}),
        Wild("LovaszLoss(binary)", partial(s.LovaszLoss, "binary"), MASKS, {"lower_bound": 0.0, **BATCH}),
        Wild("LovaszLoss(multiclass)", partial(s.LovaszLoss, "multiclass"), CLASS_MAP, {"lower_bound": 0.0, **BATCH}),
        Wild("SoftBCEWithLogitsLoss", s.SoftBCEWithLogitsLoss, MASKS, {**DISTANCE, **REDUCED, "convex": True}),
        Wild("SoftCrossEntropyLoss", partial(s.SoftCrossEntropyLoss, smooth_factor=0.0), CLASS_MAP,
             {**DISTANCE, **REDUCED}),
        Wild("SoftCrossEntropyLoss(smooth_factor=0.1)", partial(s.SoftCrossEntropyLoss, smooth_factor=0.1), CLASS_MAP,
             {"lower_bound": 0.0, "reduction": "mean"}),
        Wild("MCCLoss", s.MCCLoss, SOFT_MASKS, {**DISTANCE, **BATCH}),
    ]  # fmt: skip

"""The losses of MONAI: masks with a channel axis, images, registration."""

from functools import partial
from typing import Any

from benchmarks.wild.entry import BATCH, BEST, BOXES, DISTANCE, HOT_MAP, MASKS, REDUCED, Wild, takes

LIBRARY = "monai"


def losses() -> list[Wild]:
    """List them."""
    from monai import losses as m

    overlap = {**DISTANCE, "reduction": "mean"}
    alone = {**DISTANCE, **REDUCED}
    sig: dict[str, Any] = {"sigmoid": True}
    soft: dict[str, Any] = {"softmax": True}
    chances = takes(input="P probabilities N 1 H W", target="T binary01 N 1 H W")
    index = takes(input="P logits N C H W", target="T class_index N 1 H W")
    images = takes(input="P pixels N 1 16 16", target="T pixels N 1 16 16")
    volumes = takes(pred="P pixels N 1 8 8 8", target="T pixels N 1 8 8 8")
    masked = takes(input="P logits N 1 H W", target="T binary01 N 1 H W", mask="M mask01 N 1 H W")
    flow = takes(pred="P real N 2 6 7")
    vectors = takes(input="P embeddings N D", target="P embeddings N D")
    return [
        Wild("DiceLoss(sigmoid)", partial(m.DiceLoss, **sig), MASKS, overlap),
        Wild("DiceLoss", m.DiceLoss, chances, overlap),
        Wild("DiceLoss(softmax)", partial(m.DiceLoss, **soft), HOT_MAP, overlap),
        Wild("DiceLoss(softmax, to_onehot_y)", partial(m.DiceLoss, to_onehot_y=True, **soft), index, {"lower_bound": 0.0}),  # noqa: E501
        Wild("DiceLoss(squared_pred)", partial(m.DiceLoss, squared_pred=True, **sig), MASKS, overlap),
        Wild("DiceLoss(jaccard)", partial(m.DiceLoss, jaccard=True, **sig), MASKS, overlap),
        Wild("DiceLoss(batch)", partial(m.DiceLoss, batch=True, **sig), MASKS, {**DISTANCE, **BATCH}),
        Wild("MaskedDiceLoss", partial(m.MaskedDiceLoss, **sig), masked, {**DISTANCE, "mask": True}),
        Wild("MaskedLoss(DiceLoss)", partial(m.MaskedLoss, m.DiceLoss, **sig), masked, {"lower_bound": 0.0, "mask": True}),  # noqa: E501
        Wild("GeneralizedDiceLoss(sigmoid)", partial(m.GeneralizedDiceLoss, **sig), MASKS, overlap),
        Wild("GeneralizedDiceLoss(softmax)", partial(m.GeneralizedDiceLoss, **soft), HOT_MAP, overlap),
        Wild("GeneralizedWassersteinDiceLoss", _wasserstein,
             takes(input="P logits N C H W", target="T class_index N H W"), {"lower_bound": 0.0}),
        Wild("DiceCELoss(sigmoid)", partial(m.DiceCELoss, **sig), MASKS, overlap),
        Wild("DiceCELoss(softmax)", partial(m.DiceCELoss, **soft), HOT_MAP, overlap),
        Wild("DiceFocalLoss(sigmoid)", partial(m.DiceFocalLoss, **sig), MASKS, overlap),
        Wild("DiceFocalLoss(softmax)", partial(m.DiceFocalLoss, **soft), HOT_MAP, overlap),
        Wild("GeneralizedDiceFocalLoss", partial(m.GeneralizedDiceFocalLoss, **sig), MASKS, overlap),
        Wild("FocalLoss", m.FocalLoss, MASKS, alone),
        Wild("FocalLoss(use_softmax)", partial(m.FocalLoss, use_softmax=True), HOT_MAP, alone),
        Wild("FocalLoss(alpha)", partial(m.FocalLoss, alpha=0.25), MASKS, alone),
        Wild("TverskyLoss(sigmoid)", partial(m.TverskyLoss, **sig), MASKS, overlap),
        Wild("TverskyLoss(softmax)", partial(m.TverskyLoss, **soft), HOT_MAP, overlap),
        Wild("MCCLoss(sigmoid)", partial(m.MCCLoss, **sig), MASKS, {"reduction": "mean", **DISTANCE}),
        Wild("HausdorffDTLoss", partial(m.HausdorffDTLoss, include_background=True, **sig), MASKS, overlap),
        Wild("LogHausdorffDTLoss", partial(m.LogHausdorffDTLoss, include_background=True, **sig), MASKS, overlap),
        Wild("BoundaryLoss", partial(m.BoundaryLoss, include_background=True, **sig), MASKS, BEST),
        Wild("SoftclDiceLoss", partial(m.SoftclDiceLoss, **sig), MASKS, {**DISTANCE, **BATCH}),
        Wild("SoftDiceclDiceLoss", partial(m.SoftDiceclDiceLoss, **sig), MASKS, {**DISTANCE, **BATCH}),
        Wild("AsymmetricUnifiedFocalLoss", m.AsymmetricUnifiedFocalLoss,
             takes(y_pred="P simplex N 2 H W", y_true="T one_hot N 2 H W"), DISTANCE),
        Wild("AUCMLoss", m.AUCMLoss, takes(input="P probabilities N 1", target="T binary01 N 1"), BATCH),
        Wild("NACLLoss", partial(m.NACLLoss, classes=4, dim=2),
             takes(input="P logits N C H W", target="T class_index N H W"), {"reduction": "mean"}),
        Wild("BoxGIoULoss", m.BoxGIoULoss, BOXES, {**DISTANCE, "upper_bound": 2.0}),
        Wild("ContrastiveLoss", m.ContrastiveLoss, vectors, {"lower_bound": 0.0, **BATCH}),
        Wild("BarlowTwinsLoss", m.BarlowTwinsLoss, vectors, {"lower_bound": 0.0, **BATCH}),
        Wild("BendingEnergyLoss", m.BendingEnergyLoss, flow, {"lower_bound": 0.0, "reduction": "mean"}),
        Wild("BendingEnergyLoss(normalize)", partial(m.BendingEnergyLoss, normalize=True), flow, {"lower_bound": 0.0}),
        Wild("DiffusionLoss", m.DiffusionLoss, flow, {"lower_bound": 0.0, "reduction": "mean"}),
        Wild("LocalNormalizedCrossCorrelationLoss", m.LocalNormalizedCrossCorrelationLoss, volumes, BEST),
        Wild("GlobalMutualInformationLoss", m.GlobalMutualInformationLoss, volumes, {}),
        Wild("SSIMLoss", partial(m.SSIMLoss, spatial_dims=2), images, {**DISTANCE, "reduction": "mean"}),
        Wild("JukeboxLoss", partial(m.JukeboxLoss, spatial_dims=2), images, {**DISTANCE, "reduction": "mean"}),
        Wild("MultiScaleLoss(MSE)", _scales, images, {"lower_bound": 0.0}),
        Wild("PatchAdversarialLoss", _patches, takes(input="P logits N 1 H W"), {}),
        Wild("unified_focal_loss.AsymmetricFocalTverskyLoss", lambda: _unified("AsymmetricFocalTverskyLoss"),
             takes(y_pred="P simplex N 2 H W", y_true="T one_hot N 2 H W"), DISTANCE),
        Wild("unified_focal_loss.AsymmetricFocalLoss", lambda: _unified("AsymmetricFocalLoss"),
             takes(y_pred="P simplex N 2 H W", y_true="T one_hot N 2 H W"), DISTANCE),
    ]  # fmt: skip


def _wasserstein() -> Any:
    import torch
    from monai.losses import GeneralizedWassersteinDiceLoss

    return GeneralizedWassersteinDiceLoss(dist_matrix=1.0 - torch.eye(4))


def _scales() -> Any:
    import torch
    from monai.losses import MultiScaleLoss

    return MultiScaleLoss(torch.nn.MSELoss(), scales=[0, 1])


def _patches() -> Any:
    from monai.losses import PatchAdversarialLoss

    built = PatchAdversarialLoss()
    return lambda x: built(x, target_is_real=True, for_discriminator=False)


def _unified(name: str) -> Any:
    from monai.losses import unified_focal_loss

    return getattr(unified_focal_loss, name)()

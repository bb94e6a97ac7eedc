"""The losses of kornia: images, masks, robust errors."""

from functools import partial

from benchmarks.wild.entry import CLASS_MAP, DISTANCE, LABELS, REDUCED, Wild, takes

LIBRARY = "kornia"


def losses() -> list[Wild]:
    """List them."""
    from kornia import losses as k

    images = takes(img1="P pixels N 1 16 16", img2="T pixels N 1 16 16")
    volumes = takes(img1="P pixels N 1 8 8 8", img2="T pixels N 1 8 8 8")
    shares = takes(pred="P simplex N C H W", target="T soft_labels N C H W")
    binary = takes(pred="P logits N 1 H W", target="T binary01 N 1 H W")
    map1 = takes(pred="P logits N 1 H W", target="T binary01 N H W")
    classes = takes(pred="P logits N C H W", target="T class_index N 1 H W")
    best = {**DISTANCE, **REDUCED}
    mean = {"reduction": "mean"}
    robust = {**best, "robust": True}
    return [
        Wild("CharbonnierLoss", partial(k.CharbonnierLoss, **mean), images, {**best, "convex": True, "robust": True}),
        Wild("WelschLoss", partial(k.WelschLoss, **mean), images, robust),
        Wild("CauchyLoss", partial(k.CauchyLoss, **mean), images, robust),
        Wild("GemanMcclureLoss", partial(k.GemanMcclureLoss, **mean), images, robust),
        Wild("PSNRLoss", partial(k.PSNRLoss, max_val=1.0), takes(image="P pixels N 1 8 8", target="T pixels N 1 8 8"),
             {"minimum_at_perfect": True}),
        Wild("SSIMLoss", partial(k.SSIMLoss, window_size=5), images, {**DISTANCE, "reduction": "mean"}),
        Wild("SSIM3DLoss", partial(k.SSIM3DLoss, window_size=3), volumes, {**DISTANCE, "reduction": "mean"}),
        Wild("MS_SSIMLoss", partial(k.MS_SSIMLoss), images, {**DISTANCE, "reduction": "mean"}),
        Wild("TotalVariation", k.TotalVariation, takes(img="P pixels N 1 8 8"), {"lower_bound": 0.0}),
        Wild("InverseDepthSmoothnessLoss", k.InverseDepthSmoothnessLoss,
             takes(idepth="P positive N 1 8 8", image="A pixels N 3 8 8"), {"lower_bound": 0.0}),
        Wild("DiceLoss", k.DiceLoss, CLASS_MAP, {**DISTANCE, "reduction": "mean"}),
        Wild("DiceLoss(macro)", partial(k.DiceLoss, average="macro"), CLASS_MAP, {**DISTANCE, "reduction": "mean"}),
        Wild("TverskyLoss", partial(k.TverskyLoss, alpha=0.5, beta=0.5), CLASS_MAP, {**DISTANCE, "reduction": "mean"}),
        Wild("FocalLoss", partial(k.FocalLoss, alpha=0.25, **mean), CLASS_MAP, {**DISTANCE, "reduction": "mean"}),
        Wild("FocalLoss(ignore_index)", partial(k.FocalLoss, alpha=0.25, **mean),
             takes(pred="P logits N C H W", target="T ignored_index N H W"), {"ignore_index": -100, "lower_bound": 0.0}),  # noqa: E501
        Wild("BinaryFocalLossWithLogits", partial(k.BinaryFocalLossWithLogits, alpha=0.25, **mean), binary, best),
        Wild("BinaryFocalLossWithLogits(labels)", partial(k.BinaryFocalLossWithLogits, alpha=0.25, **mean), LABELS, best),  # noqa: E501
        Wild("LovaszHingeLoss", k.LovaszHingeLoss, map1, {"lower_bound": 0.0, "reduction": "mean"}),
        Wild("LovaszSoftmaxLoss", k.LovaszSoftmaxLoss, CLASS_MAP, {"lower_bound": 0.0}),
        Wild("HausdorffERLoss", k.HausdorffERLoss, classes, {"lower_bound": 0.0}),
        Wild("kl_div_loss_2d", lambda: k.kl_div_loss_2d, shares, {"lower_bound": 0.0}),
        Wild("js_div_loss_2d", lambda: k.js_div_loss_2d, shares, {"lower_bound": 0.0, "upper_bound": 0.6931472}),
        Wild("mutual_information_loss", lambda: k.mutual_information_loss,
             takes(input="P pixels N 64", target="T pixels N 64"), {}),
        Wild("normalized_mutual_information_loss", lambda: k.normalized_mutual_information_loss,
             takes(input="P pixels N 64", target="T pixels N 64"), {}),
    ]  # fmt: skip

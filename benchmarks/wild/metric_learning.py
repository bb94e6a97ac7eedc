"""The losses of pytorch-metric-learning: embeddings and group labels."""

from functools import partial
from typing import Any

from benchmarks.wild.entry import BATCH, GROUPS, Wild

LIBRARY = "pytorch-metric-learning"
PLAIN = (
    "AngularLoss", "CircleLoss", "ContrastiveLoss", "DynamicSoftMarginLoss", "FastAPLoss", "GeneralizedLiftedStructureLoss",  # noqa: E501
    "HistogramLoss", "IntraPairVarianceLoss", "LiftedStructureLoss", "MarginLoss", "MultiSimilarityLoss", "NCALoss",
    "NPairsLoss", "NTXentLoss", "PNPLoss", "RankedListLoss", "SignalToNoiseRatioContrastiveLoss", "SmoothAPLoss",
    "SupConLoss", "ThresholdConsistentMarginLoss", "TripletMarginLoss", "TupletMarginLoss",
)  # fmt: skip
WITH_CENTRES = (
    "ArcFaceLoss", "CosFaceLoss", "LargeMarginSoftmaxLoss", "NormalizedSoftmaxLoss", "ProxyAnchorLoss", "ProxyNCALoss",
    "SoftTripleLoss", "SphereFaceLoss", "SubCenterArcFaceLoss",
)  # fmt: skip
SIGNED = ("DynamicSoftMarginLoss", "FastAPLoss", "PNPLoss", "SmoothAPLoss")
"""Of these nothing is said about a lower bound here."""


def losses() -> list[Wild]:
    """List them."""
    return [Wild(name, partial(_built, name), GROUPS, _claims(name)) for name in (*PLAIN, *WITH_CENTRES)]


def _claims(name: str) -> dict[str, Any]:
    if name == "DynamicSoftMarginLoss":  # documented: it keeps a running histogram
        return {**BATCH, "stateless": False}
    return dict(BATCH) if name in SIGNED else {**BATCH, "lower_bound": 0.0}


def _built(name: str) -> Any:
    import torch
    from pytorch_metric_learning import losses as p

    torch.manual_seed(0)
    needs: dict[str, dict[str, Any]] = {
        "RankedListLoss": {"margin": 1.0, "Tn": 1.0},
        **{other: {"num_classes": 3, "embedding_size": 5} for other in WITH_CENTRES},
    }
    return getattr(p, name)(**needs.get(name, {}))

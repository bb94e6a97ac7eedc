"""The losses of Keras 3, on its torch backend: called as (y_true, y_pred)."""

from functools import partial
from typing import Any

from benchmarks.wild.entry import BATCH, BEST, DISTANCE, REDUCED, Wild, takes

LIBRARY = "keras"


def losses() -> list[Wild]:
    """List them."""
    from keras import losses as k

    best = {**DISTANCE, **REDUCED}
    numbers = takes(y_true="T real N D", y_pred="P real N D")
    rates = takes(y_true="T positive N D", y_pred="P positive N D")
    counts = takes(y_true="T count N D", y_pred="P positive N D")
    chance = takes(y_true="T binary01 N D", y_pred="P probabilities N D")
    logits = takes(y_true="T binary01 N D", y_pred="P logits N D")
    signs = takes(y_true="T sign N D", y_pred="P logits N D")
    shares = takes(y_true="T one_hot N C", y_pred="P simplex N C")
    scores = takes(y_true="T one_hot N C", y_pred="P logits N C")
    index = takes(y_true="T class_index N", y_pred="P simplex N C")
    index_scores = takes(y_true="T class_index N", y_pred="P logits N C")
    soft = takes(y_true="T soft_labels N C", y_pred="P simplex N C")
    vectors = takes(y_true="T embeddings N D", y_pred="P embeddings N D")
    maps = takes(y_true="T binary01 N H W 1", y_pred="P probabilities N H W 1")
    groups = takes(y_true="A group_labels N", y_pred="P unit N D")
    logit: dict[str, Any] = {"from_logits": True}
    return [
        Wild("MeanSquaredError", k.MeanSquaredError, numbers, {**best, "convex": True, "elicits": "mean"}),
        Wild("MeanAbsoluteError", k.MeanAbsoluteError, numbers, {**best, "convex": True, "robust": True}),
        Wild("MeanAbsolutePercentageError", k.MeanAbsolutePercentageError, rates, {**best, "convex": True}),
        Wild("MeanSquaredLogarithmicError", k.MeanSquaredLogarithmicError, rates, best),
        Wild("Huber", k.Huber, numbers, {**best, "convex": True, "robust": True}),
        Wild("LogCosh", k.LogCosh, numbers, {**best, "convex": True, "robust": True}),
        Wild("CosineSimilarity", k.CosineSimilarity, vectors, {**REDUCED, "lower_bound": -1.0, **BEST}),
        Wild("Poisson", k.Poisson, counts, {**REDUCED, **BEST}),
        Wild("KLDivergence", k.KLDivergence, soft, best),
        Wild("BinaryCrossentropy", k.BinaryCrossentropy, chance, {**best, "proper": True}),
        Wild("BinaryCrossentropy(from_logits)", partial(k.BinaryCrossentropy, **logit), logits, {**best, "proper": True}),  # noqa: E501
        Wild("BinaryCrossentropy(label_smoothing)", partial(k.BinaryCrossentropy, label_smoothing=0.1), chance, REDUCED),  # noqa: E501
        Wild("BinaryFocalCrossentropy", k.BinaryFocalCrossentropy, chance, best),
        Wild("BinaryFocalCrossentropy(from_logits)", partial(k.BinaryFocalCrossentropy, **logit), logits, best),
        Wild("CategoricalCrossentropy", k.CategoricalCrossentropy, shares, {**best, "proper": True}),
        Wild("CategoricalCrossentropy(from_logits)", partial(k.CategoricalCrossentropy, **logit), scores,
             {**best, "proper": True, "shift_invariant": True}),
        Wild("CategoricalFocalCrossentropy", k.CategoricalFocalCrossentropy, shares, best),
        Wild("CategoricalFocalCrossentropy(from_logits)", partial(k.CategoricalFocalCrossentropy, **logit), scores, best),  # noqa: E501
        Wild("CategoricalGeneralizedCrossEntropy", k.CategoricalGeneralizedCrossEntropy,
             takes(y_true="T class_index N", y_pred="P simplex N C"), best),
        Wild("SparseCategoricalCrossentropy", k.SparseCategoricalCrossentropy, index, {**best, "proper": True}),
        Wild("SparseCategoricalCrossentropy(from_logits)", partial(k.SparseCategoricalCrossentropy, **logit),
             index_scores, {**best, "proper": True, "shift_invariant": True}),
        Wild("Hinge", k.Hinge, signs, {**best, "convex": True}),
        Wild("SquaredHinge", k.SquaredHinge, signs, {**best, "convex": True}),
        Wild("CategoricalHinge", k.CategoricalHinge, takes(y_true="T one_hot N C", y_pred="P logits N C"), best),
        Wild("Dice", k.Dice, maps, {**DISTANCE, **BATCH}),
        Wild("Tversky", k.Tversky, maps, {**DISTANCE, **BATCH}),
        Wild("Circle", k.Circle, groups, {"lower_bound": 0.0, **BATCH}),
        Wild("CTC", k.CTC, takes(y_true="T padded_index N S", y_pred="P logits N T C"), {"lower_bound": 0.0}),
        Wild("functions.kl_divergence", lambda: k.kl_divergence, soft, DISTANCE),
        Wild("functions.log_cosh", lambda: k.log_cosh, numbers, {**DISTANCE, "convex": True}),
        Wild("functions.huber", lambda: k.huber, numbers, {**DISTANCE, "convex": True}),
    ]  # fmt: skip

"""Functionals of torchmetrics that are differentiable errors, as people use them for losses."""

from functools import partial
from typing import Any

from benchmarks.wild.entry import BATCH, BEST, DISTANCE, Wild, takes

LIBRARY = "torchmetrics"


def losses() -> list[Wild]:
    """List them."""
    from torchmetrics.functional import audio, image
    from torchmetrics.functional import regression as r

    flat = takes(preds="P real N", target="T real N")
    rates = takes(preds="P positive N", target="T positive N")
    shares = takes(p="P simplex N C", q="T simplex N C")
    waves = takes(preds="P real N 128", target="T real N 128")
    images = takes(preds="P pixels N 1 16 16", target="T pixels N 1 16 16")
    errors = {**DISTANCE, "reduction": "mean"}

    def minus(score: Any, **settings: Any) -> Any:
        return lambda: lambda preds, target: -score(preds, target, **settings).mean()

    return [
        Wild("mean_squared_error", lambda: r.mean_squared_error, flat, {**errors, "convex": True}),
        Wild("mean_squared_error(squared=False)", partial(partial, r.mean_squared_error, squared=False), flat,
             {**DISTANCE, **BATCH}),
        Wild("mean_absolute_error", lambda: r.mean_absolute_error, flat, {**errors, "convex": True, "robust": True}),
        Wild("mean_absolute_percentage_error", lambda: r.mean_absolute_percentage_error, rates, errors),
        Wild("symmetric_mean_absolute_percentage_error", lambda: r.symmetric_mean_absolute_percentage_error, rates, errors),  # noqa: E501
        Wild("weighted_mean_absolute_percentage_error", lambda: r.weighted_mean_absolute_percentage_error, rates,
             {**DISTANCE, **BATCH}),
        Wild("mean_squared_log_error", lambda: r.mean_squared_log_error, rates, errors),
        Wild("log_cosh_error", lambda: r.log_cosh_error, flat, {**errors, "convex": True}),
        Wild("minkowski_distance", partial(partial, r.minkowski_distance, p=3), flat, {**DISTANCE, **BATCH}),
        Wild("relative_squared_error", lambda: r.relative_squared_error, flat, {**DISTANCE, **BATCH}),
        Wild("tweedie_deviance_score(1.5)", partial(partial, r.tweedie_deviance_score, power=1.5), rates, errors),
        Wild("tweedie_deviance_score(2)", partial(partial, r.tweedie_deviance_score, power=2), rates, errors),
        Wild("kl_divergence", lambda: r.kl_divergence, shares, {"lower_bound": 0.0}),
        Wild("jensen_shannon_divergence", lambda: r.jensen_shannon_divergence, shares, {"lower_bound": 0.0}),
        Wild("minus pearson_corrcoef", minus(r.pearson_corrcoef), flat, {"lower_bound": -1.0, **BATCH, **BEST}),
        Wild("minus concordance_corrcoef", minus(r.concordance_corrcoef), flat, {"lower_bound": -1.0, **BATCH, **BEST}),
        Wild("minus r2_score", minus(r.r2_score), flat, {"lower_bound": -1.0, **BATCH, **BEST}),
        Wild("minus cosine_similarity", minus(r.cosine_similarity, reduction="mean"),
             takes(preds="P real N D", target="T real N D"), {"lower_bound": -1.0, **BEST}),
        Wild("minus signal_noise_ratio", minus(audio.signal_noise_ratio), waves, BEST),
        Wild("minus scale_invariant_signal_distortion_ratio", minus(audio.scale_invariant_signal_distortion_ratio),
             waves, BEST),
        Wild("minus scale_invariant_signal_noise_ratio", minus(audio.scale_invariant_signal_noise_ratio), waves, BEST),
        Wild("minus structural_similarity_index_measure",
             minus(image.structural_similarity_index_measure, data_range=1.0, kernel_size=5, sigma=0.6), images,
             {"lower_bound": -1.0, **BEST}),
        Wild("minus universal_image_quality_index", minus(image.universal_image_quality_index, kernel_size=(5, 5)),
             images, {"lower_bound": -1.0, **BEST}),
        Wild("minus peak_signal_noise_ratio", minus(image.peak_signal_noise_ratio, data_range=1.0), images, BEST),
        Wild("total_variation", lambda: image.total_variation, takes(img="P pixels N 1 8 8"), {"lower_bound": 0.0}),
    ]  # fmt: skip

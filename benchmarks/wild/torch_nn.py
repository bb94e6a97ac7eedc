"""Every loss of torch.nn and torch.nn.functional."""

from functools import partial

from benchmarks.wild.entry import (
    BATCH,
    BINARY,
    CHANCE,
    CLASS_MAP,
    CLASSES,
    DISTANCE,
    LABELS,
    NUMBERS,
    REDUCED,
    SIGNS,
    TRIPLET,
    Wild,
    takes,
)  # fmt: skip

LIBRARY = "torch"
THREE = ("none", "mean", "sum")
TOKENS = takes(input="P log_probabilities T N C", target="A padded_index N S", input_lengths="A lengths N",
               target_lengths="A lengths N")  # fmt: skip


def losses() -> list[Wild]:
    """List them."""
    import torch
    import torch.nn.functional as f
    from torch import nn

    best = {**DISTANCE, **REDUCED}
    every = {**best, "reductions": THREE}
    flat = takes(input="P probabilities N C", target="T binary01 N C")
    pair = takes(input1="P real N", input2="P real N", target="T sign N")
    twins = takes(input1="P embeddings N D", input2="P embeddings N D", target="T sign N")
    logs = takes(input="P log_probabilities N C", target="T class_index N")
    log_map = takes(input="P log_probabilities N C H W", target="T class_index N H W")
    soft = takes(input="P log_probabilities N C", target="T soft_labels N C")
    ignoring = takes(input="P logits N C", target="T ignored_index N")
    counts = takes(input="P real N", target="T count N")
    rates = takes(input="P positive N", target="T count N")
    gauss = takes(input="P real N D", target="T real N D", var="A positive N D")
    distances = takes(input="P real N", target="T sign N")
    weight = torch.tensor([1.0, 2.0, 3.0, 4.0], dtype=torch.float64)
    found = [
        Wild("nn.L1Loss", nn.L1Loss, NUMBERS, {**every, "convex": True, "robust": True, "elicits": "median"}),
        Wild("nn.MSELoss", nn.MSELoss, NUMBERS, {**every, "convex": True, "elicits": "mean"}),
        Wild("nn.MSELoss(sum)", partial(nn.MSELoss, reduction="sum"), NUMBERS, {**DISTANCE, "reduction": "sum"}),
        Wild("nn.SmoothL1Loss", nn.SmoothL1Loss, NUMBERS, {**every, "convex": True, "robust": True}),
        Wild("nn.HuberLoss", nn.HuberLoss, NUMBERS, {**every, "convex": True, "robust": True}),
        Wild("nn.CrossEntropyLoss", nn.CrossEntropyLoss, CLASSES,
             {**every, "proper": True, "convex": True, "shift_invariant": True}),
        Wild("nn.CrossEntropyLoss(label_smoothing=0.1)", partial(nn.CrossEntropyLoss, label_smoothing=0.1), CLASSES,
             {**REDUCED, "lower_bound": 0.0, "convex": True, "shift_invariant": True}),
        Wild("nn.CrossEntropyLoss(weight)", partial(nn.CrossEntropyLoss, weight=weight), CLASSES,
             {**DISTANCE, "convex": True, "class_weights": {0: 1.0, 1: 2.0, 2: 3.0, 3: 4.0}, **BATCH}),
        Wild("nn.CrossEntropyLoss(ignore_index)", nn.CrossEntropyLoss, ignoring, {**DISTANCE, "ignore_index": -100}),
        Wild("nn.CrossEntropyLoss(map)", nn.CrossEntropyLoss, CLASS_MAP, {**DISTANCE, "reduction": "mean"}),
        Wild("nn.NLLLoss", nn.NLLLoss, logs, {**every, "proper": True}),
        Wild("nn.NLLLoss(map)", nn.NLLLoss, log_map, {**DISTANCE, "reduction": "mean"}),
        Wild("nn.PoissonNLLLoss", nn.PoissonNLLLoss, counts, {**REDUCED, "reductions": THREE, "elicits": "mean"}),
        Wild("nn.PoissonNLLLoss(full)", partial(nn.PoissonNLLLoss, full=True), counts, REDUCED),
        Wild("nn.PoissonNLLLoss(log_input=False)", partial(nn.PoissonNLLLoss, log_input=False), rates, REDUCED),
        Wild("nn.GaussianNLLLoss", nn.GaussianNLLLoss, gauss, {"reduction": "mean", "minimum_at_perfect": True}),
        Wild("nn.KLDivLoss(batchmean)", partial(nn.KLDivLoss, reduction="batchmean"), soft, best),
        Wild("nn.KLDivLoss(log_target)", partial(nn.KLDivLoss, reduction="batchmean", log_target=True),
             takes(input="P log_probabilities N C", target="T log_probabilities N C"), {**REDUCED, "lower_bound": 0.0}),
        Wild("nn.BCELoss", nn.BCELoss, CHANCE, {**every, "proper": True, "convex": True}),
        Wild("nn.BCELoss(labels)", nn.BCELoss, flat, best),
        Wild("nn.BCEWithLogitsLoss", nn.BCEWithLogitsLoss, BINARY, {**every, "proper": True, "convex": True}),
        Wild("nn.BCEWithLogitsLoss(pos_weight)", partial(nn.BCEWithLogitsLoss, pos_weight=torch.tensor(3.0)), BINARY,
             {**best, "convex": True}),
        Wild("nn.HingeEmbeddingLoss", nn.HingeEmbeddingLoss, distances, REDUCED),
        Wild("nn.MarginRankingLoss", nn.MarginRankingLoss, pair, {**REDUCED, "lower_bound": 0.0, "convex": True}),
        Wild("nn.SoftMarginLoss", nn.SoftMarginLoss, SIGNS, {**every, "convex": True}),
        Wild("nn.MultiLabelSoftMarginLoss", nn.MultiLabelSoftMarginLoss, LABELS, {**best, "convex": True}),
        Wild("nn.MultiLabelMarginLoss", nn.MultiLabelMarginLoss,
             takes(input="P logits N C", target="A padded_index N C"), {**REDUCED, "lower_bound": 0.0}),
        Wild("nn.MultiMarginLoss", nn.MultiMarginLoss, CLASSES, {**best, "convex": True, "shift_invariant": True}),
        Wild("nn.CosineEmbeddingLoss", nn.CosineEmbeddingLoss, twins, {**REDUCED, "lower_bound": 0.0}),
        Wild("nn.TripletMarginLoss", nn.TripletMarginLoss, TRIPLET, {**REDUCED, "lower_bound": 0.0}),
        Wild("nn.TripletMarginLoss(swap)", partial(nn.TripletMarginLoss, swap=True), TRIPLET, {"lower_bound": 0.0}),
        Wild("nn.TripletMarginWithDistanceLoss", nn.TripletMarginWithDistanceLoss, TRIPLET, {"lower_bound": 0.0}),
        Wild("nn.CTCLoss", nn.CTCLoss, TOKENS, {"lower_bound": 0.0}),
        Wild("nn.CTCLoss(zero_infinity)", partial(nn.CTCLoss, zero_infinity=True), TOKENS, {"lower_bound": 0.0}),
        Wild("nn.AdaptiveLogSoftmaxWithLoss", _adaptive, takes(input="P embeddings N D", target="T class_index N"),
             {"lower_bound": 0.0, "dtypes": ["float64"]}),  # that of its layer
    ]  # fmt: skip
    functions = {
        "l1_loss": (NUMBERS, best), "mse_loss": (NUMBERS, best), "smooth_l1_loss": (NUMBERS, best),
        "huber_loss": (NUMBERS, best), "cross_entropy": (CLASSES, best), "nll_loss": (logs, best),
        "poisson_nll_loss": (counts, REDUCED), "gaussian_nll_loss": (gauss, {"reduction": "mean"}),
        "kl_div": (soft, {"reduction": "mean", "lower_bound": 0.0}), "binary_cross_entropy": (CHANCE, best),
        "binary_cross_entropy_with_logits": (BINARY, best), "hinge_embedding_loss": (distances, REDUCED),
        "margin_ranking_loss": (pair, REDUCED), "soft_margin_loss": (SIGNS, best),
        "multilabel_soft_margin_loss": (LABELS, best), "multi_margin_loss": (CLASSES, best),
        "cosine_embedding_loss": (twins, REDUCED), "triplet_margin_loss": (TRIPLET, REDUCED),
        "triplet_margin_with_distance_loss": (TRIPLET, REDUCED), "ctc_loss": (TOKENS, {"lower_bound": 0.0}),
    }  # fmt: skip
    for name, (inputs, claims) in functions.items():
        found.append(Wild(f"functional.{name}", lambda name=name: getattr(f, name), inputs, claims))
    return found


def _adaptive() -> object:
    """Build it with fixed parameters, and hand back its loss alone."""
    import torch

    torch.manual_seed(0)
    layer = torch.nn.AdaptiveLogSoftmaxWithLoss(5, 4, [2], dtype=torch.float64)
    return lambda x, target: layer(x, target).loss

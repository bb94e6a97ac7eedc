"""Numbers computed elsewhere: other libraries' (committed, with their versions) and by hand (with the derivation).

`python -m benchmarks.make_oracles` writes tests/oracles/*.json anew.
"""

import json
import math
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from lossmith import registry

FILES = sorted((Path(__file__).parent / "oracles").glob("*.json"))
ORACLES = [json.loads(path.read_text(encoding="utf-8")) for path in FILES]
CASES = [(oracle["tolerance"], case) for oracle in ORACLES for case in oracle["cases"]]
IDS = [f"{o['library']} {o['version']}-{case['loss']}-{i}" for o in ORACLES for i, case in enumerate(o["cases"])]


def tensor(values: Any) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


def evaluate(case: dict[str, Any]) -> tuple[Tensor, Tensor]:
    """Our value, and its gradient with respect to the first input."""
    card = registry.catalogue()[case["loss"]]
    # A loss of prediction and target, or one with inputs in the field's own words, in the card's order.
    data = case["data"] if "data" in case else [case["input"], case["target"]]
    pairs = zip(data, card.inputs.values(), strict=True)
    x, *others = [torch.tensor(given) if domain.integer else tensor(given) for given, domain in pairs]
    at = {key: tensor(h) if isinstance(h, list) else h for key, h in case.get("hyperparameters", {}).items()}
    x.requires_grad_()
    values = card.module.function(x, *others, **at)
    if "less_at_input" in case:
        values = values - card.module.function(torch.full_like(x, case["less_at_input"]), *others, **at)
    return values, torch.autograd.grad(values.sum(), x)[0]


@pytest.mark.parametrize(("tolerance", "case"), CASES, ids=IDS)
def test_agrees_with_the_peer(tolerance: float, case: dict[str, Any]) -> None:
    values, gradient = evaluate(case)
    torch.testing.assert_close(values, tensor(case["values"]), rtol=max(1e-8, 10 * tolerance), atol=tolerance)
    if "gradient" in case:
        torch.testing.assert_close(gradient, tensor(case["gradient"]), rtol=max(1e-8, 10 * tolerance), atol=tolerance)


def test_every_loss_has_an_oracle() -> None:
    covered = {case["loss"] for _, case in CASES} | {name for name, *_ in HAND} | {name for name, *_ in WORDED}
    missing = [name for name, card in registry.catalogue().items() if card.kind == "loss" and name not in covered]
    assert not missing


E = math.e
LOG2 = math.log(2.0)
SHAPE = 4.0 / math.pi**2 * (math.pi / 4.0 - math.atan(2.0)) ** 2
HAND: list[tuple[str, dict[str, Any], Any, Any, float]] = [
    # log cosh(log 2): cosh(log 2) = (2 + 1/2)/2 = 5/4.
    ("log_cosh_loss", {}, [LOG2], [0.0], math.log(1.25)),
    # Too low by 4 at the 0.9-quantile costs 0.9 each; too high by 4 costs 0.1 each.
    ("pinball_loss", {"quantile": 0.9}, [1.0], [5.0], 3.6),
    ("pinball_loss", {"quantile": 0.9}, [5.0], [1.0], 0.4),
    # exp(log 3) - 2 log 3.
    ("poisson_loss", {}, [math.log(3.0)], [2.0], 3.0 - 2.0 * math.log(3.0)),
    # p = 3/2, mean 4: 3·4^(-1/2)/(1/2) + 4^(1/2)/(1/2) = 3 + 4.
    ("tweedie_loss", {"power": 1.5}, [math.log(4.0)], [3.0], 7.0),
    # log 4 + 3/4.
    ("gamma_loss", {}, [math.log(4.0)], [3.0], math.log(4.0) + 0.75),
    # |90 - 120| / 120.
    ("absolute_percentage_error_loss", {}, [90.0], [120.0], 0.25),
    # Odds of 3 to 1 for a yes that is a no: -log(1/4).
    ("binary_cross_entropy_loss", {}, [math.log(3.0)], [0.0], math.log(4.0)),
    # The same, half yes and half no: (log(4/3) + log 4)/2.
    ("binary_cross_entropy_loss", {}, [math.log(3.0)], [0.5], 0.5 * (math.log(4.0 / 3.0) + math.log(4.0))),
    # Probabilities 1/2, 1/4, 1/4; smoothing 0.3 puts 0.8, 0.1, 0.1 on them: 0.8·log 2 + 0.2·log 4 = 1.2·log 2.
    ("label_smoothing_cross_entropy_loss", {"smoothing": 0.3}, [[LOG2, 0.0, 0.0]], [0], 1.2 * LOG2),
    # (1/2 - 1)² + (1/4)² + (1/4)² = 3/8.
    ("brier_loss", {}, [[LOG2, 0.0, 0.0]], [0], 0.375),
    # Two classes at 3/4 : 1/4, the second true: 2·(3/4)², twice the binary form.
    ("brier_loss", {}, [[math.log(3.0), 0.0]], [1], 2.0 * 0.75**2),
    # 5·log 4.
    ("class_weighted_cross_entropy_loss", {"weight": [1.0, 5.0, 1.0]}, [[LOG2, 0.0, 0.0]], [1], 5.0 * 2.0 * LOG2),
    # (1 - 1/4)²·log 4.
    ("focal_loss", {"gamma": 2.0}, [[LOG2, 0.0, 0.0]], [1], 0.5625 * 2.0 * LOG2),
    # Square root of 1/2, times log 2.
    ("focal_loss", {"gamma": 0.5}, [[LOG2, 0.0, 0.0]], [0], math.sqrt(0.5) * LOG2),
    # p = 3/4: 0.25·(1/4)²·log(4/3) for a yes, 0.75·(3/4)²·log 4 for a no.
    ("sigmoid_focal_loss", {"gamma": 2.0, "alpha": 0.25}, [math.log(3.0)], [1.0], 0.25 / 16.0 * math.log(4.0 / 3.0)),
    ("sigmoid_focal_loss", {"gamma": 2.0, "alpha": 0.25}, [math.log(3.0)], [0.0], 0.75 * 0.5625 * math.log(4.0)),
    # (3/4 - 1)² for a yes, (3/4)² for a no.
    ("sigmoid_brier_loss", {}, [math.log(3.0)], [1.0], 1.0 / 16.0),
    ("sigmoid_brier_loss", {}, [math.log(3.0)], [0.0], 9.0 / 16.0),
    # p = 3/4, a no: ((3/4) - 1/4)²·log 2, since 1 - (3/4 - 1/4) = 1/2; a yes: (1/4)·log(4/3).
    ("asymmetric_loss", {"gamma_negative": 2.0, "margin": 0.25}, [math.log(3.0)], [0.0], 0.25 * LOG2),
    ("asymmetric_loss", {"gamma_positive": 1.0}, [math.log(3.0)], [1.0], 0.25 * math.log(4.0 / 3.0)),
    # Within the margin a no costs nothing.
    ("asymmetric_loss", {"margin": 0.25}, [-math.log(4.0)], [0.0], 0.0),
    # 5·log(4/3) for a yes, log 4 for a no.
    ("weighted_binary_cross_entropy_loss", {"positive_weight": 5.0}, [math.log(3.0)], [1.0], 5.0 * math.log(4.0 / 3.0)),
    ("weighted_binary_cross_entropy_loss", {"positive_weight": 5.0}, [math.log(3.0)], [0.0], math.log(4.0)),
    # Even logits, priors 4 : 1, tau 1/2: odds of 2 to 1, so -log(1/3) for the rare class.
    ("logit_adjusted_cross_entropy_loss", {"class_prior": [4.0, 1.0], "tau": 0.5}, [[0.0, 0.0]], [1], math.log(3.0)),
    # Interval from 1 to 3 at levels 0.1 and 0.9, target 4: (0.1·3 + 0.9·1)/2. Its interval score: 2 + 10·1 = 12, times
    # α/4 = 0.05.
    ("multi_quantile_loss", {"levels": [0.1, 0.9]}, [[1.0, 3.0]], [4.0], 0.6),
    # z = 2 at scale 3: 2 + log 3 + ½log 2π.
    ("gaussian_nll_loss", {}, [[1.0, math.log(3.0)]], [7.0], 2.0 + math.log(3.0) + 0.5 * math.log(2.0 * math.pi)),
    # Two scales of 3 away: 2 + log 6.
    ("laplace_nll_loss", {}, [[1.0, math.log(3.0)]], [7.0], 2.0 + math.log(6.0)),
    # At the mean: σ(√2 - 1)/√π.
    ("gaussian_crps_loss", {}, [[1.0, math.log(3.0)]], [1.0], 3.0 * (math.sqrt(2.0) - 1.0) / math.sqrt(math.pi)),
    # Three quarters for a yes that is a no; and surely no where it is a yes: the tangent of -log at 1e-7, at 0.
    ("probability_binary_cross_entropy_loss", {}, [0.75], [0.0], math.log(4.0)),
    ("probability_binary_cross_entropy_loss", {}, [0.0], [1.0], 7.0 * math.log(10.0) + 1.0),
    ("probability_binary_cross_entropy_loss", {}, [1.0], [0.0], 7.0 * math.log(10.0) + 1.0),
    # Probabilities 1/2, 1/4, 1/4 against themselves: their entropy, (1/2)·log 2 + 2·(1/4)·log 4.
    ("soft_cross_entropy_loss", {}, [[LOG2, 0.0, 0.0]], [[0.5, 0.25, 0.25]], 1.5 * LOG2),
    # The same against 0, 1/2, 1/2: twice (1/2)·log((1/2)/(1/4)).
    ("kl_divergence_loss", {}, [[LOG2, 0.0, 0.0]], [[0.0, 0.5, 0.5]], LOG2),
    # -log(1/4).
    ("nll_loss", {}, [[-LOG2, -2.0 * LOG2, -2.0 * LOG2]], [1], 2.0 * LOG2),
    # A yes at 1/2 lacks 1/2 of the margin; a no at 1/2 is off by 3/2; half of each: their mean.
    ("hinge_loss", {}, [0.5], [1.0], 0.5),
    ("hinge_loss", {}, [0.5], [0.0], 1.5),
    ("hinge_loss", {}, [0.5], [0.5], 1.0),
    ("squared_hinge_loss", {}, [0.5], [0.0], 2.25),
    # 1 + 2 - 1/2: only the best of the others counts.
    ("multiclass_hinge_loss", {}, [[2.0, 0.5, 1.5]], [1], 2.5),
    # Probabilities 1/2, 1/4, 1/4: those of the prior, then against an even one: KL = log 3 - 1.5·log 2.
    ("per_example_prior_cross_entropy_loss", {"class_prior": [2.0, 1.0, 1.0]}, [[LOG2, 0.0, 0.0]], [0], LOG2),
    (
        "per_example_prior_cross_entropy_loss",
        {"class_prior": [1.0, 1.0, 1.0], "strength": 2.0},
        [[LOG2, 0.0, 0.0]],
        [1],
        2.0 * math.log(3.0) - LOG2,
    ),
    # Rows of 3/4 : 1/4 and 1/4 : 3/4, both right: log(4/3) each. Their mean is even; KL to 3/4 : 1/4 is
    # (1/2)·log(2/3) + (1/2)·log 2.
    (
        "batch_prior_cross_entropy_loss",
        {"class_prior": [3.0, 1.0], "strength": 2.0},
        [[math.log(3.0), 0.0], [0.0, math.log(3.0)]],
        [0, 1],
        2.0 * math.log(4.0 / 3.0),
    ),
    # beta 1/2: effective numbers 1 and 3/2; weights 1 and 2/3, times 6/5 to sum to 2.
    ("class_balanced_loss", {"class_counts": [1.0, 2.0], "beta": 0.5}, [[0.0, 0.0]], [1], 0.8 * LOG2),
    # 3·(1 - 1/4)²·log 4.
    ("focal_loss", {"gamma": 2.0, "alpha": [1.0, 3.0, 1.0]}, [[LOG2, 0.0, 0.0]], [1], 3.0 * 0.5625 * 2.0 * LOG2),
    # Margins 1 and 2, scale 2: logits 0 and -4 for the rare class, -2 and 0 for the other.
    (
        "ldam_loss",
        {"class_counts": [16.0, 1.0], "max_margin": 2.0, "scale": 2.0},
        [[0.0, 0.0]],
        [1],
        math.log(1.0 + math.exp(4.0)),
    ),
    (
        "ldam_loss",
        {"class_counts": [16.0, 1.0], "max_margin": 2.0, "scale": 2.0},
        [[0.0, 0.0]],
        [0],
        math.log(1.0 + math.exp(2.0)),
    ),
    # Gradients of 1/4, 1/4 and 3/4: two bins, with means log(4/3) and log 4. One bin: the plain mean.
    ("ghm_classification_loss", {}, [math.log(3.0)] * 2 + [-math.log(3.0)], [1.0] * 3, 0.5 * math.log(16.0 / 3.0)),
    ("ghm_classification_loss", {"bins": 1}, [math.log(3.0), -math.log(3.0)], [1.0] * 2, 0.5 * math.log(16.0 / 3.0)),
    # (1 - (1/4)^(1/2))/(1/2), and 1 - 1/4.
    ("generalized_cross_entropy_loss", {"q": 0.5}, [[LOG2, 0.0, 0.0]], [1], 1.0),
    ("generalized_cross_entropy_loss", {"q": 1.0}, [[LOG2, 0.0, 0.0]], [1], 0.75),
    # 2·log 4 + (1/2)·4·(1 - 1/4).
    ("symmetric_cross_entropy_loss", {"alpha": 2.0, "beta": 0.5}, [[LOG2, 0.0, 0.0]], [1], 4.0 * LOG2 + 1.5),
    # delta 2, residual 5: 2·(5 - 1).
    ("huber_loss", {"delta": 2.0}, [5.0], [0.0], 8.0),
    # The same over delta.
    ("smooth_l1_loss", {"beta": 2.0}, [5.0], [0.0], 4.0),
    # Too low by 2 at level 0.9: 0.9·4; too high by 2: 0.1·4.
    ("expectile_loss", {"level": 0.9}, [1.0], [3.0], 3.6),
    ("expectile_loss", {"level": 0.9}, [3.0], [1.0], 0.4),
    # 20 off, of 100 on average; on the other side of 0 it is always 2.
    ("symmetric_percentage_error_loss", {}, [90.0], [110.0], 0.2),
    ("symmetric_percentage_error_loss", {}, [-1.0], [110.0], 2.0),
    # log 8 - log 2 = log 4.
    ("squared_log_error_loss", {}, [7.0], [1.0], 4.0 * LOG2**2),
    # 3 off, of which 1 is tolerated.
    ("epsilon_insensitive_loss", {"epsilon": 1.0}, [5.0], [2.0], 2.0),
    ("epsilon_insensitive_loss", {"epsilon": 4.0}, [5.0], [2.0], 0.0),
    ("squared_epsilon_insensitive_loss", {"epsilon": 1.0}, [-1.0], [2.0], 4.0),
    # One scale off: ½·4·log 2.
    ("cauchy_loss", {"scale": 2.0}, [2.0], [0.0], 2.0 * LOG2),
    # (r/c)² = log 2, of which half is left: ½·4·½.
    ("welsch_loss", {"scale": 2.0}, [2.0 * math.sqrt(LOG2)], [0.0], 1.0),
    # z = 8 at alpha 1: √9 - 1. At alpha -2 (Geman-McClure), z = 4: 4/(-2)·(1/2 - 1). At -∞, z = 2·log 2: 1 - ½.
    ("barron_loss", {"alpha": 1.0, "scale": 0.5}, [math.sqrt(2.0)], [0.0], 2.0),
    ("barron_loss", {"alpha": -2.0}, [2.0], [0.0], 1.0),
    ("barron_loss", {"alpha": -math.inf}, [math.sqrt(2.0 * LOG2)], [0.0], 0.5),
    # a·r = log 2: (2 - 1 - log 2)/a²; the other way round (½ - 1 + log 2)/a².
    ("linex_loss", {"asymmetry": 2.0}, [0.5 * LOG2], [0.0], 0.25 * (1.0 - LOG2)),
    ("linex_loss", {"asymmetry": -2.0}, [0.5 * LOG2], [0.0], 0.25 * (LOG2 - 0.5)),
    # Weights ½, ¾, 1 at the grid; their mean under the density is (½·1 + ¾·1 + ¾·1 + 0)/2 over 2 = 5/8: at the target
    # ½ the weight is 5/8 over that, and 2² stays 4.
    (
        "tail_weighted_loss",
        {"grid": [0.0, 1.0, 2.0], "density": [2.0, 1.0, 0.0], "alpha": 0.5},
        [2.5],
        [0.5],
        4.0,
    ),
    # p = 3/4 twice, the first pixel true: overlap 3/4 of 3/2 predicted and 1 true. 1 - (3/2 + 1)/(5/2 + 1).
    ("dice_loss", {}, [[math.log(3.0)] * 2], [[1.0, 0.0]], 2.0 / 7.0),
    # The same: union 3/2 + 1 - 3/4 = 7/4. 1 - (3/4 + 1)/(7/4 + 1).
    ("jaccard_loss", {}, [[math.log(3.0)] * 2], [[1.0, 0.0]], 4.0 / 11.0),
    # The same: TP 3/4, FP 3/4, FN 1/4. 1 - 7/4/(7/4 + 0.4·3/4 + 0.8·1/4) = 1 - 7/9.
    ("tversky_loss", {"alpha": 0.4, "beta": 0.8}, [[math.log(3.0)] * 2], [[1.0, 0.0]], 2.0 / 9.0),
    # The same: a quarter of the mean of 0.8·log(4/3) and 0.2·log 4, three quarters of 2/7.
    (
        "combo_loss",
        {"alpha": 0.25, "beta": 0.8},
        [[math.log(3.0)] * 2],
        [[1.0, 0.0]],
        0.25 * (0.4 * math.log(4.0 / 3.0) + 0.1 * math.log(4.0)) + 0.75 * 2.0 / 7.0,
    ),
    # Side by side, sharing half: I = 2, U = 6 = C. Apart: I = 0, U = 8, C = 36. Corners the wrong way round: the same.
    ("giou_loss", {}, [[1.0, 0.0, 3.0, 2.0]], [[0.0, 0.0, 2.0, 2.0]], 2.0 / 3.0),
    ("giou_loss", {}, [[4.0, 4.0, 6.0, 6.0]], [[0.0, 0.0, 2.0, 2.0]], 1.0 + 28.0 / 36.0),
    ("giou_loss", {}, [[6.0, 4.0, 4.0, 6.0]], [[2.0, 2.0, 0.0, 0.0]], 1.0 + 28.0 / 36.0),
    # Probabilities 1/2, 1/4, 1/4; smoothing 0.3 puts 0.1, 0.8, 0.1 on them: 0.1·log 2 + 0.9·log 4 = 1.9·log 2.
    ("masked_token_cross_entropy_loss", {"smoothing": 0.3}, [[[LOG2, 0.0, 0.0]]], [[1]], 1.9 * LOG2),
    # tanh(log 2) = 3/5 twice, read out as 1 and -2: log(1 + e^-0.6).
    (
        "meta_learned_loss",
        {"weight": [[1.0, 0.0], [0.0, 1.0]], "bias": [0.0, 0.0], "readout": [1.0, -2.0]},
        [LOG2],
        [LOG2],
        math.log1p(math.exp(-0.6)),
    ),
    # Steps 1, 2, 6 against 1, 1, 1.
    ("difference_matching_loss", {}, [[0.0, 1.0, 3.0, 9.0]], [[7.0, 8.0, 9.0, 10.0]], 26.0 / 3.0),
    # ν = 1, α = 2, β = 1: a t with 4 degrees of freedom and scale 1, at 2: 3/8·(1 + 1)^(-5/2). An error of 2, and
    # evidence 2ν + α = 4.
    ("evidential_regression_loss", {"evidence_weight": 0.0}, [[0.0] * 4], [2.0], math.log(8.0 / 3.0) + 2.5 * LOG2),
    ("evidential_regression_loss", {"evidence_weight": 0.5}, [[0.0] * 4], [-2.0], 4.0 + math.log(8 / 3) + 2.5 * LOG2),
    # Evidence 1 each: α = 2 and 2, p = 1/2: 1/4 + 1/4, and (1/4 + 1/4)/5. Without that for the truth it is a
    # Beta(1, 2), whose divergence from the even one is log 2 - 1/2.
    (
        "evidential_classification_loss",
        {"evidence_weight": 0.5},
        [[math.log(E - 1.0)] * 2],
        [1],
        0.6 + 0.5 * (LOG2 - 0.5),
    ),
    # Two rows that say 1/2 and are right, say 3/4 and are wrong: over by -1/2 and 3/4. One bin: their mean, squared.
    ("soft_binned_ece_loss", {"bins": 1}, [[0.0, 0.0], [math.log(3.0), 0.0]], [0, 1], 0.125**2),
    # Two bins about 1/4 and 3/4: the first row is half in each, the second 1/4 and 3/4: sizes 3/4 and 5/4, over by
    # -1/16 and 5/16 in sum: (1/256)/(3/4) + (25/256)/(5/4), over 2.
    (
        "soft_binned_ece_loss",
        {"bins": 2, "temperature": 0.25 / math.log(3.0)},
        [[0.0, 0.0], [math.log(3.0), 0.0]],
        [0, 1],
        1.0 / 24.0,
    ),
    # The same, a quarter apart, which halves the kernel: (1/4 + 9/16 - 2·3/8·1/2)/4.
    ("mmce_loss", {"width": 0.25 / LOG2}, [[0.0, 0.0], [math.log(3.0), 0.0]], [0, 1], 7.0 / 64.0),
    # One deviation of 2 off, weighed with its variance, or its root.
    ("beta_nll_loss", {"beta": 1.0}, [[1.0, LOG2]], [3.0], 4.0 * (0.5 + LOG2)),
    ("beta_nll_loss", {"beta": 0.5}, [[1.0, LOG2]], [3.0], 2.0 * (0.5 + LOG2)),
    # Probabilities 1/2, 1/4, 1/4: their length is √(3/8).
    ("spherical_loss", {}, [[LOG2, 0.0, 0.0]], [0], 1.0 - 0.5 / math.sqrt(0.375)),
    ("spherical_loss", {}, [[LOG2, 0.0, 0.0]], [2], 1.0 - 0.25 / math.sqrt(0.375)),
    # Cumulative 1/2, 3/4 against 0, 0: (1/2)² + (3/4)²; against 1, 1: (1/2)² + (1/4)².
    ("ranked_probability_loss", {}, [[LOG2, 0.0, 0.0]], [2], 0.8125),
    ("ranked_probability_loss", {}, [[LOG2, 0.0, 0.0]], [0], 0.3125),
    # The same against votes of 0, 1/2, 1/2: 1/2 too much below the first step, 1/4 below the second.
    ("squared_emd_loss", {}, [[LOG2, 0.0, 0.0]], [[0.0, 0.5, 0.5]], 0.3125),
    # exp(-log 2·distance) is 1, 1/2, 1/4, a label of 4/7, 2/7, 1/7: 4/7·log 2 + 3/7·log 4. Squared: 1, 1/2, 1/16 of
    # 25/16: 16/25·log 2 + 9/25·log 4.
    ("sord_loss", {"sharpness": LOG2, "power": 1.0}, [[LOG2, 0.0, 0.0]], [0], 10.0 / 7.0 * LOG2),
    ("sord_loss", {"sharpness": LOG2}, [[LOG2, 0.0, 0.0]], [0], 34.0 / 25.0 * LOG2),
    # 1 - p is 1/2, 3/4, 3/4: two levels off log 2 counts 4 times, one level off log(4/3) once.
    ("ordinal_log_loss", {"alpha": 2.0}, [[LOG2, 0.0, 0.0]], [2], 4.0 * LOG2 + math.log(4.0 / 3.0)),
    ("ordinal_log_loss", {"alpha": 1.0}, [[LOG2, 0.0, 0.0]], [0], 3.0 * math.log(4.0 / 3.0)),
    # Above the first with odds of 3 to 1, above the second 1 to 1: log(4/3) + log 2; the lowest level: log 4 + log 2.
    ("coral_loss", {}, [[math.log(3.0), 0.0]], [1], math.log(8.0 / 3.0)),
    ("coral_loss", {}, [[math.log(3.0), 0.0]], [0], math.log(8.0)),
    # Levels of probability 1/4, 3/4·1/2 and 3/4·1/2.
    ("corn_loss", {}, [[math.log(3.0), 0.0]], [0], math.log(4.0)),
    ("corn_loss", {}, [[math.log(3.0), 0.0]], [1], math.log(8.0 / 3.0)),
    ("corn_loss", {}, [[math.log(3.0), 0.0]], [2], math.log(8.0 / 3.0)),
    # Cuts at 0 and log 3 with a score of 0: 1/2, 1/4, 1/4.
    ("cumulative_link_loss", {"cuts": [0.0, math.log(math.log(3.0))]}, [0.0], [0], LOG2),
    ("cumulative_link_loss", {"cuts": [0.0, math.log(math.log(3.0))]}, [0.0], [1], 2.0 * LOG2),
    ("cumulative_link_loss", {"cuts": [0.0, math.log(math.log(3.0))]}, [0.0], [2], 2.0 * LOG2),
    # Levels 0 and 2, predicted 1/2, 1/4, 1/4 both times: squared distances 1/4 + 4/4 and 4/2 + 1/4. Dealt by chance it
    # is the same: all rows are alike.
    ("quadratic_weighted_kappa_loss", {"floor": 1e-15}, [[LOG2, 0.0, 0.0]] * 2, [0, 2], 1.0),
    # Even odds for one of level 0, and 3 to 1 for one of level 1: 1/2 and 1/4, mean 3/8. By chance: 3/8 say 0 ... the
    # four pairs cost 1/2, 1/2, 3/4 and 1/4, mean 1/2.
    ("quadratic_weighted_kappa_loss", {"floor": 1e-15}, [[0.0, 0.0], [0.0, math.log(3.0)]], [0, 1], 0.75),
    # 1/2·3 + 1/4·0 + 1/4·5.
    (
        "expected_cost_loss",
        {"cost": [[0.0, 1.0, 1.0], [3.0, 0.0, 5.0], [1.0, 1.0, 0.0]]},
        [[LOG2, 0.0, 0.0]],
        [1],
        2.75,
    ),
    # 3, 4, 5.
    ("charbonnier_loss", {"epsilon": 4.0}, [5.0], [2.0], 5.0),
    # Half the scale: 4/6·(1 - (3/4)³). Beyond: 4/6.
    ("tukey_loss", {"scale": 2.0}, [1.0], [0.0], 2.0 / 3.0 * 37.0 / 64.0),
    ("tukey_loss", {"scale": 2.0}, [5.0], [0.0], 2.0 / 3.0),
    # One scale off: ½·4/2.
    ("geman_mcclure_loss", {"scale": 2.0}, [5.0], [3.0], 1.0),
    # One scale off, either way: 4·(1 - log 2).
    ("fair_loss", {"scale": 2.0}, [5.0], [3.0], 4.0 * (1.0 - LOG2)),
    ("fair_loss", {"scale": 2.0}, [3.0], [5.0], 4.0 * (1.0 - LOG2)),
    # Too low by 2 at level 0.9, beyond delta 1: 0.9·(2 - ½).
    ("quantile_huber_loss", {"level": 0.9, "delta": 1.0}, [1.0], [3.0], 1.35),
    # Errors 1, 2, -1: (2 - 2)/... = 0. Errors 1, 1, 2: (1 + 2)/(6 + 3·0.5) = 0.4.
    ("residual_autocorrelation_loss", {}, [[1.0, 2.0, -1.0]], [[0.0, 0.0, 0.0]], 0.0),
    ("residual_autocorrelation_loss", {"floor": 0.5}, [[1.0, 1.0, 2.0]], [[0.0, 0.0, 0.0]], 0.16),
    # Probabilities 1/2, 1/4, 1/4: A·(1 - 1/4), and |1/4 - 1| + 1/2 + 1/4.
    ("reverse_cross_entropy_loss", {}, [[LOG2, 0.0, 0.0]], [1], 3.0),
    ("reverse_cross_entropy_loss", {"log_zero": -2.0}, [[LOG2, 0.0, 0.0]], [1], 1.5),
    ("class_absolute_error_loss", {}, [[LOG2, 0.0, 0.0]], [1], 1.5),
    # Labels cost 1, 2 and 2 times log 2; at gamma 1 times 1/2, 3/4 and 3/4.
    ("normalized_cross_entropy_loss", {}, [[LOG2, 0.0, 0.0]], [1], 0.4),
    ("normalized_focal_loss", {"gamma": 1.0}, [[LOG2, 0.0, 0.0]], [0], 1.0 / 7.0),
    # 2·(2/5) + (1/2)·4·(3/4).
    ("active_passive_loss", {"alpha": 2.0, "beta": 0.5, "log_zero": -4.0}, [[LOG2, 0.0, 0.0]], [1], 2.3),
    # Labelled 0 by right of class 0 and by mistake of class 1: (1/2)·0.8 + (1/4)·0.2.
    (
        "forward_correction_loss",
        {"transition": [[0.8, 0.1, 0.1], [0.2, 0.6, 0.2], [0.0, 0.5, 0.5]]},
        [[LOG2, 0.0, 0.0]],
        [0],
        -math.log(0.45),
    ),
    # The inverse's first row is 0.8/0.7 and -0.1/0.7; probabilities 3/4 and 1/4.
    (
        "backward_correction_loss",
        {"transition": [[0.9, 0.1], [0.2, 0.8]]},
        [[math.log(3.0), 0.0]],
        [0],
        (0.8 * math.log(4.0 / 3.0) - 0.1 * math.log(4.0)) / 0.7,
    ),
    # Half of log 4, and half the entropy 1.5·log 2; or half of log 2, the cost of the likeliest class.
    ("soft_bootstrapping_loss", {"beta": 0.5}, [[LOG2, 0.0, 0.0]], [1], 1.75 * LOG2),
    ("hard_bootstrapping_loss", {"beta": 0.5}, [[LOG2, 0.0, 0.0]], [1], 1.5 * LOG2),
    # 3/4 + (3/4)²/2 + (3/4)³/3.
    ("taylor_cross_entropy_loss", {"order": 3}, [[LOG2, 0.0, 0.0]], [1], 0.75 + 0.28125 + 0.140625),
    # At t2 = 2, p = 1/(1 + λ - x): 2/3 at λ - x = 1/2, 1/3 at 2. At t1 = 0 half the Brier loss; at t1 = 1/2,
    # 2·(1 - √p) - (1 - Σp^1.5)/1.5; at t1 = 1, -log p.
    ("bi_tempered_loss", {"t1": 0.0, "t2": 2.0}, [[1.5, 0.0]], [1], 4.0 / 9.0),
    (
        "bi_tempered_loss",
        {"t1": 0.5, "t2": 2.0},
        [[1.5, 0.0]],
        [0],
        2.0 - 2.0 * math.sqrt(2.0 / 3.0) - (1.0 - (2.0 / 3.0) ** 1.5 - (1.0 / 3.0) ** 1.5) / 1.5,
    ),
    ("bi_tempered_loss", {"t1": 1.0, "t2": 2.0}, [[1.5, 0.0]], [1], math.log(3.0)),
    # The labelled yes at 3/4, the unlabelled at 3/4 and 1/4: P = 1/4, N = 3/4, U = 1/2. 0.1 + 0.5 - 0.3; with more
    # yeses the noes come to 0.5 - 0.6, which is cut off.
    ("non_negative_pu_loss", {"prior": 0.4}, [math.log(3.0), math.log(3.0), -math.log(3.0)], [1.0, 0.0, 0.0], 0.3),
    ("non_negative_pu_loss", {"prior": 0.8}, [math.log(3.0), math.log(3.0), -math.log(3.0)], [1.0, 0.0, 0.0], 0.2),
    ("unbiased_pu_loss", {"prior": 0.8}, [math.log(3.0), math.log(3.0), -math.log(3.0)], [1.0, 0.0, 0.0], 0.1),
    # Factors 1 and 1/3, shares 0.9 and 0.1: logits 2 + log 0.9 and log 0.1 for 2 and 0; 0.9·e² against 0.1.
    (
        "vector_scaling_loss",
        {"class_counts": [9.0, 1.0], "gamma": 0.5},
        [[2.0, 0.0]],
        [1],
        math.log(1.0 + 9.0 * E**2),
    ),
    (
        "vector_scaling_loss",
        {"class_counts": [9.0, 1.0], "gamma": 0.5, "tau": 0.0},
        [[0.0, 3.0]],
        [1],
        math.log1p(1 / E),
    ),
    # Odds of 3 to 1 for all three. A row of the first class: its log(4/3); the second, rare, is not heard; the third
    # pays log 4. Background: all three pay.
    (
        "equalization_loss",
        {"class_share": [0.5, 0.001, 0.2], "threshold": 0.01},
        [[math.log(3.0)] * 3],
        [[1.0, 0.0, 0.0]],
        math.log(4.0 / 3.0) + math.log(4.0),
    ),
    (
        "equalization_loss",
        {"class_share": [0.5, 0.001, 0.2], "threshold": 0.01},
        [[math.log(3.0)] * 3],
        [[0.0, 0.0, 0.0]],
        3.0 * math.log(4.0),
    ),
    # Ratio mu: f = 1/2. A yes weighs 1 + 4/2, a no 1/2.
    (
        "equalization_v2_loss",
        {"gradient_ratio": [0.8, 0.8]},
        [[math.log(3.0)] * 2],
        [[1.0, 0.0]],
        3.0 * math.log(4.0 / 3.0) + 0.5 * math.log(4.0),
    ),
    # Counts 4 : 1, mitigation 1/2: the rare one's no at half. Probabilities 1/3 : 2/3, compensation 1: twice; together
    # once. The rare one true: its rival has no more than it.
    (
        "seesaw_loss",
        {"class_counts": [4.0, 1.0], "mitigation": 0.5, "compensation": 1.0},
        [[0.0, LOG2]],
        [0],
        math.log(3.0),
    ),
    (
        "seesaw_loss",
        {"class_counts": [4.0, 1.0], "mitigation": 0.5, "compensation": 1.0},
        [[0.0, LOG2]],
        [1],
        math.log(1.5),
    ),
    # Believed at 1/101, below the floor of 1/50: the rival's 100/101 is 100/2.02 of it.
    (
        "seesaw_loss",
        {"class_counts": [1.0, 1.0], "compensation": 1.0, "floor": 0.02},
        [[0.0, math.log(100.0)]],
        [0],
        math.log(1.0 + 100.0 * 100.0 / 2.02),
    ),
    # Shares 1/2 and 1/5: rarities 2 and 5. A row of the first: r = 1 and 5/2. At mu = 1, beta = log(3)·2/3: weights
    # alpha + 1/2 and alpha + 3/4. No bias, odds of 3 to 1; a no at tolerance 2: log(1 + 9)/2.
    (
        "distribution_balanced_loss",
        {"class_share": [0.5, 0.2], "alpha": 0.25, "beta": math.log(3.0) * 2.0 / 3.0, "mu": 1.0, "bias": 0.0},
        [[math.log(3.0)] * 2],
        [[1.0, 0.0]],
        0.5 * (0.75 * math.log(4.0 / 3.0) + 1.0 * 0.5 * math.log(10.0)),
    ),
    # Bias 1 at a share of 1/4 takes log 3 off. A row without a label: r = 2·(largest share/share), here 2, at mu.
    (
        "distribution_balanced_loss",
        {"class_share": [0.25], "alpha": 0.5, "mu": 2.0, "bias": 1.0, "tolerance": 1.0},
        [[math.log(3.0)]],
        [[0.0]],
        LOG2,
    ),
    # Probabilities 3/4, 1/2 and 9/10 of the truth: 1/2 alone is below 0.6; of four tenths kept, ⌈1.2⌉ = 2 are.
    (
        "ohem_cross_entropy_loss",
        {"threshold": 0.6},
        [[math.log(3.0), 0.0], [0.0, 0.0], [math.log(9.0), 0.0]],
        [0, 0, 0],
        LOG2,
    ),
    (
        "ohem_cross_entropy_loss",
        {"threshold": 0.6, "least": 0.4},
        [[math.log(3.0), 0.0], [0.0, 0.0], [math.log(9.0), 0.0]],
        [0, 0, 0],
        0.5 * (LOG2 + math.log(4.0 / 3.0)),
    ),
    # Yeses at 3 and 1, noes at 2.5 and 0: leads 1/2, 3, -3/2, 1; short of the margin 1 by 1/2, 0, 5/2, 0.
    ("auc_hinge_loss", {}, [3.0, 2.5, 1.0, 0.0], [1.0, 0.0, 1.0, 0.0], 0.75),
    ("auc_squared_hinge_loss", {}, [3.0, 2.5, 1.0, 0.0], [1.0, 0.0, 1.0, 0.0], (0.25 + 6.25) / 4.0),
    # The same and the pair that leads by 3 pays (1 - 3)².
    ("auc_square_loss", {}, [3.0, 2.5, 1.0, 0.0], [1.0, 0.0, 1.0, 0.0], (0.25 + 4.0 + 6.25) / 4.0),
    # Means 2 and 5/4, variances 1 and 25/16; short of the margin 1 by 1/4. Of the margin 1/2: enough.
    ("auc_margin_loss", {}, [3.0, 2.5, 1.0, 0.0], [1.0, 0.0, 1.0, 0.0], 1.0 + 25.0 / 16.0 + 1.0 / 16.0),
    ("auc_margin_loss", {"margin": 0.5}, [3.0, 2.5, 1.0, 0.0], [1.0, 0.0, 1.0, 0.0], 1.0 + 25.0 / 16.0),
    # e^(log 2) for a no.
    ("exponential_loss", {}, [LOG2], [0.0], 2.0),
    ("exponential_loss", {}, [LOG2], [1.0], 0.5),
    # e^2x is 3 at half of log 3: (1/4)² for a yes, (3/4)² for a no.
    ("savage_loss", {}, [math.log(3.0) / 2.0], [1.0], 0.0625),
    ("savage_loss", {}, [math.log(3.0) / 2.0], [0.0], 0.5625),
    # arctan 1 = π/4.
    ("tangent_loss", {}, [1.0], [1.0], (math.pi / 2.0 - 1.0) ** 2),
    ("tangent_loss", {}, [1.0], [0.0], (math.pi / 2.0 + 1.0) ** 2),
    # Margins ½ and -3: ½², and 4·3. Half of either label at 0: 1 twice.
    ("modified_huber_loss", {}, [0.5], [1.0], 0.25),
    ("modified_huber_loss", {}, [3.0], [0.0], 12.0),
    ("modified_huber_loss", {}, [0.0], [0.5], 1.0),
    # Two even classes: mixture 3/4, 1/4 with the label; half of log(4/3), half of the mean of log(2/3) and log 2; over
    # Z = ½·log 2. At pi 1/4: mixture 5/8, 3/8.
    ("jensen_shannon_loss", {}, [[0.0, 0.0]], [1], (math.log(4 / 3) + 0.5 * (math.log(2 / 3) + LOG2)) / LOG2),
    (
        "jensen_shannon_loss",
        {"pi": 0.25},
        [[0.0, 0.0]],
        [1],
        (0.25 * math.log(1.6) + 0.375 * (math.log(0.8) + math.log(4 / 3))) / (0.75 * math.log(4 / 3)),
    ),
    # log 4 + 2·(1 - 1/4).
    ("poly1_loss", {"epsilon": 2.0}, [[LOG2, 0.0, 0.0]], [1], 2.0 * LOG2 + 1.5),
    # The paper's form with τ = -1/4: ½(¼ - 1/16 + 0 - 1/16) + ½ - 0. Ruled out and true: 2 more.
    ("sparsemax_loss", {}, [[0.5, 0.0, -2.0]], [1], 0.5625),
    ("sparsemax_loss", {}, [[0.5, 0.0, -2.0]], [2], 2.5625),
    # Two even classes, the third ruled out: 4/3·(1 - 2·½^1.5), and 9 more.
    ("entmax15_loss", {}, [[0.0, 0.0, -9.0]], [1], (4.0 - 2.0 * math.sqrt(2.0)) / 3.0),
    ("entmax15_loss", {}, [[0.0, 0.0, -9.0]], [2], (4.0 - 2.0 * math.sqrt(2.0)) / 3.0 + 9.0),
    # Odds of 3 to 1 for the true class, even ones for the other: log(4/3) + log 2.
    ("one_vs_all_loss", {}, [[math.log(3.0), 0.0]], [0], math.log(8.0 / 3.0)),
    # log(1 + 1 + 1) for two noes at 0, log(1 + 1/3) for the yes.
    ("zlpr_loss", {}, [[math.log(3.0), 0.0, 0.0]], [[1.0, 0.0, 0.0]], math.log(4.0)),
    # One label, twice said with 3/4, once true: TP 3/4, FP 3/4, FN 1/4.
    ("soft_f1_loss", {}, [[math.log(3.0)], [math.log(3.0)]], [[1.0], [0.0]], 2.0 / 7.0),
    # Side by side, sharing half: I = 2, U = 6; the centres 1 apart, the hull 3 by 2. Apart: 4 each way of 6.
    ("iou_loss", {}, [[1.0, 0.0, 3.0, 2.0]], [[0.0, 0.0, 2.0, 2.0]], 2.0 / 3.0),
    ("diou_loss", {}, [[1.0, 0.0, 3.0, 2.0]], [[0.0, 0.0, 2.0, 2.0]], 2.0 / 3.0 + 1.0 / 13.0),
    ("diou_loss", {}, [[6.0, 4.0, 4.0, 6.0]], [[0.0, 0.0, 2.0, 2.0]], 1.0 + 32.0 / 72.0),
    # Twice as wide: I/U = 1/2, ρ² = 1, c² = 20, v = 4/π²·(arctan 1 - arctan 2)² with weight v/(1/2 + v); widths 2 off
    # of 4.
    ("ciou_loss", {}, [[0.0, 0.0, 4.0, 2.0]], [[0.0, 0.0, 2.0, 2.0]], 0.55 + SHAPE**2 / (0.5 + SHAPE)),
    ("eiou_loss", {}, [[0.0, 0.0, 4.0, 2.0]], [[0.0, 0.0, 2.0, 2.0]], 0.8),
    # Within the width and beyond it: 10·log(1 + 2/2), and 30 - 10 + 10·log(1 + 10/2).
    ("wing_loss", {}, [2.0], [0.0], 10.0 * LOG2),
    ("wing_loss", {}, [-30.0], [0.0], 20.0 + 10.0 * math.log(6.0)),
    # alpha 1 and gamma log 3 make b = 2: ½·2·log 2 - ½ at ½, 2·log 3 + ½·log 3 - 1 at 2.
    (
        "balanced_l1_loss",
        {"alpha": 1.0, "gamma": math.log(3.0)},
        [[0.5, -2.0, 0.0, 0.0]],
        [[0.0] * 4],
        LOG2 + 2.5 * math.log(3.0) - 1.5,
    ),
    # p = 3/4 against 1/2: (1/4)² times the mean of log(4/3) and log 4. Varifocal: half that mean; a no
    # 0.75·(3/4)²·log 4.
    ("quality_focal_loss", {}, [math.log(3.0)], [0.5], (math.log(4.0 / 3.0) + 2.0 * LOG2) / 32.0),
    ("varifocal_loss", {}, [math.log(3.0)], [0.5], (math.log(4.0 / 3.0) + 2.0 * LOG2) / 4.0),
    ("varifocal_loss", {}, [math.log(3.0)], [0.0], 0.75 * 0.5625 * 2.0 * LOG2),
    # A quarter of the way from the first bin to the second: 3/4·log 2 + 1/4·log 4. Beyond the last bin: log 4.
    ("distribution_focal_loss", {}, [[LOG2, 0.0, 0.0]], [0.25], 1.25 * LOG2),
    ("distribution_focal_loss", {}, [[LOG2, 0.0, 0.0]], [7.0], 2.0 * LOG2),
    # Errors 2, 1, ½ of a yes, a no and a yes: J after each is 1/2, 2/3, 1: 2·1/2 + 1·1/6 + ½·1/3.
    ("lovasz_hinge_loss", {}, [[-1.0, 0.0, 0.5]], [[1.0, 0.0, 1.0]], 4.0 / 3.0),
    # p = 3/4 for the first class twice, once right: its errors 3/4 (a no) and 1/4: 3/4·1/2 + 1/4·1/2. Those of the
    # second: 3/4 (a yes) and 1/4 (a no): 3/4·1. Their mean; and of one class alone its own.
    ("lovasz_softmax_loss", {}, [[[math.log(3.0), 0.0]] * 2], [[0, 1]], (0.5 + 0.75) / 2.0),
    ("lovasz_softmax_loss", {}, [[[math.log(3.0), 0.0]] * 2], [[0, 0]], 0.25),
    # Three pixels of the first class, one of the second, p = 3/4 : 1/4 throughout: hits 9/4 and 1/4, weights 1/9 and 1:
    # 1 - 2·(1/4 + 1/4)/((3 + 3)/9 + (1 + 1)) = 1 - 1/(8/3).
    ("generalised_dice_loss", {}, [[[math.log(3.0), 0.0]] * 4], [[0, 0, 0, 1]], 0.625),
    # An absent class has the weight of the one there is: 1 - 2·(3/2)/(3/2 + 2 + 1/2).
    ("generalised_dice_loss", {}, [[[math.log(3.0), 0.0]] * 2], [[0, 0]], 0.25),
    # Tversky's 2/9 above, to the power 1/2.
    (
        "focal_tversky_loss",
        {"alpha": 0.4, "beta": 0.8, "gamma": 2.0},
        [[math.log(3.0)] * 2],
        [[1.0, 0.0]],
        math.sqrt(2.0) / 3.0,
    ),
    # The same, TN 1/4: 0.8·log(4/3) and 0.2·√(3/4)·log 4; the mask misses 1/4 and has 3/4 too much, 1 - T' =
    # (0.8/4 + 0.2·3/4)/(3/4 + 0.35 + 1); the background the other way round, (0.8·3/4 + 0.2/4)/(1/4 + 0.65 + 1).
    (
        "unified_focal_loss",
        {"weight": 0.25, "delta": 0.8, "gamma": 0.5},
        [[math.log(3.0)] * 2],
        [[1.0, 0.0]],
        0.25 * (0.4 * math.log(4.0 / 3.0) + 0.1 * math.sqrt(0.75) * math.log(4.0))
        + 0.375 * (13.0 / 38.0 + math.sqrt(1.0 / 6.0)),
    ),
    # A mask of two columns of four: φ = -1, 0, 1, 2; p = 3/4 everywhere.
    ("boundary_loss", {}, [[[math.log(3.0)] * 4]], [[[1.0, 1.0, 0.0, 0.0]]], 0.375),
    # True 1 0 0, predicted 1 0 1 with p = 3/4, 1/4, 3/4: distances to the true outline 1, 1, 2, to the predicted one 1
    # each; (1/16·2 + 1/16·2 + 9/16·5)/3.
    ("hausdorff_dt_loss", {}, [[[math.log(3.0), -math.log(3.0), math.log(3.0)]]], [[[1.0, 0.0, 0.0]]], 49.0 / 48.0),
    # A line of one pixel is its own centre line, and p = 3/4 on it leaves 3/4 of it: P = (9/4 + 1)/(9/4 + 1),
    # S = (9/4 + 1)/(3 + 1).
    (
        "cldice_loss",
        {"steps": 0},
        [[[-1e4] * 3, [math.log(3.0)] * 3, [-1e4] * 3]],
        [[[0.0] * 3, [1.0] * 3, [0.0] * 3]],
        1.0 - 2.0 * 0.8125 / 1.8125,
    ),
    # One step each: 3². Two steps, three warpings: straight at 0, and either way round a corner of 1.
    ("soft_dtw_loss", {}, [[0.0]], [[3.0]], 9.0),
    ("soft_dtw_loss", {"gamma": 1.0}, [[0.0, 1.0]], [[0.0, 1.0]], -math.log(1.0 + 2.0 / E)),
    # One warping costs nothing, and lays steps (0, 1, 2, 2, 1, 0) apart on each other: half of 10/4².
    ("dilate_loss", {}, [[0.0, 0.0, 0.0, 1.0]], [[0.0, 1.0, 1.0, 1.0]], 5.0 / 16.0),
    # One window of two pixels, half each: means 1/2 and 1/4, squares 1/2 and 1/8, product 1/4: variances 1/4 and 1/16,
    # covariance 1/8.
    (
        "ssim_loss",
        {},
        [[[[1.0, 0.0]]]],
        [[[[0.5, 0.0]]]],
        1.0 - (0.25 + 1e-4) * (0.25 + 9e-4) / ((0.3125 + 1e-4) * (0.3125 + 9e-4)),
    ),
    # The same at the first of five sizes; at the others one pixel, of the means: structure 1, brightness as above.
    (
        "ms_ssim_loss",
        {},
        [[[[1.0, 0.0]]]],
        [[[[0.5, 0.0]]]],
        1.0 - ((0.25 + 9e-4) / (0.3125 + 9e-4)) ** 0.0448 * ((0.25 + 1e-4) / (0.3125 + 1e-4)) ** 0.1333,
    ),
]


LOG3 = math.log(3.0)
WORDED: list[tuple[str, dict[str, Any], list[Any], float]] = [
    # Distance 5, alike: 25/2. Distance 1, not alike, margin 2.5: 1.5²/2. Beyond the margin: nothing.
    ("contrastive_loss", {}, [[[0.0, 0.0]], [[3.0, 4.0]], [1.0]], 12.5),
    ("contrastive_loss", {"margin": 2.5}, [[[0.0, 0.0]], [[0.6, 0.8]], [0.0]], 1.125),
    ("contrastive_loss", {"margin": 2.5}, [[[0.0, 0.0]], [[3.0, 4.0]], [0.0]], 0.0),
    # Distances 5 and 2: 5 - 2 + 1/2; the other way round: 2 - 5 + 1/2 is below 0.
    ("triplet_margin_loss", {"margin": 0.5}, [[[0.0, 0.0]], [[3.0, 4.0]], [[0.0, 2.0]]], 3.5),
    ("triplet_margin_loss", {"margin": 0.5}, [[[0.0, 0.0]], [[0.0, 2.0]], [[3.0, 4.0]]], 0.0),
    # A at 0 and 1, B at -1.1 and 0.5. Furthest alike less nearest other: 1 - 0.5 twice, 1.6 - 1.1, 1.6 - 0.5; plus 0.2
    # each: 3.4/4. Semi-hard: (0, 1) takes -1.1, 0.1; (1, 0) takes -1.1 at 2.1, nothing; (-1.1, 0.5) takes 1 at 2.1,
    # nothing; of (0.5, -1.1) both others are nearer, so the furthest, 0.5: 1.3. Together 1.4/4.
    ("batch_hard_triplet_loss", {"margin": 0.2}, [[[0.0], [1.0], [-1.1], [0.5]], [0, 0, 1, 1]], 0.85),
    ("semi_hard_triplet_loss", {"margin": 0.2}, [[[0.0], [1.0], [-1.1], [0.5]], [0, 0, 1, 1]], 0.35),
    # All eight triplets: pair (0, 1) with -1.1 and 0.5, 0.1 and 0.7; (1, 0) with 2.1 and 0.5: 0 and 0.7; (-1.1, 0.5)
    # with 1.1 and 2.1: 0.7 and 0; (0.5, -1.1) with 0.5 and 0.5: 1.3 twice. Together 4.8/8.
    ("batch_all_triplet_loss", {"margin": 0.2}, [[[0.0], [1.0], [-1.1], [0.5]], [0, 0, 1, 1]], 0.6),
    # Each view has its partner at cosine 1 and two others at 0: log(e + 2) - 1. One example: no negatives.
    (
        "nt_xent_loss",
        {"temperature": 1.0},
        [[[1.0, 0.0], [0.0, 2.0]], [[3.0, 0.0], [0.0, 4.0]]],
        math.log(E + 2.0) - 1.0,
    ),
    ("nt_xent_loss", {}, [[[1.0, 0.0]], [[0.0, 2.0]]], 0.0),
    # Odds of 3 to 1 that real is real, and that made is real: log(4/3) + log 4.
    ("gan_discriminator_loss", {}, [[LOG3], [LOG3]], math.log(4.0 / 3.0) + math.log(4.0)),
    # log(1 - 3/4), and -log(3/4).
    ("gan_generator_loss", {}, [[LOG3]], -math.log(4.0)),
    ("non_saturating_generator_loss", {}, [[LOG3]], math.log(4.0 / 3.0)),
    # (3 - 1)²/2 + 2²/2, and (3 - 1)²/2.
    ("least_squares_discriminator_loss", {}, [[3.0], [2.0]], 4.0),
    ("least_squares_generator_loss", {}, [[3.0]], 2.0),
    # A critic that scores the made one lower has a negative loss; the generator wants the score up.
    ("wasserstein_critic_loss", {}, [[5.0], [2.0]], -3.0),
    ("wasserstein_generator_loss", {}, [[2.0]], -2.0),
    # log 4 + log 2 for the pixels; the code: 2²/2, and (4 - 1 - log 4)/2; beta 2.
    ("vae_elbo_loss", {"beta": 2.0}, [[[LOG3, 0.0]], [[0.0, 1.0]], [[2.0, 0.0]], [[0.0, 2.0 * LOG2]]], 7.0 + LOG2),
    # 3²/2 + 4²/2, and the same code.
    (
        "gaussian_vae_elbo_loss",
        {"beta": 2.0},
        [[[3.0, 0.0]], [[0.0, 4.0]], [[2.0, 0.0]], [[0.0, 2.0 * LOG2]]],
        19.5 - 2.0 * LOG2,
    ),
    # (1² + 3²)/2.
    ("content_loss", {}, [[[[[1.0, 0.0]]]], [[[[0.0, 3.0]]]]], 5.0),
    # Channels (1, 2) and (3, 4): products 5, 11, 11, 25, over 2·1·2; against nothing: (5² + 2·11² + 25²)/16.
    ("style_loss", {}, [[[[[1.0, 2.0]], [[3.0, 4.0]]]], [[[[0.0, 0.0]], [[0.0, 0.0]]]]], 55.75),
    # A good action at log-probability -1/2: 3/2.
    ("policy_gradient_loss", {}, [[-0.5], [3.0]], 1.5),
    # Ratio 2: a good action counts 1.2 times, a bad one twice. Ratio 1/2: a good one half, a bad one 0.8 times.
    ("ppo_clip_loss", {"clip": 0.2}, [[LOG2 - 1.0], [-1.0], [3.0]], -3.6),
    ("ppo_clip_loss", {"clip": 0.2}, [[LOG2 - 1.0], [-1.0], [-3.0]], 6.0),
    ("ppo_clip_loss", {"clip": 0.2}, [[-LOG2 - 1.0], [-1.0], [3.0]], -1.5),
    ("ppo_clip_loss", {"clip": 0.2}, [[-LOG2 - 1.0], [-1.0], [-3.0]], 2.4),
    # Target 2 + 4/2, value 1: 3². At the end of an episode the target is 2 alone.
    ("temporal_difference_loss", {"discount": 0.5}, [[1.0], [2.0], [4.0], [0.0]], 9.0),
    ("temporal_difference_loss", {"discount": 0.5}, [[1.0], [2.0], [4.0], [1.0]], 1.0),
    # 3 beyond delta 2: 2·(3 - 1).
    ("huber_temporal_difference_loss", {"discount": 0.5, "delta": 2.0}, [[1.0], [2.0], [4.0], [0.0]], 4.0),
    # Two even frames, one symbol: 11, 01 and 10 of the four paths read it.
    ("ctc_loss", {}, [[[[0.0, 0.0]] * 2], [[1]], [2], [1]], math.log(4.0 / 3.0)),
    # 3²·0.5² at two units of age.
    ("time_decay_loss", {"gamma": 0.5}, [[5.0], [2.0], [2.0]], 2.25),
    # Even logits of two classes, three boxes, two of them objects: 3·log 2; corners off by a half: 4·(1/2)²/2 twice.
    (
        "detection_loss",
        {"weight": 2.0},
        [[[0.0, 0.0]] * 3, [1, 0, 1], [[0.5, 0.5, 2.5, 2.5]] * 3, [[0.0, 0.0, 2.0, 2.0]] * 3],
        (3.0 * LOG2 + 2.0 * 1.0) / 2.0,
    ),
    # Half of the hinge's way: 1 - 1/4, and 1 + 1/2.
    ("hinge_discriminator_loss", {}, [[0.25], [0.5]], 2.25),
    # Averages 2·log 3 and 0: log(1 + 3^-3) and log(1 + 3^-1) for the real ones, twice log(1 + 3^-2) for the made ones.
    (
        "relativistic_average_loss",
        {},
        [[3.0 * LOG3, LOG3], [0.0, 0.0]],
        0.5 * math.log(28.0 / 27.0) + 0.5 * math.log(4.0 / 3.0) + math.log(10.0 / 9.0),
    ),
    # (1² + 3²)/2; at a share of 0.9 the ratio is 9, of which 3 counts: a third.
    ("epsilon_prediction_loss", {}, [[[1.0, 0.0]], [[0.0, 3.0]], [0.9]], 5.0),
    ("epsilon_prediction_loss", {"gamma": 3.0}, [[[1.0, 0.0]], [[0.0, 3.0]], [0.9]], 5.0 / 3.0),
    ("epsilon_prediction_loss", {"gamma": 3.0}, [[[1.0, 0.0]], [[0.0, 3.0]], [0.5]], 5.0),
    # 0.8·5 - 0.6·2 = 2.8 and -0.6·1, against 0.
    ("v_prediction_loss", {}, [[[0.0, 0.0]], [[2.0, 1.0]], [[5.0, 0.0]], [0.64]], (2.8**2 + 0.6**2) / 2.0),
    # 2 - 1 and 0 + 2 against 0; with a tenth left over, 2 - 0.9 and 1.8.
    ("flow_matching_loss", {}, [[[0.0, 0.0]], [[2.0, 0.0]], [[1.0, -2.0]]], 2.5),
    ("flow_matching_loss", {"sigma": 0.1}, [[[0.0, 0.0]], [[2.0, 0.0]], [[1.0, -2.0]]], (1.21 + 3.24) / 2.0),
    # At temperature 2 the teacher says 3/4 : 1/4: KL from even is log 2 - entropy, times 4; half of it, and half log 2.
    (
        "knowledge_distillation_loss",
        {"temperature": 2.0, "alpha": 0.5},
        [[[0.0, 0.0]], [[2.0 * LOG3, 0.0]], [0]],
        0.5 * LOG2 + 2.0 * (0.75 * math.log(1.5) + 0.25 * math.log(0.5)),
    ),
    # Teacher 4/8, 3/8, 1/8, student even: 1/2 : 1/2 from 1/3 : 2/3, and 3/4 : 1/4 from 1/2 : 1/2.
    (
        "decoupled_distillation_loss",
        {"temperature": 1.0, "alpha": 3.0, "beta": 5.0},
        [[[0.0, 0.0, 0.0]], [[2.0 * LOG2, LOG3, 0.0]], [0]],
        1.5 * math.log(9.0 / 8.0) + 5.0 * (0.75 * math.log(1.5) + 0.25 * math.log(0.5)),
    ),
    # 1 - 2 = -1 against 3, 2 against 0: (4² + 2²)/2.
    (
        "fitnets_loss",
        {"regressor": [[1.0, -1.0], [0.0, 1.0]]},
        [[[1.0, 2.0]], [[3.0, 0.0]]],
        10.0,
    ),
    # Maps (9, 16)/√337 and (0, 1), the second one twice as active: 2 - 2·16/√337.
    (
        "attention_transfer_loss",
        {"power": 2.0},
        [[[[[3.0, -4.0]]]], [[[[0.0, 1.0]], [[0.0, 1.0]]]]],
        2.0 - 32.0 / math.sqrt(337.0),
    ),
    # Distances 1, 2, 1 and 3, 3, 0, of means 4/3 and 2: shares 3/4, 3/2, 3/4 and 3/2, 3/2, 0: (2·(3/4)²/2)/3.
    ("relational_distance_loss", {}, [[[0.0], [1.0], [2.0]], [[0.0], [3.0], [3.0]]], 0.1875),
    # On a line the cosine is -1 at the middle one and 1 at the others. The middle is the second, then the third: off by
    # 2 at both, 2 - 1/2 each; at the first none. A mean of three.
    ("relational_angle_loss", {}, [[[0.0], [1.0], [2.0]], [[0.0], [3.0], [2.0]]], 1.0),
    # Odds of 1 to 3 for the preferred one.
    ("bpr_loss", {}, [[0.0], [LOG3]], math.log(4.0)),
    # ½(3² + 4²).
    ("center_loss", {"centers": [[9.0, 9.0], [3.0, 4.0]]}, [[[0.0, 0.0]], [1]], 12.5),
    # Own angle a right one, turned on by 60°: beyond π - margin it would be 150°. Here 90° + 60°: cos 150°.
    (
        "arcface_loss",
        {"prototypes": [[1.0, 0.0], [0.0, 1.0]], "margin": math.pi / 3.0, "scale": 2.0},
        [[[0.0, 3.0]], [0]],
        math.log(1.0 + math.exp(2.0 + math.sqrt(3.0))),
    ),
    # Straight away from the own class: cos π - (1 - cos 60°) = -3/2, where pytorch-metric-learning jumps.
    (
        "arcface_loss",
        {"prototypes": [[1.0, 0.0], [-1.0, 0.0]], "margin": math.pi / 3.0, "scale": 2.0},
        [[[-3.0, 0.0]], [0]],
        math.log(1.0 + math.exp(5.0)),
    ),
    # Each row has its partner at cosine 1 and another at 0, from both sides: log(e + 1) - 1.
    ("clip_loss", {"log_scale": 0.0}, [[[1.0, 0.0], [0.0, 2.0]], [[3.0, 0.0], [0.0, 4.0]]], math.log(E + 1.0) - 1.0),
    # Scale 2, bias -1: two partners at 1, two others at -1: twice log(1 + 1/e) and twice the same, over 2.
    (
        "siglip_loss",
        {"log_scale": LOG2, "bias": -1.0},
        [[[1.0, 0.0], [0.0, 2.0]], [[3.0, 0.0], [0.0, 4.0]]],
        2.0 * math.log(1.0 + 1.0 / E),
    ),
    # Of four items the last is padding: pairs (0, 1), (0, 2), (1, 2) at odds of 3, 1 and 1/3.
    (
        "ranknet_loss",
        {},
        [[[LOG3, 0.0, LOG3, 9.0]], [[2, 1, 0, -1]]],
        (math.log(4.0 / 3.0) + LOG2 + math.log(4.0)) / 3.0,
    ),
    # Gains 3 and 0 of an ideal 3, at places 2 and 1: the swap is worth 1 - 1/log₂ 3, at odds of 1 to 3; padding away.
    (
        "lambdarank_loss",
        {},
        [[[0.0, LOG3, 9.0]], [[2, 0, -1]]],
        (1.0 - LOG2 / LOG3) * math.log(4.0),
    ),
    # Grades log-odds of e² to 1 against even scores, padding left out: log 2.
    ("listnet_loss", {}, [[[1.0, 1.0, 9.0]], [[2, 0, -1]]], LOG2),
    # Three even items in any order, and one that is none: log 3 + log 2.
    ("listmle_loss", {}, [[[0.0, 0.0, 0.0, 9.0]], [[1, 3, 2, -1]]], math.log(6.0)),
    # Even scores: both at place 3/2, the relevant one counting 1/log₂(5/2); padding away.
    ("approx_ndcg_loss", {}, [[[0.0, 0.0, 9.0]], [[1, 0, -1]]], 1.0 - LOG2 / math.log(2.5)),
    # Correlations 1 and -1 of the first feature; the second is constant: (1 - 1)² + 1 + (-1)²/10.
    (
        "barlow_twins_loss",
        {"redundancy": 0.1},
        [[[1.0, 0.0], [3.0, 0.0]], [[0.0, 2.0], [5.0, 1.0]]],
        1.1,
    ),
    # 3·½ + ½·2² - 0.01·1.
    ("a2c_loss", {}, [[-0.5], [3.0], [1.0], [3.0], [1.0]], 3.49),
    # Target 2 + ½·4 for the second action at 1: 3 beyond delta 2 cost 2·(3 - 1). At an end the target is 2.
    (
        "dqn_loss",
        {"discount": 0.5, "delta": 2.0},
        [[[5.0, 1.0]], [1], [2.0], [[4.0, 2.0]], [0.0]],
        4.0,
    ),
    ("dqn_loss", {"discount": 0.5}, [[[5.0, 1.0]], [1], [2.0], [[4.0, 2.0]], [1.0]], 0.5),
    # The other network prefers the second action, worth 2: 2 + ½·2 - 1 = 2, beyond delta 1.
    (
        "double_dqn_loss",
        {"discount": 0.5},
        [[[5.0, 1.0]], [1], [2.0], [[0.0, 9.0]], [[4.0, 2.0]], [0.0]],
        1.5,
    ),
    # Atoms -1, 0, 1; all at 0, moved by 1/2: halves on the last two, both at 1/4 of 1/2, 1/4, 1/4.
    (
        "c51_loss",
        {"lowest": -1.0, "highest": 1.0},
        [[[LOG2, 0.0, 0.0]], [[0.0, 1.0, 0.0]], [0.5], [0.0]],
        2.0 * LOG2,
    ),
    # Moved by 7, off the grid: all on the last; at an end where it came from does not matter.
    (
        "c51_loss",
        {"lowest": -1.0, "highest": 1.0},
        [[[0.0, 0.0, LOG2]], [[0.3, 0.3, 0.4]], [7.0], [1.0]],
        LOG2,
    ),
    # Discount 1/2 takes -1, 1 to -1/2, 1/2 and each gives half to 0: 1/4 of 1/4 each at the ends, 1/2 at 1/2.
    (
        "c51_loss",
        {"lowest": -1.0, "highest": 1.0, "discount": 0.5},
        [[[0.0, LOG2, 0.0]], [[0.5, 0.0, 0.5]], [0.0], [0.0]],
        0.5 * 2.0 * LOG2 + 0.5 * LOG2,
    ),
    # Levels 1/4 and 3/4; target 3: 3 below the first, 1 above the second is its 1/4 of 1/2: 1/4·2.5 + 1/4·1/2.
    ("qr_dqn_loss", {"discount": 1.0}, [[[0.0, 4.0]], [[2.0]], [1.0], [0.0]], 0.75),
    # Two targets, 3 and 5, for one quantile at level 1/2 and 3: the mean of 0 and 1/2·(2 - 1/2).
    ("qr_dqn_loss", {"discount": 1.0}, [[[3.0]], [[2.0, 4.0]], [1.0], [0.0]], 0.375),
    # ½·(-1) - 3.
    ("sac_actor_loss", {"alpha": 0.5}, [[-1.0], [3.0]], -3.5),
    # 2 + ½·(4 + ½·2) - 1 = 3½.
    (
        "sac_critic_loss",
        {"alpha": 0.5, "discount": 0.5},
        [[1.0], [2.0], [5.0], [4.0], [-2.0], [0.0]],
        12.25,
    ),
    # Weight e^(2·log 2 / 2) = 2; then cut off at 5.
    ("advantage_weighted_regression_loss", {"beta": 0.5}, [[-3.0], [2.0 * LOG2]], 6.0),
    ("advantage_weighted_regression_loss", {"largest_weight": 5.0}, [[-3.0], [1e4]], 15.0),
    # Log-ratios 1 and -1, half of their difference: log(1 + 1/e).
    ("dpo_loss", {"beta": 0.5}, [[-2.0], [-6.0], [-3.0], [-5.0]], math.log(1.0 + 1.0 / E)),
    # Ratios 2 and 1/2 of a good answer, a third token that does not count: (-1.2·3 - ½·3)/2.
    (
        "grpo_loss",
        {"beta": 0.0},
        [[[LOG2 - 1.0, -LOG2 - 1.0, 5.0]], [[-1.0, -1.0, -1.0]], [[-1.0, -1.0, -1.0]], [3.0], [2]],
        -2.55,
    ),
    # No gain; the reference twice as likely: 2 - log 2 - 1 each, times beta.
    (
        "grpo_loss",
        {"beta": 0.5},
        [[[-1.0, -1.0, -1.0]], [[-1.0, -1.0, -1.0]], [[LOG2 - 1.0, LOG2 - 1.0, 9.0]], [0.0], [2]],
        0.5 * (1.0 - LOG2),
    ),
    # At the mean of both: three quarters of the density of a deviation of 1, and a quarter of half of it.
    (
        "gaussian_mixture_nll_loss",
        {},
        [[[5.0, 5.0]], [[0.0, LOG2]], [[LOG3, 0.0]], [5.0]],
        math.log(8.0 / 7.0) + 0.5 * math.log(2.0 * math.pi),
    ),
    # Off by 2 and 4, where two steps back were off by 4 and 4; and a past that repeats itself, on a floor of 1/2.
    ("mean_absolute_scaled_error_loss", {"season": 2}, [[[2.0, 1.0]], [[0.0, 5.0]], [[0.0, 5.0, 4.0, 9.0]]], 0.75),
    ("mean_absolute_scaled_error_loss", {"floor": 0.5}, [[[2.0, 1.0]], [[0.0, 5.0]], [[7.0, 7.0]]], 6.0),
    # Probabilities 1/2, 1/4, 1/4.
    ("entropy_loss", {}, [[[LOG2, 0.0, 0.0]]], 1.5 * LOG2),
    # Steps 1, 2, 6; their changes 1, 4.
    ("smoothness_loss", {}, [[[0.0, 1.0, 3.0, 9.0]]], 41.0 / 3.0),
    ("smoothness_loss", {"order": 2}, [[[0.0, 1.0, 3.0, 9.0]]], 17.0 / 2.0),
    # log 4 for the label; prediction and average agree by 1/4 + 1/8: 2·log(1/8 + 5/8).
    (
        "early_learning_regularization_loss",
        {"strength": 2.0, "floor": 0.125},
        [[[LOG2, 0.0, 0.0]], [1], [[0.5, 0.5, 0.0]]],
        2.0 * LOG2 + 2.0 * math.log(0.75),
    ),
    # e^0 + e^0 + e^log 2 = 4.
    ("z_loss", {}, [[[0.0, 0.0, LOG2]]], 4.0 * LOG2**2),
    # Two even frames, one symbol: it is said at either, and two blanks come: 2 paths of probability 1/8.
    ("rnnt_loss", {}, [[[[[0.0, 0.0]] * 2] * 2], [[1]], [2], [1]], 2.0 * LOG2),
    # Odds of 3 to 1 for the worse: 3/4·0.8 + 1/4·0.4. At alpha 1/2, of 3 to 1 from 9 to 1.
    ("minimum_risk_loss", {"alpha": 1.0}, [[[LOG3 - 5.0, -5.0]], [[0.8, 0.4]]], 0.7),
    ("minimum_risk_loss", {"alpha": 0.5}, [[[2.0 * LOG3, 0.0]], [[0.8, 0.4]]], 0.7),
    # Probabilities 1/2, 1/4, 1/4: the first and the last should not come: log 2 + log(4/3).
    ("unlikelihood_loss", {}, [[[[LOG2, 0.0, 0.0]]], [[[1.0, 0.0, 1.0]]]], LOG2 + math.log(4.0 / 3.0)),
    # The first surely comes: 1 - p = 2·e^-50, of which 1 - p keeps no digit.
    ("unlikelihood_loss", {}, [[[[50.0, 0.0, 0.0]]], [[[1.0, 0.0, 0.0]]]], math.log1p(2.0 / E**50) + 50.0 - LOG2),
    # Steps of 1 and 3 across, of 0 and 2 down.
    ("total_variation_loss", {}, [[[[[0.0, 1.0], [0.0, 3.0]]]]], 6.0),
    # The layer makes logits of 0 and log 3: -log(1/4).
    ("linear_cross_entropy_loss", {"weight": [[0.0, 0.0], [LOG3, 0.0]]}, [[[1.0, 7.0]], [0]], 2.0 * LOG2),
    # Odds of 3 to 1 for the pair; of 3 to 1 and even against the drawn ones.
    ("negative_sampling_loss", {}, [[LOG3], [[LOG3, 0.0]]], math.log(4.0 / 3.0) + 3.0 * LOG2),
    # Noise 1/4, two draws: odds of 3/(2/4) = 6 that it is data. Drawn: 1/(2/2) and 3/(2/2).
    ("nce_loss", {}, [[LOG3], [[0.0, LOG3]], [-2.0 * LOG2], [[-LOG2, -LOG2]]], math.log(7.0 / 6.0) + 3.0 * LOG2),
    # 3/(1/2) against 1/(1/4) and 2/1: 6 of 12.
    ("sampled_softmax_loss", {}, [[LOG3], [[0.0, LOG2]], [-LOG2], [[-2.0 * LOG2, 0.0]]], LOG2),
    # Three eighths of four losses: all of 5 and half of 3. At a quarter: the largest.
    ("cvar_loss", {"share": 0.375}, [[1.0, 5.0, 3.0, 0.0]], 6.5 / 1.5),
    ("cvar_loss", {"share": 0.25}, [[1.0, 5.0, 3.0, 0.0]], 5.0),
    # Three eighths left out: all of 5 and half of 3. (0 + 1 + 1.5)/2.5.
    ("trimmed_loss", {"trim": 0.375}, [[1.0, 5.0, 3.0, 0.0]], 1.0),
    # Exponentials 1 and 4 at tilt 2 over losses 0 and log 2: log(5/2)/2. At -2: 1 and 1/4: log(8/5)/2. At 0: the mean.
    ("tilted_loss", {"tilt": 2.0}, [[0.0, LOG2]], 0.5 * math.log(2.5)),
    ("tilted_loss", {"tilt": -2.0}, [[0.0, LOG2]], 0.5 * math.log(1.6)),
    ("tilted_loss", {"tilt": 0.0}, [[0.0, LOG2]], 0.5 * LOG2),
    # Means 2 and 4, weights 3/4 and 1/4. Moved by step log(9)/2: 3·1 to 1·9 (by the difference of 2): 1/4 and 3/4.
    (
        "group_dro_loss",
        {"group_weights": [3.0, 1.0], "step_size": 0.0},
        [[1.0, 3.0, 4.0], [0, 0, 1]],
        2.5,
    ),
    (
        "group_dro_loss",
        {"group_weights": [3.0, 1.0], "step_size": 0.5 * math.log(9.0)},
        [[1.0, 3.0, 4.0], [0, 0, 1]],
        3.5,
    ),
    # The second group is not met: only the first's share of the weight is heard.
    ("group_dro_loss", {"group_weights": [3.0, 1.0], "step_size": 0.0}, [[1.0, 3.0], [0, 0]], 1.5),
]


@pytest.mark.parametrize(("name", "at", "data", "wanted"), WORDED)
def test_hand_numbers_of_losses_with_words_of_their_own(
    name: str, at: dict[str, Any], data: list[Any], wanted: float
) -> None:
    values, _ = evaluate({"loss": name, "data": data, "hyperparameters": at})
    assert values.flatten().tolist() == pytest.approx([wanted], rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(("name", "at", "input", "target", "wanted"), HAND)
def test_hand_numbers(name: str, at: dict[str, Any], input: Any, target: Any, wanted: float) -> None:
    values, _ = evaluate({"loss": name, "input": input, "target": target, "hyperparameters": at})
    assert values.reshape(-1).tolist() == pytest.approx([wanted], rel=1e-12)
    assert values.flatten().tolist() == pytest.approx([wanted], rel=1e-12)


def test_torch_divides_the_weighted_mean_by_the_weights_met() -> None:
    """The difference the card tells of: ours divides by the number of examples."""
    scores, labels = torch.randn(20, 3, generator=torch.Generator().manual_seed(0)), torch.arange(20) % 3
    weight = torch.tensor([0.5, 2.0, 3.5])
    ours = registry.load("class_weighted_cross_entropy_loss", weight=weight, reduction="sum")(scores, labels)
    theirs = torch.nn.functional.cross_entropy(scores, labels, weight=weight)
    torch.testing.assert_close(ours / weight[labels].sum(), theirs)


@pytest.mark.parametrize("r", [0.0, 1e-4, -0.5, 1.0, -3.0, 1e4, -1e4])
def test_log_cosh_gradient_is_tanh(r: float) -> None:
    for dtype, digits in ((torch.float32, 1e-6), (torch.bfloat16, 1e-2)):
        x = torch.tensor([r], dtype=dtype, requires_grad=True)
        values = registry.load("log_cosh_loss")(x, torch.zeros(1, dtype=dtype))
        assert torch.autograd.grad(values, x)[0].item() == pytest.approx(math.tanh(r), rel=digits)


def test_log_cosh_keeps_its_digits_near_zero_in_float32() -> None:
    """½r² - r⁴/12 + ...; the usual r + softplus(-2r) - log 2 gives 0 here, or a negative loss."""
    values = registry.load("log_cosh_loss")(torch.tensor([1e-4]), torch.zeros(1))
    assert values.item() == pytest.approx(0.5e-8, rel=1e-6)


def test_log_cosh_curvature_at_zero_is_one() -> None:
    x = torch.zeros(1, requires_grad=True)
    (first,) = torch.autograd.grad(registry.load("log_cosh_loss")(x, torch.zeros(1)), x, create_graph=True)
    assert torch.autograd.grad(first, x)[0] == 1.0


@pytest.mark.parametrize("quantile", [0.05, 0.5, 0.9])
def test_pinball_subgradient_at_the_target(quantile: float) -> None:
    x = torch.ones(1, dtype=torch.float64, requires_grad=True)
    value = registry.load("pinball_loss", quantile=quantile)(x, torch.ones(1, dtype=torch.float64))
    assert torch.autograd.grad(value, x)[0].item() == pytest.approx(0.5 - quantile)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float64])
@pytest.mark.parametrize("gamma", [0.0, 1e-6, 0.1, 0.5, 0.99, 1.0, 1.5, 2.0, 5.0, 50.0])
def test_focal_gradients_are_finite_and_right_at_saturated_logits(gamma: float, dtype: torch.dtype) -> None:
    """Far on the right side nothing pulls; far on the wrong side the pull is cross-entropy's, of size 1."""
    for x, pull in ((1e4, 0.0), (-1e4, -1.0)):
        logit = torch.tensor([x], dtype=dtype, requires_grad=True)
        value = registry.load("sigmoid_focal_loss", gamma=gamma)(logit, torch.ones(1, dtype=dtype))
        assert torch.autograd.grad(value, logit)[0].item() == pytest.approx(pull, abs=1e-6)
        scores = torch.tensor([[x, 0.0, 0.0]], dtype=dtype, requires_grad=True)
        value = registry.load("focal_loss", gamma=gamma)(scores, torch.tensor([0]))
        assert torch.autograd.grad(value, scores)[0][0, 0].item() == pytest.approx(pull, abs=1e-6)


def test_focal_at_gamma_zero_is_cross_entropy() -> None:
    scores, labels = 3.0 * torch.randn(50, 4, generator=torch.Generator().manual_seed(1)), torch.arange(50) % 4
    focal, plain = registry.load("focal_loss", gamma=0.0), registry.load("cross_entropy_loss")
    torch.testing.assert_close(focal(scores, labels), plain(scores, labels))


def test_focal_of_two_classes_is_the_sigmoid_form() -> None:
    x = torch.linspace(-6.0, 6.0, 25, dtype=torch.float64)
    two = torch.stack([torch.zeros_like(x), x], dim=-1)
    softmax = registry.load("focal_loss", gamma=1.7, reduction="none")(two, torch.ones(25).long())
    sigmoid = registry.load("sigmoid_focal_loss", gamma=1.7, reduction="none")(x, torch.ones(25).double())
    torch.testing.assert_close(softmax, sigmoid)


def test_one_class_alone_costs_nothing() -> None:
    scores = torch.tensor([[3.0]], requires_grad=True)
    value = registry.load("focal_loss", gamma=0.5)(scores, torch.tensor([0]))
    assert value == 0.0
    assert torch.autograd.grad(value, scores)[0].tolist() == [[0.0]]


def test_percentage_error_of_a_zero_target_is_never_nan() -> None:
    loss = registry.load("absolute_percentage_error_loss", reduction="none")
    assert loss(torch.tensor([0.0, 5.0]), torch.zeros(2)).tolist() == [0.0, math.inf]


def test_smoothing_over_the_others_is_the_stated_conversion() -> None:
    """ε over the c - 1 others, as some papers have it, is ours at ε·c/(c - 1)."""
    scores, labels, epsilon = torch.tensor([[2.0, -1.0, 0.5, 0.0]]), torch.tensor([2]), 0.3
    others = torch.full((1, 4), epsilon / 3.0).scatter(1, labels[:, None], 1.0 - epsilon)
    wanted = -(others * scores.log_softmax(-1)).sum()
    ours = registry.load("label_smoothing_cross_entropy_loss", smoothing=epsilon * 4.0 / 3.0)(scores, labels)
    torch.testing.assert_close(ours, wanted)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize(("p", "y", "pull"), [(0.0, 1.0, -1e7), (1.0, 0.0, 1e7)])
def test_a_surely_wrong_probability_is_pulled_back(p: float, y: float, pull: float, dtype: torch.dtype) -> None:
    """torch's clamp at -100 leaves it without gradient."""
    x = torch.tensor([p], dtype=dtype, requires_grad=True)
    value = registry.load("probability_binary_cross_entropy_loss")(x, torch.tensor([y], dtype=dtype))
    assert torch.autograd.grad(value, x)[0].item() == pytest.approx(pull, rel=1e-2)


def test_torchs_multi_margin_is_another_loss() -> None:
    """The difference the card tells of: half of ours at two classes, a sum over c beyond."""
    scores, labels = torch.tensor([[0.5, 0.0], [0.0, 2.0]]), torch.tensor([0, 0])
    ours = registry.load("multiclass_hinge_loss", reduction="none")
    theirs = torch.nn.functional.multi_margin_loss(scores, labels, reduction="none")
    torch.testing.assert_close(ours(scores, labels), 2.0 * theirs)
    three, label = torch.tensor([[0.5, 0.0, 0.25]]), torch.tensor([0])  # short of the margin by 1/2 and 3/4
    assert ours(three, label).tolist() == [0.75]
    assert torch.nn.functional.multi_margin_loss(three, label).item() == pytest.approx((0.5 + 0.75) / 3.0)


def test_class_balanced_tends_to_one_over_the_count() -> None:
    scores, labels = torch.zeros(3, 3, dtype=torch.float64), torch.arange(3)
    counts = torch.tensor([1.0, 2.0, 4.0], dtype=torch.float64)
    loss = registry.load("class_balanced_loss", class_counts=counts, beta=1.0 - 1e-12, reduction="none")
    weights = torch.tensor([12.0, 6.0, 3.0], dtype=torch.float64) / 7.0  # 1, 1/2, 1/4 made to sum to 3
    torch.testing.assert_close(loss(scores, labels), weights * math.log(3.0), rtol=1e-9, atol=0.0)


def test_generalized_cross_entropy_tends_to_cross_entropy() -> None:
    scores, labels = torch.tensor([[30.0, 0.0], [0.0, 20.0]], dtype=torch.float64), torch.tensor([0, 0])
    near = registry.load("generalized_cross_entropy_loss", q=1e-12, reduction="none")(scores, labels)
    torch.testing.assert_close(near, torch.nn.functional.cross_entropy(scores, labels, reduction="none"))


def test_ghm_gives_every_occupied_bin_the_same_say() -> None:
    """Whatever the crowd of easy ones, the pull of the one hard element stays."""
    for crowd in (1, 100):
        x = torch.cat([torch.full((crowd,), 3.0), torch.tensor([-3.0])]).requires_grad_()
        value = registry.load("ghm_classification_loss")(x, torch.ones(crowd + 1))
        assert torch.autograd.grad(value, x)[0][-1].item() == pytest.approx(-0.5 * torch.tensor(3.0).sigmoid().item())


@pytest.mark.parametrize("name", ["batch_prior_cross_entropy_loss", "ghm_classification_loss"])
def test_an_empty_batch_costs_nothing(name: str) -> None:
    prior = {"class_prior": [1.0, 1.0]} if "prior" in name else {}
    x = torch.zeros((0, 2), requires_grad=True)
    value = registry.load(name, **prior)(x, torch.zeros(0, dtype=torch.long) if prior else torch.zeros(0, 2))
    assert value == 0.0
    assert torch.autograd.grad(value, x)[0].shape == (0, 2)


def test_both_priors_agree_where_the_batch_is_one_row() -> None:
    scores, label = torch.tensor([[2.0, -1.0, 0.5]]), torch.tensor([2])
    at = {"class_prior": [0.2, 0.3, 0.5], "strength": 0.7}
    each = registry.load("per_example_prior_cross_entropy_loss", **at)(scores, label)
    torch.testing.assert_close(registry.load("batch_prior_cross_entropy_loss", **at)(scores, label), each)


def test_fair_keeps_its_digits_near_zero_in_float32() -> None:
    """½r² - r³/3 + ...; the formula as written gives 4.66e-9 here, or 0."""
    values = registry.load("fair_loss", scale=1.0)(torch.tensor([1e-4]), torch.zeros(1))
    assert values.item() == pytest.approx(0.5e-8 - 1e-12 / 3.0, rel=1e-6)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("x", [60.0, -60.0, 1e4, -1e4])
def test_a_score_far_from_its_level_is_pulled_back(x: float, dtype: torch.dtype) -> None:
    """The difference of the two sigmoids is 0 there, and its logarithm without a gradient."""
    score = torch.tensor([x], dtype=dtype, requires_grad=True)
    value = registry.load("cumulative_link_loss", cuts=[-1.0, 0.0])(score, torch.tensor([1]))
    assert value.item() == pytest.approx(abs(x), rel=0.05)
    assert torch.autograd.grad(value, score)[0].item() == pytest.approx(math.copysign(1.0, x), rel=1e-2)


def test_a_sure_and_wrong_level_costs_its_distance_and_pulls() -> None:
    """Of p = 1 there is log(1 - p) = -inf in the formula as written."""
    scores = torch.tensor([[1e4, 0.0, 0.0]], requires_grad=True)
    value = registry.load("ordinal_log_loss", alpha=2.0)(scores, torch.tensor([2]))
    assert value.item() == pytest.approx(4e4, rel=1e-3)
    assert torch.autograd.grad(value, scores)[0].tolist() == [pytest.approx([4.0, -2.0, -2.0], rel=1e-3)]


def test_geman_mcclure_and_charbonnier_are_barrons_as_their_cards_say() -> None:
    x, y = torch.linspace(-5.0, 5.0, 21, dtype=torch.float64), torch.zeros(21, dtype=torch.float64)
    barron = registry.load("barron_loss", alpha=-2.0, scale=1.5, reduction="none")(x, y)
    ours = registry.load("geman_mcclure_loss", scale=3.0, reduction="none")(x, y)
    torch.testing.assert_close(ours, 1.5**2 * barron)
    barron = registry.load("barron_loss", alpha=1.0, scale=0.5, reduction="none")(x, y)
    ours = registry.load("charbonnier_loss", epsilon=0.5, reduction="none")(x, y)
    torch.testing.assert_close(ours, 0.5 * (barron + 1.0))


def test_kappa_loss_of_hard_labels_is_scikit_learns() -> None:
    from sklearn.metrics import cohen_kappa_score

    generator = torch.Generator().manual_seed(0)
    said, true = torch.randint(0, 4, (2, 60), generator=generator)
    scores = 100.0 * torch.nn.functional.one_hot(said, 4).double()
    loss = registry.load("quadratic_weighted_kappa_loss", floor=1e-12)(scores, true)
    assert 1.0 - loss.item() == pytest.approx(cohen_kappa_score(true, said, weights="quadratic"), rel=1e-9)

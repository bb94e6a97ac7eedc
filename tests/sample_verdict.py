# ruff: noqa: E501
"""Verdicts as the advisor would make them, small to look at and wide in what they hold."""

import itertools
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from lossmith.advisor.profile import Column, Notice, Profile
from lossmith.advisor.suspicion import Suspect, Suspicion
from lossmith.advisor.trust import Trust
from lossmith.advisor.verdict import Difference, Gain, Neighbour, Standing, Verdict
from lossmith.training.problem import Candidate, Problem

X = [round(-4 + 0.1 * i, 3) for i in range(81)]
SHAPES: dict[str, tuple[Any, Any]] = {
    "mse_loss": (lambda r: r * r, lambda r: 2 * r),
    "mae_loss": (abs, lambda r: (r > 0) - (r < 0)),
    "huber_loss": (lambda r: 0.5 * r * r if abs(r) < 1 else abs(r) - 0.5, lambda r: max(-1.0, min(1.0, r))),
    "log_cosh_loss": (lambda r: math.log(math.cosh(r)), math.tanh),
    "cauchy_loss": (lambda r: math.log1p(r * r / 2), lambda r: r / (1 + r * r / 2)),
    "pinball_loss": (lambda r: 0.5 * abs(r), lambda r: 0.5 * ((r > 0) - (r < 0))),
    "tukey_loss": (
        lambda r: 1.5 * (1 - max(0.0, 1 - r * r / 9) ** 3),
        lambda r: r * max(0.0, 1 - r * r / 9) ** 2,
    ),
    "cross_entropy_loss": (lambda r: math.log1p(math.exp(-r)), lambda r: -1 / (1 + math.exp(r))),
    "focal_loss": (
        lambda r: (1 / (1 + math.exp(r))) ** 2 * math.log1p(math.exp(-r)),
        lambda r: -((1 / (1 + math.exp(r))) ** 2),
    ),
    "hinge_loss": (lambda r: max(0.0, 1 - r), lambda r: -1.0 if r < 1 else 0.0),
}


def portrait(loss: str, x_label: str = "prediction − target, in standard deviations") -> dict[str, Any]:
    value, gradient = SHAPES.get(loss, SHAPES["huber_loss"])
    return {"x": tuple(X), "value": tuple(map(value, X)), "gradient": tuple(map(gradient, X)), "x_label": x_label}


def curve(score: float, higher: bool, epochs: int, seed: int) -> dict[str, tuple[float, ...]]:
    noise = random.Random(seed)
    steps = range(1, epochs + 1)
    start = score * (0.55 if higher else 2.4)
    valid = [score + (start - score) * math.exp(-e / 6) + score * noise.gauss(0, 0.006) for e in steps]
    spread = [abs(score) * (0.02 + 0.05 * math.exp(-e / 8)) for e in steps]
    return {
        "epoch": tuple(float(e) for e in steps),
        "train": tuple(0.3 + 0.7 * math.exp(-(e - 1) / 7) for e in steps),
        "valid": tuple(valid),
        "valid_low": tuple(v - s for v, s in zip(valid, spread, strict=True)),
        "valid_high": tuple(v + s for v, s in zip(valid, spread, strict=True)),
    }


def difference(mean: float, half: float, conclusion: Any, score: float, p: float) -> Difference:
    return Difference(mean, mean - half, mean + half, mean / abs(score), p, min(1.0, 6 * p), 1.9 * half, conclusion)


def standing(
    candidate: Candidate,
    score: float | None,
    diff: Difference | None,
    *,
    higher: bool = False,
    seed: int = 0,
    x_label: str = "prediction − target, in standard deviations",
    **changes: Any,
) -> Standing:
    noise = random.Random(seed)
    folds = () if score is None else _paired(score, noise)
    measured = Standing(
        candidate=candidate,
        score=score,
        fold_scores=folds,
        difference=diff,
        learning_rates=(0.001,) * 6 + (0.003,) * 3 + (0.000333,),
        epochs=31.4 + seed,
        seconds=14.2 + 5.3 * seed,
        rule_params={},
        failures=(),
        curve={} if score is None else curve(score, higher, 48, seed),
        portrait=portrait(candidate.loss, x_label),
        best_epochs=() if score is None else tuple(min(48, 20 + seed + noise.randrange(20)) for _ in range(10)),
        seconds_to_best=None if score is None else 0.31 + 0.07 * seed,
    )
    return replace(measured, **changes)


def _paired(score: float, noise: random.Random) -> tuple[float, ...]:
    """Ten scores whose mean is `score`; a hard fold is hard for every candidate."""
    hard = random.Random(99)
    drawn = [hard.gauss(0, 0.03) + noise.gauss(0, 0.02) for _ in range(10)]
    return tuple(score * (1.0 + value - sum(drawn) / 10) for value in drawn)


def verdict(profile: Profile, standings: Sequence[Standing], **changes: Any) -> Verdict:
    plain = Verdict(
        outcome="clear_winner",
        sentence="",
        recommended=standings[0].candidate.id,
        reference="mae",
        default="mse",
        gain=None,
        standings=tuple(standings),
        profile=profile,
        metric={"name": "mae", "label": "MAE", "higher_is_better": False, "unit": "", "asks_for": "median"},
        rope=0.05,
        folds=10,
        planned_folds=10,
        rows_used=profile.rows,
        seconds=412.7,
        warnings=(),
        snippet="from lossmith.losses import HuberLoss\n\nloss = HuberLoss(delta=1.35)\n",
        command="lossmith advise flats.csv --target rent_eur --metric mae --seed 0",
        environment={
            "lossmith": "0.1.0",
            "python": "3.12.4",
            "torch": "2.13.0",
            "numpy": "2.3.1",
            "pandas": "2.3.0",
            "scikit-learn": "1.8.0",
            "machine": "Linux x86_64, 8 cores, no GPU",
            "date": "2026-11-21",
        },
        settings={
            "network": "128-64 ReLU",
            "learning_rates": (0.000333, 0.001, 0.003),
            "batch_size": 128,
            "epochs": 60,
            "folds": 5,
            "repeats": 2,
            "seed": 0,
            "budget": "10 min",
        },
    )
    return replace(plain, **changes)


def neighbour(
    label: str, asks_for: str, scores: Mapping[str, float], recommended: str, theory: str, half: float,
    higher: bool = False, listed: bool = True,
) -> Neighbour:  # fmt: skip
    """Another metric, whose candidates differ measurably where the gap is above `half`."""
    sign = 1.0 if higher else -1.0
    order = sorted(scores, key=lambda key: -sign * scores[key])
    gaps = {key: sign * (score - scores[recommended]) for key, score in scores.items() if key != recommended}
    return Neighbour(
        name=label.lower(), label=label, higher_is_better=higher, asks_for=asks_for, scores=scores,
        ranks={key: 1.0 + order.index(key) for key in order}, best=order[0], theory=theory, listed=listed,
        differences={
            key: difference(
                gap, half, "better" if gap > half else "worse" if gap < -half else "no_measurable_difference",
                scores[recommended], 0.001 if abs(gap) > half else 0.3,
            )
            for key, gap in gaps.items()
        },
    )  # fmt: skip


def regression() -> Verdict:
    """Nine candidates, outliers in the target, a clear winner, one hopeless candidate."""
    names = (
        (
            "cauchy",
            "cauchy_loss",
            {"scale": 0.62},
            "better",
            9.4,
            5.1,
            0.0004,
            "The residuals have heavy tails (tail index 1.9).",
        ),
        (
            "huber",
            "huber_loss",
            {"delta": 1.345},
            "better",
            7.15,
            4.2,
            0.0021,
            "4.1 % of the targets lie beyond the outlier fences.",
        ),
        (
            "log_cosh",
            "log_cosh_loss",
            {},
            "no_measurable_difference",
            3.1,
            5.5,
            0.19,
            "Smooth in between squared and absolute error.",
        ),
        (
            "mae",
            "mae_loss",
            {},
            "reference",
            0.0,
            0.0,
            1.0,
            "MAE asks for the median, and this loss elicits it (Gneiting 2011).",
        ),
        (
            "pinball_0.5",
            "pinball_loss",
            {"quantile": 0.5},
            "practically_equal",
            -0.3,
            1.1,
            0.62,
            "Elicits the 0.5-quantile, which is the median.",
        ),
        (
            "huber_log",
            "huber_loss",
            {"delta": 1.345},
            "no_measurable_difference",
            -4.0,
            8.5,
            0.33,
            "The target is skewed (3.4): the log link evens it out.",
        ),
        (
            "tukey",
            "tukey_loss",
            {"c": 4.685},
            "worse",
            -14.2,
            7.7,
            0.0016,
            "Ignores far outliers altogether (Beaton and Tukey 1974).",
        ),
        ("mse", "mse_loss", {}, "worse", -31.8, 9.9, 0.0001, "What everyone uses."),
        ("mse_log_link_without_correction", "mse_loss", {}, "worse", -412.0, 160.0, 0.00002, "Requested."),
    )
    standings = []
    for seed, (id_, loss, params, conclusion, mean, half, p, reason) in enumerate(names):
        roles = {"mae": ("reference",), "mse": ("default",)}.get(id_, ("requested",) if id_.startswith("mse_") else ())
        link = "log1p" if id_ == "huber_log" or id_.startswith("mse_log") else "identity"
        candidate = Candidate(
            id_,
            loss,
            params,
            link=link,
            reasons=(reason, "Its gradient is bounded, so one outlier cannot dominate."),
            roles=roles,
        )
        score = 214.6 - mean
        diff = None if conclusion == "reference" else difference(mean, half, conclusion, 214.6, p)
        dropped = {"tukey": 6, "mse_log_link_without_correction": 3}.get(id_)
        raced = standing(candidate, score, diff, seed=seed, dropped_after=dropped)
        standings.append(replace(raced, fold_scores=raced.fold_scores[:dropped]))
    kept = [s.candidate.id for s in standings if s.dropped_after is None]
    return verdict(
        _value_profile(),
        standings,
        sentence="Train with Cauchy loss (scale 0.62): it lowers MAE by 38.4 euros a month (15.6 %) against the default, mean squared error.",
        gain=Gain("mse", 38.4, 27.1, 49.7, 0.156),
        metric={
            "name": "mae",
            "label": "MAE",
            "higher_is_better": False,
            "unit": "euros a month",
            "asks_for": "median",
        },
        rope=2.1,
        warnings=("Two learning rates were chosen at the edge of the grid for mse; its score may still improve.",),
        snippet=SNIPPET,
        neighbours=(
            neighbour("RMSE", "mean", {key: 412.0 - 9.0 * place for place, key in enumerate(kept)}, "cauchy", "mse", 25.0),
            neighbour("MAPE", "median weighted by 1/y", {key: 0.21 + 0.004 * place for place, key in enumerate(kept)},
                      "cauchy", "absolute_percentage_error_loss", 0.006, listed=False),
        ),
        trust=Trust("theory, unless evidence overrules it", 57, 1.8, 0.42, 1, "2026-11-21", "0.1.0"),
    )  # fmt: skip


SNIPPET = """\
import torch
from lossmith.losses import CauchyLoss

loss = CauchyLoss(scale=0.62)          # on the standardised target
mean, std = y_train.mean(), y_train.std()

output = network(x).squeeze(-1)        # one output, no activation
value = loss(output, (y - mean) / std)
value.backward()

prediction = output * std + mean       # the value itself is the decision
"""


def binary() -> Verdict:
    """A cost metric, thresholds tuned, the reference holds."""
    rows = (
        (
            "bce_threshold",
            "cross_entropy_loss",
            "threshold",
            {"threshold": 0.171},
            "reference",
            0.0,
            0.0,
            1.0,
            ("reference",),
        ),
        (
            "focal_threshold",
            "focal_loss",
            "threshold",
            {"threshold": 0.284},
            "practically_equal",
            -0.0011,
            0.0024,
            0.4,
            (),
        ),
        ("bce_prior_shift", "cross_entropy_loss", "prior", {}, "no_measurable_difference", -0.004, 0.009, 0.31, ()),
        ("hinge", "hinge_loss", "threshold", {"threshold": -0.4}, "worse", -0.0243, 0.0101, 0.003, ()),
        ("bce_argmax", "cross_entropy_loss", "argmax", {}, "worse", -0.0671, 0.0142, 0.0001, ("default",)),
    )
    standings = []
    for seed, (id_, loss, rule, tuned, conclusion, mean, half, p, roles) in enumerate(rows):
        candidate = Candidate(
            id_,
            loss,
            {"gamma": 2.0} if loss == "focal_loss" else {},
            "softmax",
            rule,
            roles=roles,
            reasons=("The cost metric asks for probabilities and a threshold at FP / (FN + FP).",),
        )
        score = 0.1182 - mean
        diff = None if conclusion == "reference" else difference(mean, half, conclusion, 0.1182, p)
        measured = standing(candidate, score, diff, seed=seed, rule_params=tuned, x_label="logit of the true class")
        standings.append(replace(measured, plain_score=score + 0.05 if tuned else None))
    ids = [standing.candidate.id for standing in standings]
    probabilities = {key: 0.301 + 0.02 * place for place, key in enumerate(ids) if key != "hinge"}
    problem = Problem("churn", "binary", "cost: FN=5,FP=1", "yes", ("no", "yes"))
    profile = Profile(
        problem,
        "customers.parquet",
        7032,
        11,
        _columns(),
        "Two labels.",
        "Asked for on the command line.",
        {
            "counts": {"no": 6404, "yes": 628},
            "priors": {"no": 0.911, "yes": 0.089},
            "imbalance": 10.2,
            "minority": "yes",
        },
        {"labels": ["no", "yes"], "counts": [6404, 628]},
        (),
    )
    return verdict(
        profile, standings, outcome="reference_holds", reference="bce_threshold", default="bce_argmax",
        sentence="Keep cross-entropy with a tuned threshold: nothing on the list costs measurably less.",
        gain=Gain("bce_argmax", 0.0668, 0.0517, 0.0819, 0.3605), rope=0.005,
        metric={"name": "cost", "label": "Cost (FN 5, FP 1)", "higher_is_better": False, "unit": "cost a row", "asks_for": "class probabilities"},
        command="lossmith advise customers.parquet --target churn --metric 'cost: FN=5,FP=1'",
        suspicion=Suspicion(
            (Suspect(1002, "yes", "no", 31.2), Suspect(6, "no", "yes", 9.4)), 2, 7032, "2 labels look wrong (0.0% of the rows)."
        ),
        neighbours=(
            neighbour("balanced accuracy", "most likely class at equal priors", {key: 0.71 + 0.01 * place for place, key in enumerate(ids)},
                      "bce_threshold", "bce_threshold", 0.02, higher=True),
            neighbour("log loss", "class probabilities", probabilities, "bce_threshold", "bce_threshold", 0.01),
        ),
    )  # fmt: skip


def multiclass() -> Verdict:
    """Higher is better; one candidate failed in every fold."""
    ok = [
        ("cross_entropy", "reference", 0.0, 0.0),
        ("label_smoothing", "no_measurable_difference", -0.003, 0.011),
        ("focal", "no_measurable_difference", -0.006, 0.013),
    ]
    standings = []
    for seed, (id_, conclusion, mean, half) in enumerate(ok):
        diff = None if conclusion == "reference" else difference(mean, half, conclusion, 0.872, 0.3)
        roles = ("reference", "default") if conclusion == "reference" else ()
        candidate = Candidate(
            id_,
            "cross_entropy_loss",
            {"smoothing": 0.1} if seed else {},
            "softmax",
            "argmax",
            roles=roles,
            reasons=("Accuracy asks for the most likely class.",),
        )
        standings.append(
            standing(candidate, 0.872 + mean, diff, higher=True, seed=seed, x_label="logit of the true class")
        )
    broken = Candidate(
        "exponential", "exponential_loss", {}, "softmax", "argmax", reasons=("Requested.",), roles=("requested",)
    )
    standings.append(
        standing(
            broken,
            None,
            None,
            seed=7,
            learning_rates=(),
            epochs=None,
            portrait={},
            failures=("Fold 1: the loss became NaN in epoch 3 at every learning rate.",),
        )
    )
    problem = Problem("variety", "multiclass", "accuracy", levels=tuple(f"class {i}" for i in range(7)))
    labels, counts = list(problem.levels), [2051, 1322, 1118, 640, 301, 88, 9]
    profile = Profile(
        problem,
        "beans.csv",
        sum(counts),
        0,
        _columns(),
        "Seven labels as text.",
        "The usual one for balanced labels.",
        {"counts": dict(zip(labels, counts, strict=True)), "imbalance": 228.0},
        {"labels": labels, "counts": counts},
        (Notice("rare_class", "Class “class 6” has 9 rows: not every fold sees it.", (4, 90, 1817)),),
    )
    return verdict(
        profile, standings, outcome="reference_holds", reference="cross_entropy", default="cross_entropy",
        sentence="Keep cross-entropy: no other loss is measurably better in accuracy.", rope=0.005,
        metric={"name": "accuracy", "label": "Accuracy", "higher_is_better": True, "unit": "share", "asks_for": "most likely class"},
    )  # fmt: skip


def too_little_data() -> Verdict:
    """One fold finished: nothing was judged."""
    standings = [replace(s, difference=None, fold_scores=s.fold_scores[:1]) for s in regression().standings[:4]]
    return replace(
        regression(), outcome="too_little_data", recommended="mae", gain=None, folds=1, planned_folds=10, default="mse",
        sentence="Too little data to tell the losses apart: start with mean absolute error, which asks for what MAE measures.",
        standings=(*standings, replace(regression().standings[7], difference=None)), warnings=("The budget ended after 1 of 10 folds.",),
    )  # fmt: skip


HOSTILE = "</script><script>alert(1)</script>"


def hostile() -> Verdict:
    """Names made to break a page, a terminal or an XML parser."""
    base = regression()
    names = {"cauchy": HOSTILE, "huber": "a\x00b\x1b[31mred\x1b]0;title\x07", "log_cosh": "größe_€_目的変数_🙂\ud800"}
    names |= {
        "pinball_0.5": "very_long_" * 12 + "name",
        "tukey": '" onload="alert(1)',
        "mse": "[bold]mse[/bold] {{ 7*7 }}\u202egnp",
    }
    standings = tuple(
        replace(s, candidate=replace(s.candidate, id=names.get(s.candidate.id, s.candidate.id), reasons=(HOSTILE,), loss=HOSTILE),
                failures=(HOSTILE,), rule_params={HOSTILE: HOSTILE})
        for s in base.standings
    )  # fmt: skip
    notices = tuple(
        Notice("code", f"Notice {i}: {HOSTILE}", tuple(range(i * 40)), (HOSTILE, "x" * 300)) for i in range(30)
    )
    columns = (*_columns(), Column(HOSTILE, "text", 3, 4, False, HOSTILE), Column("x" * 300, "number", 0, 3, True))
    problem = replace(base.profile.problem, target="&amp; <img src=x onerror=alert(1)>")
    profile = replace(
        base.profile,
        warnings=notices,
        columns=columns,
        problem=problem,
        source=HOSTILE,
        metric_reason=HOSTILE,
        task_reason=HOSTILE,
    )
    return replace(
        base, standings=standings, profile=profile, recommended=HOSTILE, default=names["mse"], sentence=HOSTILE + " " + "word " * 60,
        metric={**base.metric, "label": HOSTILE, "unit": HOSTILE, "asks_for": HOSTILE}, snippet=HOSTILE + "\n" + "y" * 400,
        command=HOSTILE, settings={HOSTILE: HOSTILE}, environment={HOSTILE: HOSTILE}, warnings=(HOSTILE,),
        suspicion=Suspicion(tuple(Suspect(10**i, HOSTILE, "x" * 300, 1e12) for i in range(20)), 60, 1500, HOSTILE),
    )  # fmt: skip


def everything() -> Mapping[str, Verdict]:
    """All the samples by name."""
    return {f.__name__: f() for f in (regression, binary, multiclass, too_little_data, hostile)}


def _columns() -> tuple[Column, ...]:
    return (
        Column("living_area", "number", 0, 812, True), Column("district", "category", 3, 23, True),
        Column("first_seen", "date", 0, 1403, True), Column("flat_id", "id", 0, 8241, False, "Different in every row."),
        Column("country", "constant", 0, 1, False, "The same in every row."),
        Column("description", "text", 120, 8011, False, "Free text: 97 % of its values are different."),
    )  # fmt: skip


def _value_profile() -> Profile:
    noise = random.Random(1)
    values = [math.exp(noise.gauss(6.7, 0.42)) for _ in range(8200)] + [noise.uniform(4200, 9800) for _ in range(41)]
    edges = [250.0 * i for i in range(41)]
    counts = [sum(low <= value < high for value in values) for low, high in itertools.pairwise(edges)]
    target = {"mean": 912.337, "std": 611.2, "median": 814.02, "mad": 231.4, "min": 142.1, "max": 9788.5, "skew": 5.71,
              "tail_index": 1.93, "zero_share": 0.0, "negative_share": 0.0, "integer_share": 0.412, "outlier_share": 0.0231, "unique": 5120}  # fmt: skip
    shown = {"edges": edges, "counts": counts, "outlier_low": None, "outlier_high": 2250.0,
             "outliers": sum(value > 2250 for value in values), "scale": "linear"}  # fmt: skip
    warnings = (
        Notice(
            "outliers",
            "The target has values far beyond the rest; the largest is 9,788.5.",
            (17, 803, 2210, 5121),
            ("rent_eur",),
        ),
        Notice("duplicates", "Rows appear twice, so a fold may test on what it trained on.", tuple(range(100, 160))),
        Notice(
            "leak",
            "deposit_eur tells the target almost exactly (R² 0.998). Known only afterwards? Then --drop it.",
            (),
            ("deposit_eur",),
        ),
    )
    problem = Problem("rent_eur", "regression", "mae")
    return Profile(problem, "flats.csv", 8241, 12, _columns(), "Numbers with 5,120 different values.",
                   "Asked for on the command line.", target, shown, warnings)  # fmt: skip

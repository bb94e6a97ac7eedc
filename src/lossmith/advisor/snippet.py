"""Code to paste, which runs as it stands.

It holds imports, the loss with its parameters, the output layer and link, and the decision rule.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lossmith import registry
from lossmith.advisor.departure import believed, departure
from lossmith.advisor.parameters import priors
from lossmith.advisor.profile import Profile
from lossmith.advisor.trials import Trial
from lossmith.domains import LocationScale, Spread
from lossmith.metric import ChosenMetric
from lossmith.training.problem import Candidate
from lossmith.training.quantiles import FINE


def snippet(candidate: Candidate, profile: Profile, trials: Sequence[Trial]) -> str:
    """Write the code that trains `candidate`, with the numbers its folds arrived at."""
    names = set.intersection(*(set(t.link) for t in trials)) if trials else set()
    link = {key: float(np.median([t.link[key] for t in trials])) for key in names}
    lines = [
        "import torch",
        *loss_lines(candidate, {} if profile.problem.weight is None else {"reduction": "none"}),
        *_weighted(_output(candidate, profile, link), profile.problem.weight),
        *_sampler(candidate.sampling, len(profile.problem.levels)),
        "",
        *decision_lines(candidate, profile, trials),
    ]
    return "\n".join(lines) + "\n"


def _output(candidate: Candidate, profile: Profile, fitted: Mapping[str, float]) -> list[str]:
    """Write output layer, training loss and prediction."""
    spread = registry.card(candidate.loss).inputs["input"]
    if profile.problem.task == "forecast":
        return departure(candidate.link, str(profile.history.get("naive", "last value")), fitted)
    if not isinstance(spread, Spread):
        return link_lines(candidate.link, profile.problem.levels, fitted)
    metric = registry.metric(str(profile.problem.metric))
    levels = metric.levels or ((metric.elicits.level,) if metric.elicits.level is not None else FINE)
    centre, scale = f"{fitted.get('centre', 0.0):.6g}", f"{fitted.get('scale', 1.0):.6g}"
    log = candidate.link == "log1p"
    if isinstance(spread, LocationScale):
        shape = [f"levels = torch.tensor({_levels(levels)})", STANDARD[spread.family]]
        columns, head = "output[:, :1] + output[:, 1:].exp() * standard", "(2)  # location and log-scale"
    else:
        shape, columns = [], "output.sort(dim=-1).values"
        head = f"({len(levels)})  # one number for each level"
    predicted = f"centre + scale * ({columns})"
    predicted = f"torch.expm1({predicted})" if log else predicted
    return [
        f"head = torch.nn.LazyLinear{head}, link: {candidate.link}",
        f"centre, scale = {centre}, {scale}  # of {'log1p of ' if log else ''}the target, from the training rows",
        f"training_loss = lambda output, y: loss(output, ({'torch.log1p(y)' if log else 'y'} - centre) / scale)",
        *shape,
        f"predict = lambda output: {believed(f'{predicted}{_reduced(metric)}', fitted)}",
    ]


STANDARD = {
    "normal": "standard = torch.special.ndtri(levels)  # quantiles of a normal distribution",
    "Laplace": "standard = -(levels - 0.5).sign() * torch.log1p(-2 * (levels - 0.5).abs())  # of a Laplace one",
}


def _levels(levels: Sequence[float]) -> str:
    """Write levels short: an even grid by its rule."""
    count = len(levels)
    even = count > 6 and all(abs(level - (k + 0.5) / count) < 1e-9 for k, level in enumerate(levels))
    return f"[(k + 0.5) / {count} for k in range({count})]" if even else repr(list(levels))


def _reduced(metric: ChosenMetric) -> str:
    """Write what turns quantiles into the one number that a metric takes."""
    if metric.levels:
        return ""
    if metric.elicits.name == "quantile":
        return "[:, 0]"
    return ".clamp(min=0).log1p().mean(dim=-1).expm1()" if metric.elicits.of == "log1p" else ".mean(dim=-1)"


def loss_lines(candidate: Candidate, beside: Mapping[str, Any]) -> list[str]:
    """Write the import of a loss of the catalogue, and the loss with its parameters."""
    name = registry.find(candidate.loss)["class"]
    given = {**candidate.params, **beside}
    arguments = ", ".join(f"{key}={_levels(value) if key == 'levels' else repr(value)}" for key, value in given.items())
    return [f"from lossmith.losses import {name}", "", f"loss = {name}({arguments})"]


def link_lines(link: str, levels: Sequence[str], fitted: Mapping[str, float]) -> list[str]:
    """Write output layer, training loss and prediction."""
    centre, scale = f"{fitted.get('centre', 0.0):.6g}", f"{fitted.get('scale', 1.0):.6g}"
    if link == "softmax":
        return [
            f"head = torch.nn.LazyLinear({len(levels)})  # one logit per class, no softmax: the loss applies it",
            f"training_loss = lambda output, y: loss(output, y)  # y: {_numbered(levels)}",
            "predict = lambda output: torch.softmax(output, dim=-1)",
        ]
    if link == "cumulative":
        return [
            f"head = torch.nn.LazyLinear({len(levels) - 1})  # one logit per step between levels: of lying above it",
            f"above = lambda y: y[:, None] > torch.arange({len(levels) - 1})  # y: {_numbered(levels)}",
            "training_loss = lambda output, y: loss(output, above(y).to(output))",
            "steps = lambda output: torch.sigmoid(output).cummin(dim=-1).values",
            "around = lambda p: torch.nn.functional.pad(torch.nn.functional.pad(p, (1, 0), value=1.0), (0, 1))",
            "predict = lambda output: -around(steps(output)).diff(dim=-1)  # a probability of each level",
        ]
    if link == "sigmoids":
        return [
            f"head = torch.nn.LazyLinear({len(levels)})  # one logit per label, no sigmoid: the loss applies it",
            f"training_loss = lambda output, y: loss(output, y.float())  # columns of y: {_numbered(levels)}",
            "predict = lambda output: torch.sigmoid(output)",
        ]
    if link == "sigmoid":
        return [
            "head = torch.nn.LazyLinear(1)  # one logit, no sigmoid: the loss applies it",
            f"training_loss = lambda output, y: loss(output[:, 0], y.float())  # y: {_numbered(levels)}",
            "predict = lambda output: torch.sigmoid(output[:, 0])",
        ]
    seen, target, prediction = {
        "identity": ("output[:, 0]", "(y - centre) / scale", "centre + scale * output[:, 0]"),
        "raw": ("centre + scale * output[:, 0]", "y.float()", "centre + scale * output[:, 0]"),
        "log1p": ("output[:, 0]", "(torch.log1p(y) - centre) / scale", "torch.expm1(centre + scale * output[:, 0])"),
        "softplus": (
            "torch.nn.functional.softplus(output[:, 0])",
            "y / scale",
            "scale * torch.nn.functional.softplus(output[:, 0])",
        ),
        "exp": ("output[:, 0].exp()", "y / scale", "scale * output[:, 0].exp()"),
        "log": ("output[:, 0]", "y / scale", "scale * output[:, 0].exp()"),
    }[link]
    of = "log1p of the target" if link == "log1p" else "the target"
    constants = f"centre, scale = {centre}, {scale}" if "centre" in prediction else f"scale = {scale}"
    return [
        f"head = torch.nn.LazyLinear(1)  # one number, link: {link}",
        f"{constants}  # of {of}, from the training rows",
        f"training_loss = lambda output, y: loss({seen}, {target})" + (f"  # y: {_numbered(levels)}" if levels else ""),
        f"predict = lambda output: {believed(prediction, fitted)}",
    ]


def _sampler(sampling: str, classes: int) -> list[str]:
    """Write which rows an epoch shows: `DataLoader(dataset, sampler=sampler(y))`."""
    if sampling == "over":
        return [
            "# over-sampling: every class equally often, rows of rare ones again and again; y: all training labels",
            "sampler = lambda y: torch.utils.data.WeightedRandomSampler((1.0 / torch.bincount(y))[y], len(y))",
        ]
    if sampling == "under":
        return [
            "# under-sampling: of every class as many rows as the rarest has; y: all training labels; anew each epoch",
            "some = lambda y, k: torch.nonzero(y == k)[torch.randperm(int((y == k).sum())), 0][: y.bincount().min()]",
            f"even = lambda y: torch.cat([some(y, k) for k in range({classes})])",
            "sampler = lambda y: torch.utils.data.SubsetRandomSampler(even(y))",
        ]
    return []


def _weighted(lines: list[str], weight: str | None) -> list[str]:
    """Let rows count by their weight, as in the trials."""
    if weight is None:
        return lines
    rows = [line.replace("training_loss =", "row_loss =") for line in lines]
    said = f"# weight: {' '.join(weight.split())!r} over its mean in the training rows"
    return [*rows, f"training_loss = lambda output, y, weight: (weight * row_loss(output, y)).mean()  {said}"]


def _numbered(levels: Sequence[str]) -> str:
    """Say which number stands for which class, on one line."""
    shown = [f"{number} = {' '.join(level.split())[:20]!r}" for number, level in enumerate(levels)]
    return ", ".join(shown if len(shown) <= 6 else [*shown[:3], "...", shown[-1]])


def decision_lines(candidate: Candidate, profile: Profile, trials: Sequence[Trial]) -> list[str]:
    """Write the decision rule, with the median of what the folds tuned."""
    rule, one_logit = candidate.rule, candidate.link == "sigmoid"
    if rule == "value":
        return ["decide = lambda prediction: prediction  # the metric scores it as it is"]
    if rule == "probability":
        return ["decide = lambda probability: probability  # the metric scores probabilities"]
    if rule == "argmax" and one_logit:
        return ["decide = lambda probability: probability >= 0.5  # the likelier class"]
    if rule == "argmax":
        return ["decide = lambda probability: probability.argmax(dim=-1)"]
    if rule == "median_level":
        return ["decide = lambda probability: (probability.cumsum(dim=-1) < 0.5).sum(dim=-1)  # the median level"]
    if rule == "quantiles":
        stretch = f"{_median(trials, 'stretch', 1.0):.4g}"
        return [
            "middle = lambda q: (q[:, [(q.shape[1] - 1) // 2]] + q[:, [q.shape[1] // 2]]) / 2",
            f"decide = lambda q: middle(q) + {stretch} * (q - middle(q))  # tuned inside the training folds",
        ]
    if rule in ("residual_quantiles", "log_residual_quantiles"):
        return _offsets(rule, profile, trials)
    if rule == "least_cost":
        return _least_cost(profile, trials)
    if rule == "positive":
        return [f"decide = lambda prediction: prediction.clamp(min={_median(trials, 'floor'):.4g})"]
    if rule == "cuts":
        return _cuts(candidate, profile, trials)
    if rule in ("thresholds", "shared_threshold"):
        cuts = _medians(trials, "threshold", len(profile.problem.levels) if rule == "thresholds" else 1)
        shown = f"torch.tensor({cuts})" if rule == "thresholds" else str(cuts[0])
        return [
            f"threshold = {shown}  # {'tuned inside the training folds' if trials else 'to be tuned'}",
            "decide = lambda probability: probability >= threshold",
        ]
    if rule == "threshold":
        positive = "probability" if one_logit else "probability[:, 1]"
        fixed = candidate.rule_params.get("threshold")  # by what mistakes cost, where nothing was tuned
        told = "from the costs" if fixed else "to be tuned"
        told = "tuned inside the training folds" if trials else told
        return [
            f"decide = lambda probability: {positive} >= {_median(trials, 'threshold', fixed or 0.5):.4g}  # {told}"
        ]
    return [
        f"prior = torch.tensor({[float(f'{share:.4g}') for share in priors(profile)]})",
        f"decide = lambda probability: (probability / prior ** {_median(trials, 'power', 1.0):.4g}).argmax(dim=-1)",
    ]


def _offsets(rule: str, profile: Profile, trials: Sequence[Trial]) -> list[str]:
    """Write quantiles of the residuals to be added to a prediction."""
    count = len(registry.metric(str(profile.problem.metric)).levels)
    found = [trial.rule_params["offsets"] for trial in trials if "offsets" in trial.rule_params]
    offsets = [float(f"{value:.4g}") for value in np.median(found, axis=0)] if found else [0.0] * count
    log = rule == "log_residual_quantiles"
    added = "(prediction.log1p()[:, None] + offsets).expm1()" if log else "prediction[:, None] + offsets"
    return [
        f"offsets = torch.tensor({offsets})",
        f"decide = lambda prediction: {added}  # quantiles of the residuals on validation rows",
    ]


def _least_cost(profile: Profile, trials: Sequence[Trial]) -> list[str]:
    """Write the rule of a cost matrix, with the median of the prices the folds tuned."""
    tables = [trial.rule_params["prices"] for trial in trials if "prices" in trial.rule_params]
    found = [np.asarray(prices) / np.max(prices) for prices in tables]  # only ratios of prices matter
    asked = [] if found else registry.metric(str(profile.problem.metric)).parameters["prices"]
    middle = np.median(found, axis=0) if found else np.asarray(asked)
    shown = [[float(f"{price:.4g}") for price in row] for row in middle]
    told = "tuned inside the training folds" if found else "to be tuned"
    return [
        f"prices = torch.tensor({shown})  # {told}; a row per true class, a column per decision",
        "decide = lambda probability: (probability @ prices.to(probability.dtype)).argmin(dim=-1)",
    ]


def _cuts(candidate: Candidate, profile: Profile, trials: Sequence[Trial]) -> list[str]:
    """Write the cuts between levels, on the mean level."""
    count = len(profile.problem.levels)
    cuts = _medians([t for t in trials if len(t.rule_params.get("cuts", ())) == count - 1], "cuts", 0)
    shown = cuts or [place + 0.5 for place in range(count - 1)]
    mean = "level" if candidate.link == "identity" else "level @ torch.arange(level.shape[-1]).to(level)"
    return [
        f"cuts = torch.tensor({shown})  # {'tuned inside the training folds' if cuts else 'to be tuned'}",
        f"decide = lambda level: torch.searchsorted(cuts.to(level), ({mean}).contiguous())",
    ]


def _medians(trials: Sequence[Trial], key: str, count: int) -> list[float]:
    """Return the medians over folds of a rule's list of numbers."""
    values = [np.atleast_1d(trial.rule_params[key]) for trial in trials if key in trial.rule_params]
    return [float(f"{value:.4g}") for value in np.median(values, axis=0)] if values else [0.5] * count


def _median(trials: Sequence[Trial], key: str, otherwise: float = 0.0) -> float:
    values: list[Any] = [trial.rule_params[key] for trial in trials if key in trial.rule_params]
    return float(np.median(values)) if values else otherwise

"""Code to paste, which runs as it stands.

It holds imports, the loss with its parameters, the output layer and link, and the decision rule.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lossmith import registry
from lossmith.advisor.parameters import priors
from lossmith.advisor.profile import Profile
from lossmith.advisor.trials import Trial
from lossmith.training.problem import Candidate


def snippet(candidate: Candidate, profile: Profile, trials: Sequence[Trial]) -> str:
    """Write the code that trains `candidate`, with the numbers its folds arrived at."""
    name = registry.find(candidate.loss)["class"]
    given = dict(candidate.params) | ({} if profile.problem.weight is None else {"reduction": "none"})
    arguments = ", ".join(f"{key}={value!r}" for key, value in given.items())
    link = {key: float(np.median([t.link[key] for t in trials])) for key in ("centre", "scale")} if trials else {}
    lines = [
        "import torch",
        f"from lossmith.losses import {name}",
        "",
        f"loss = {name}({arguments})",
        *_weighted(_link(candidate.link, profile.problem.levels, link), profile.problem.weight),
        "",
        *_decision(candidate, profile, trials),
    ]
    return "\n".join(lines) + "\n"


def _link(link: str, levels: Sequence[str], fitted: Mapping[str, float]) -> list[str]:
    """Write output layer, training loss and prediction."""
    centre, scale = f"{fitted.get('centre', 0.0):.6g}", f"{fitted.get('scale', 1.0):.6g}"
    if link == "softmax":
        return [
            f"head = torch.nn.LazyLinear({len(levels)})  # one logit per class, no softmax: the loss applies it",
            f"training_loss = lambda output, y: loss(output, y)  # y: {_numbered(levels)}",
            "predict = lambda output: torch.softmax(output, dim=-1)",
        ]
    if link == "sigmoid":
        return [
            "head = torch.nn.LazyLinear(1)  # one logit, no sigmoid: the loss applies it",
            f"training_loss = lambda output, y: loss(output[:, 0], y.float())  # y: {_numbered(levels)}",
            "predict = lambda output: torch.sigmoid(output[:, 0])",
        ]
    seen, target, prediction = {
        "identity": ("output[:, 0]", "(y - centre) / scale", "centre + scale * output[:, 0]"),
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
    constants = f"centre, scale = {centre}, {scale}" if "centre" in target else f"scale = {scale}"
    return [
        f"head = torch.nn.LazyLinear(1)  # one number, link: {link}",
        f"{constants}  # of {of}, from the training rows",
        f"training_loss = lambda output, y: loss({seen}, {target})",
        f"predict = lambda output: {prediction}",
    ]


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


def _decision(candidate: Candidate, profile: Profile, trials: Sequence[Trial]) -> list[str]:
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
    if rule == "positive":
        return [f"decide = lambda prediction: prediction.clamp(min={_median(trials, 'floor'):.4g})"]
    if rule == "threshold":
        positive = "probability" if one_logit else "probability[:, 1]"
        tuned = "tuned inside the training folds" if trials else "to be tuned"
        return [f"decide = lambda probability: {positive} >= {_median(trials, 'threshold', 0.5):.4g}  # {tuned}"]
    return [
        f"prior = torch.tensor({[float(f'{share:.4g}') for share in priors(profile)]})",
        f"decide = lambda probability: (probability / prior ** {_median(trials, 'power', 1.0):.4g}).argmax(dim=-1)",
    ]


def _median(trials: Sequence[Trial], key: str, otherwise: float = 0.0) -> float:
    values: list[Any] = [trial.rule_params[key] for trial in trials if key in trial.rule_params]
    return float(np.median(values)) if values else otherwise

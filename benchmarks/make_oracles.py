"""Writes tests/oracles/*.json: what other libraries say our losses should be.

    python -m benchmarks.make_oracles [FOLDER]

Each peer that can be imported writes its own file, with its version; the others' files stay as they are. torch, scipy
and scikit-learn are dependencies of lossmith; for the rest, in a virtual environment of its own:
`pip install -c constraints.txt optax 'jax[cpu]' monai pytorch-metric-learning lightly trl torchvision kornia timm
entmax segmentation-models-pytorch tslearn`, and without their dependencies (`--no-deps`) `torchrl tensordict pyvers
allRank scoringrules coral-pytorch`. No peer is needed to run the tests.
"""

import importlib
import json
import math
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import oracles_of_shapes
from benchmarks.distribution_oracles import coral_says, scipy_families, scoringrules_says, statsmodels_says

Case = dict[str, Any]

ERRORS = [-1000.0, -7.3, -1.0, -0.51, -0.002, 0.0, 0.3, 1.0, 2.5, 40.0]
TARGETS = [0.0, 3.25, -1.5, 10.0, -0.75, 2.0, 0.125, -4.0, 5.5, -2.25]
LOGITS = [-90.0, -8.0, -2.5, -0.3, 0.0, 0.7, 1.0, 4.0, 12.0, 90.0]
YES = [1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 0.0]
LOG_MEANS = [-6.0, -2.0, -0.5, 0.0, 0.4, 1.0, 1.5, 2.0, 3.0, 5.0]
AMOUNTS = [0.0, 0.0, 1.0, 3.0, 0.5, 12.0, 2.0, 0.0, 25.0, 140.0]
POSITIVE = [0.2, 3.25, 1.5, 10.0, 0.75, 2.0, 0.125, 4.0, 5.5, 2.25]
SCORES = [[1.0, -1.0, 2.0], [0.0, 0.0, 0.0], [8.0, -3.0, 0.5], [-4.0, 6.0, 5.0], [0.1, 0.2, 0.3], [30.0, 0.0, -30.0]]
LABELS = [0, 2, 0, 0, 1, 2]
SOFT = [[1.0, 0.0, 0.0], [0.2, 0.3, 0.5], [0.5, 0.5, 0.0], [0.9, 0.05, 0.05], [1 / 3, 1 / 3, 1 / 3], [0.0, 0.25, 0.75]]
WEIGHT = [0.5, 2.0, 3.5]
PREDICTIONS = [t + e for t, e in zip(TARGETS, ERRORS, strict=True)]
LOG_SCALES = [6.0, 2.0, 0.0, -1.0, -5.0, -0.3, 0.1, 1.0, 0.5, 3.0]
PARAMETERS = [list(pair) for pair in zip(PREDICTIONS, LOG_SCALES, strict=True)]
ANCHORS = [[0.3, -1.2, 0.5], [1.0, 0.2, -0.4], [-0.8, 0.9, 0.1], [0.4, 0.4, -2.0], [-0.1, -0.3, 0.7]]
POSITIVES = [[0.1, -1.0, 0.9], [0.7, 0.9, -0.3], [-1.8, 0.4, 0.6], [0.5, 0.2, -1.1], [0.8, -0.6, 0.2]]
NEGATIVES = [[-0.6, 0.3, 0.2], [0.9, 0.1, -0.9], [4.0, -3.0, 2.0], [0.6, -0.5, 0.3], [-0.2, -0.4, 1.1]]
CLASSES = [0, 1, 0, 1, 2]
VALUES, REWARDS, NEXT = [1.0, -2.0, 0.5, 3.0], [0.5, -1.0, 0.0, 7.0], [2.0, 1.0, -1.5, 4.0]
ENDED, MOVED, GAINS = [0.0, 0.0, 1.0, 1.0], [0.7, -0.5, -0.1, -0.4], [3.0, -3.0, 1.5, 2.0]
RANKED = [[0.3, -1.2, 2.5, 0.9, 0.0], [4.0, 3.0, -2.0, 0.1, 1.0], [-0.5, 0.25, 0.75, -3.0, 6.0]]
GRADES = [[2, 0, 1, 4, 3], [0, 3, 4, 1, 2], [0, 0, 2, 1, 1]]

BOXES = [[1, 0, 3, 2], [4, 4, 6, 6], [0, 0, 2, 2], [0.5, 0.5, 1, 1.5], [-3, -1, 9, 7], [0, 2, 2, 2.5]]
TRUE_BOXES = [[0, 0, 2, 2]] * 6


def case(loss: str, input: Any, target: Any, values: Any, **more: Any) -> Case:
    """One loss at one set of hyperparameters; `values` are per element or example."""
    return {"loss": loss, "input": input, "target": target, "values": np.asarray(values).tolist(), **more}


def worded(loss: str, data: list[Any], values: Any, **more: Any) -> Case:
    """As `case`, for a loss with inputs in the field's own words: all of them, in the card's order."""
    return {"loss": loss, "data": data, "values": np.asarray(values).tolist(), **more}


def torch_says() -> Iterator[Case]:
    """Torch's own functionals: a guard, since several of our losses wrap them."""
    import torch
    from torch.nn import functional as nn

    x, y = torch.tensor(PREDICTIONS, dtype=torch.float64), torch.tensor(TARGETS, dtype=torch.float64)
    yield case("squared_error_loss", PREDICTIONS, TARGETS, nn.mse_loss(x, y, reduction="none"))
    yield case("absolute_error_loss", PREDICTIONS, TARGETS, nn.l1_loss(x, y, reduction="none"))
    for beta in (0.05, 1.0, 3.0):
        values = nn.smooth_l1_loss(x, y, reduction="none", beta=beta)
        yield case("smooth_l1_loss", PREDICTIONS, TARGETS, values, hyperparameters={"beta": beta})
    x, y = torch.tensor(LOG_MEANS, dtype=torch.float64), torch.tensor(AMOUNTS, dtype=torch.float64)
    yield case("poisson_loss", LOG_MEANS, AMOUNTS, nn.poisson_nll_loss(x, y, log_input=True, reduction="none"))
    x, y = torch.tensor(LOGITS, dtype=torch.float64), torch.tensor(YES, dtype=torch.float64)
    values = nn.binary_cross_entropy_with_logits(x, y, reduction="none")
    yield case("binary_cross_entropy_loss", LOGITS, YES, values)
    for heavy in (0.1, 5.0):
        w = torch.tensor(heavy, dtype=torch.float64)
        values = nn.binary_cross_entropy_with_logits(x, y, pos_weight=w, reduction="none")
        at = {"positive_weight": heavy}
        yield case("weighted_binary_cross_entropy_loss", LOGITS, YES, values, hyperparameters=at)
    scores, labels = torch.tensor(SCORES, dtype=torch.float64), torch.tensor(LABELS)
    for smoothing in (0.0, 0.1, 0.9):
        values = nn.cross_entropy(scores, labels, label_smoothing=smoothing, reduction="none")
        at = {"smoothing": smoothing}
        yield case("label_smoothing_cross_entropy_loss", SCORES, LABELS, values, hyperparameters=at)
    mean, scale = torch.tensor(PREDICTIONS, dtype=torch.float64), torch.tensor(LOG_SCALES, dtype=torch.float64)
    y = torch.tensor(TARGETS, dtype=torch.float64)
    values = nn.gaussian_nll_loss(mean, y, (2.0 * scale).exp(), full=True, eps=1e-12, reduction="none")
    yield case("gaussian_nll_loss", PARAMETERS, TARGETS, values)
    weight = torch.tensor(WEIGHT, dtype=torch.float64)
    values = nn.cross_entropy(scores, labels, weight=weight, reduction="none")
    at = {"weight": WEIGHT}
    yield case("class_weighted_cross_entropy_loss", SCORES, LABELS, values, hyperparameters=at)
    yield from _rows_of_probabilities(scores, labels)
    yield from _of_sequences_and_boxes()


def _rows_of_probabilities(scores: Any, labels: Any) -> Iterator[Case]:
    from torch import tensor
    from torch.nn import functional as nn

    logs, p = scores.log_softmax(-1), (scores / 8.0).softmax(-1)[:, 0]
    yield case("nll_loss", logs.tolist(), LABELS, nn.nll_loss(logs, labels, reduction="none"))
    yes = [float(label == 0) for label in LABELS]
    values = nn.binary_cross_entropy(p, tensor(yes).to(p), reduction="none")
    yield case("probability_binary_cross_entropy_loss", p.tolist(), yes, values)
    soft = tensor(SOFT, dtype=scores.dtype)
    yield case("soft_cross_entropy_loss", SCORES, SOFT, nn.cross_entropy(scores, soft, reduction="none"))
    yield case("kl_divergence_loss", SCORES, SOFT, nn.kl_div(logs, soft, reduction="none").sum(-1))


def _of_sequences_and_boxes() -> Iterator[Case]:
    """Torch on padded tokens, on frames and symbols, and piece by piece on boxes."""
    import torch
    from torch.nn import functional as nn

    scores, labels = torch.tensor(SCORES, dtype=torch.float64), torch.tensor(LABELS)
    rows, padded = scores.reshape(2, 3, 3), torch.tensor([[0, 2, -100], [1, -100, -100]])
    for smoothing in (0.0, 0.2):
        values = nn.cross_entropy(rows.transpose(1, 2), padded, label_smoothing=smoothing, reduction="none")
        at = {"smoothing": smoothing}
        loss = "masked_token_cross_entropy_loss"
        yield case(loss, rows.tolist(), padded.tolist(), values, hyperparameters=at)
    frames, symbols = torch.tensor([SCORES[:4], SCORES[2:]], dtype=torch.float64), torch.tensor([[1, 2], [2, 2]])
    lengths = torch.tensor([4, 3]), torch.tensor([2, 1])
    values = nn.ctc_loss(frames.log_softmax(-1).transpose(0, 1), symbols, *lengths, reduction="none")
    data = [each.tolist() for each in (frames, symbols, *lengths)]
    yield worded("ctc_loss", data, values)
    boxes, target_boxes = torch.tensor(BOXES, dtype=torch.float64), torch.tensor(TRUE_BOXES, dtype=torch.float64)
    objects = labels > 0
    classes = nn.cross_entropy(scores, labels, reduction="sum")
    places = nn.smooth_l1_loss(boxes[objects], target_boxes[objects], beta=0.5, reduction="sum")
    data, at = [SCORES, LABELS, BOXES, TRUE_BOXES], {"weight": 3.0, "beta": 0.5}
    value = (classes + 3.0 * places) / objects.sum()
    yield worded("detection_loss", data, value, hyperparameters=at)


def scipy_says() -> Iterator[Case]:
    """Scipy's special functions."""
    from scipy.special import boxcox, huber, logsumexp, rel_entr

    for delta in (0.05, 1.0, 3.0):
        values = huber(delta, np.asarray(ERRORS))
        yield case("huber_loss", ERRORS, [0.0] * len(ERRORS), values, hyperparameters={"delta": delta})
    scores = np.asarray(SCORES)
    values = logsumexp(scores, axis=-1) - scores[np.arange(len(LABELS)), LABELS]
    yield case("cross_entropy_loss", SCORES, LABELS, values)
    for q in (0.1, 0.7, 1.0):
        boxed = -boxcox(np.exp(-values), q)
        yield case("generalized_cross_entropy_loss", SCORES, LABELS, boxed, hyperparameters={"q": q})
    p = np.exp(scores - logsumexp(scores, axis=-1, keepdims=True))
    yield case("kl_divergence_loss", SCORES, SOFT, rel_entr(SOFT, p).sum(-1))
    yield from _densities()
    # log cosh r is the logarithm of the mean of e^r and e^-r.
    values = logsumexp([ERRORS, [-e for e in ERRORS]], axis=0, b=0.5)
    yield case("log_cosh_loss", ERRORS, [0.0] * len(ERRORS), values)
    yield from _robust()
    yield from _correlations()
    yield from scipy_families()


def _correlations() -> Iterator[Case]:
    """NumPy's correlation matrix of both views' features."""
    table = np.corrcoef(np.array(ANCHORS), np.array(POSITIVES), rowvar=False)[:3, 3:]
    for redundancy in (0.005, 0.5):
        own = np.diag(table)
        value = ((1.0 - own) ** 2).sum() + redundancy * ((table**2).sum() - (own**2).sum())
        yield worded("barlow_twins_loss", [ANCHORS, POSITIVES], value, hyperparameters={"redundancy": redundancy})


def _robust() -> Iterator[Case]:
    """Scipy's robust least squares, and the distributions that Barron's family meets."""
    from scipy.optimize import least_squares
    from scipy.special import pseudo_huber
    from scipy.stats import cauchy, genhyperbolic, norm

    none, errors = [0.0] * len(ERRORS), np.asarray(ERRORS)
    for scale in (0.5, 2.0):
        costs = [least_squares(lambda x, e=e: [e], [0.0], loss="cauchy", f_scale=scale).cost for e in ERRORS]
        yield case("cauchy_loss", ERRORS, none, costs, hyperparameters={"scale": scale})
        at = {"alpha": 1.0, "scale": scale}
        yield case("barron_loss", ERRORS, none, pseudo_huber(scale, errors) / scale**2, hyperparameters=at)
        values = cauchy.logpdf(0.0) - cauchy.logpdf(errors / (math.sqrt(2.0) * scale))
        yield case("barron_loss", ERRORS, none, values, hyperparameters={"alpha": 0.0, "scale": scale})
        values = norm.logpdf(0.0) - norm.logpdf(errors / scale)
        yield case("barron_loss", ERRORS, none, values, hyperparameters={"alpha": 2.0, "scale": scale})
        near = {-30.0: cauchy(scale=math.sqrt(2.0) * scale), 0.0: genhyperbolic(1.0, 1.0, 0.0, scale=scale)}
        for logit, family in near.items():
            at = {"alpha_logit": logit, "log_scale": math.log(scale)}
            yield case("adaptive_barron_loss", ERRORS, none, -family.logpdf(errors), hyperparameters=at)


def _densities() -> Iterator[Case]:
    """Log-densities, and the CRPS as the integral that defines it."""
    from scipy.integrate import quad
    from scipy.stats import laplace, norm

    where, scale, y = np.asarray(PREDICTIONS), np.exp(LOG_SCALES), np.asarray(TARGETS)
    yield case("gaussian_nll_loss", PARAMETERS, TARGETS, -norm.logpdf(y, where, scale))
    yield case("laplace_nll_loss", PARAMETERS, TARGETS, -laplace.logpdf(y, where, scale))

    def crps(z: float) -> float:
        """Integrate (F(x) - 1[x >= z])^2 for a standard normal F, beyond 12 by its value there."""
        at = min(max(z, -12.0), 12.0)
        below, above = quad(lambda x: norm.cdf(x) ** 2, -40.0, at), quad(lambda x: norm.sf(x) ** 2, at, 40.0)
        return below[0] + above[0] + abs(z - at)

    yield case(
        "gaussian_crps_loss",
        PARAMETERS,
        TARGETS,
        [s * crps(z) for s, z in zip(scale, (y - where) / scale, strict=True)],
    )


def sklearn_says() -> Iterator[Case]:
    """scikit-learn's metrics, one element at a time."""
    from sklearn import metrics

    def each(metric: Callable[..., float], prediction: Any, target: Any, **options: Any) -> list[float]:
        return [metric([y], [x], **options) for x, y in zip(prediction, target, strict=True)]

    yield case("squared_error_loss", PREDICTIONS, TARGETS, each(metrics.mean_squared_error, PREDICTIONS, TARGETS))
    yield case("absolute_error_loss", PREDICTIONS, TARGETS, each(metrics.mean_absolute_error, PREDICTIONS, TARGETS))
    values = each(metrics.mean_absolute_percentage_error, PREDICTIONS, POSITIVE)
    yield case("absolute_percentage_error_loss", PREDICTIONS, POSITIVE, values)
    values = each(metrics.mean_squared_log_error, POSITIVE, AMOUNTS)
    yield case("squared_log_error_loss", POSITIVE, AMOUNTS, values)
    yield case("rmse_loss", PREDICTIONS, TARGETS, metrics.root_mean_squared_error(TARGETS, PREDICTIONS))
    for quantile in (0.05, 0.5, 0.9):
        values = each(metrics.mean_pinball_loss, PREDICTIONS, TARGETS, alpha=quantile)
        yield case("pinball_loss", PREDICTIONS, TARGETS, values, hyperparameters={"quantile": quantile})
    levels = [0.05, 0.5, 0.9]
    grid = (np.asarray(PREDICTIONS)[:, None] + [-1.0, 0.5, 2.0]).tolist()
    columns = [
        each(metrics.mean_pinball_loss, [row[k] for row in grid], TARGETS, alpha=a) for k, a in enumerate(levels)
    ]
    yield case("multi_quantile_loss", grid, TARGETS, np.mean(columns, axis=0), hyperparameters={"levels": levels})
    yield from _deviances(metrics, each)
    yield from _probabilities(metrics)


def _deviances(metrics: Any, each: Callable[..., list[float]]) -> Iterator[Case]:
    """Half a deviance is our loss, up to a constant of the target.

    So it is compared less its value at a log-mean of 0.
    """
    for power in (1.0, 1.05, 1.5, 1.95):
        here = each(metrics.mean_tweedie_deviance, np.exp(LOG_MEANS), AMOUNTS, power=power)
        there = each(metrics.mean_tweedie_deviance, np.ones(len(AMOUNTS)), AMOUNTS, power=power)
        half = (np.asarray(here) - np.asarray(there)) / 2.0
        if power == 1.0:
            yield case("poisson_loss", LOG_MEANS, AMOUNTS, half, less_at_input=0.0)
        else:
            at = {"power": power}
            yield case("tweedie_loss", LOG_MEANS, AMOUNTS, half, hyperparameters=at, less_at_input=0.0)
    here = each(metrics.mean_gamma_deviance, np.exp(LOG_MEANS), POSITIVE)
    there = each(metrics.mean_gamma_deviance, np.ones(len(POSITIVE)), POSITIVE)
    half = (np.asarray(here) - np.asarray(there)) / 2.0
    yield case("gamma_loss", LOG_MEANS, POSITIVE, half, less_at_input=0.0)


def _probabilities(metrics: Any) -> Iterator[Case]:
    scores = np.asarray(SCORES) / 4.0  # scikit-learn clips probabilities near 0 and 1
    p = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
    options = {"labels": [0, 1, 2]}
    one = [metrics.log_loss([y], [row], **options) for y, row in zip(LABELS, p, strict=True)]
    yield case("cross_entropy_loss", scores.tolist(), LABELS, one)
    brier = metrics.brier_score_loss
    values = [brier([y], [row], **options, scale_by_half=False) for y, row in zip(LABELS, p, strict=True)]
    yield case("brier_loss", scores.tolist(), LABELS, values)
    values = [metrics.hinge_loss([y], [row], **options) for y, row in zip(LABELS, SCORES, strict=True)]
    yield case("multiclass_hinge_loss", SCORES, LABELS, values)
    # It needs both labels among the targets: beside each element stands one of the other, right by far.
    pairs = [([y, 1.0 - y], [x, 1e3 - 2e3 * y]) for x, y in zip(LOGITS, YES, strict=True)]
    yield case("hinge_loss", LOGITS, YES, [2.0 * metrics.hinge_loss(*pair) for pair in pairs])
    for tau in (0.5, 1.0, 2.0):
        shifted = p * np.asarray(WEIGHT) ** tau
        shifted /= shifted.sum(-1, keepdims=True)
        values = [metrics.log_loss([y], [row], **options) for y, row in zip(LABELS, shifted, strict=True)]
        at = {"class_prior": WEIGHT, "tau": tau}
        yield case("logit_adjusted_cross_entropy_loss", scores.tolist(), LABELS, values, hyperparameters=at)


def optax_says() -> Iterator[Case]:
    """Another system's derivatives of another author's formulas: optax, through JAX."""
    import jax
    import optax
    from jax import numpy as jnp

    jax.config.update("jax_enable_x64", True)

    def both(loss: str, function: Callable[..., Any], x: Any, y: Any, **at: Any) -> Case:
        data = jnp.asarray(x, dtype=jnp.float64), jnp.asarray(y)
        gradient = jax.grad(lambda x: function(x, data[1], **at).sum())(data[0])
        return case(loss, x, y, function(*data, **at), gradient=np.asarray(gradient).tolist())

    yield from _views(jnp, optax)
    yield both("squared_error_loss", optax.squared_error, PREDICTIONS, TARGETS)
    yield both("log_cosh_loss", optax.log_cosh, PREDICTIONS, TARGETS)
    for delta in (0.05, 1.0, 3.0):
        found = both("huber_loss", optax.huber_loss, PREDICTIONS, TARGETS, delta=delta)
        yield {**found, "hyperparameters": {"delta": delta}}
    yield both("binary_cross_entropy_loss", optax.sigmoid_binary_cross_entropy, LOGITS, YES)
    yield both("cross_entropy_loss", optax.softmax_cross_entropy_with_integer_labels, SCORES, LABELS)
    for gamma, alpha in ((0.0, None), (1.0, None), (2.0, 0.25), (5.0, 0.75)):
        found = both("sigmoid_focal_loss", optax.sigmoid_focal_loss, LOGITS, YES, gamma=gamma, alpha=alpha)
        yield {**found, "hyperparameters": {"gamma": gamma, "alpha": alpha}}

    def smoothed(x: Any, y: Any, smoothing: float) -> Any:
        return optax.softmax_cross_entropy(x, optax.smooth_labels(jax.nn.one_hot(y, 3, dtype=x.dtype), smoothing))

    for smoothing in (0.1, 0.9):
        found = both("label_smoothing_cross_entropy_loss", smoothed, SCORES, LABELS, smoothing=smoothing)
        yield {**found, "hyperparameters": {"smoothing": smoothing}}


def _views(jnp: Any, optax: Any) -> Iterator[Case]:
    """Two views as one batch, whose labels say which belong together."""
    views = jnp.asarray([*ANCHORS, *POSITIVES], dtype=jnp.float64)
    labels = jnp.asarray([*range(5), *range(5)])
    for temperature in (0.05, 0.1, 1.0):
        value = optax.losses.ntxent(views, labels, temperature=temperature)
        at = {"temperature": temperature}
        yield worded("nt_xent_loss", [ANCHORS, POSITIVES], value, hyperparameters=at)
    a, p, n = (jnp.asarray(x, dtype=jnp.float64) for x in (ANCHORS, POSITIVES, NEGATIVES))
    values = optax.losses.triplet_margin_loss(a, p, n, margin=0.7, eps=0.0)
    yield worded("triplet_margin_loss", [ANCHORS, POSITIVES, NEGATIVES], values, hyperparameters={"margin": 0.7})


def metric_learning_says() -> Iterator[Case]:
    """pytorch-metric-learning, told not to scale embeddings and to average over everything."""
    import torch
    from pytorch_metric_learning import distances, losses, miners, reducers

    plain = distances.LpDistance(normalize_embeddings=False)
    x = torch.tensor([*ANCHORS, *POSITIVES, *NEGATIVES], dtype=torch.float64)
    labels = torch.tensor(CLASSES * 3)
    for margin in (0.05, 0.2, 1.0):
        loss = losses.TripletMarginLoss(margin, distance=plain, reducer=reducers.MeanReducer())
        leaf = x.clone().requires_grad_()
        value = loss(leaf, labels, miners.BatchHardMiner(distance=plain)(x, labels))
        gradient = torch.autograd.grad(value, leaf)[0].tolist()
        at, data = {"margin": margin}, [x.tolist(), labels.tolist()]
        yield worded("batch_hard_triplet_loss", data, value.detach(), gradient=gradient, hyperparameters=at)
        yield worded("batch_all_triplet_loss", data, loss(x, labels), hyperparameters=at)
    views, both = x[:10], torch.arange(5).repeat(2)
    for temperature in (0.07, 0.5):
        value = losses.NTXentLoss(temperature)(views, both)
        at = {"temperature": temperature}
        yield worded("nt_xent_loss", [ANCHORS, POSITIVES], value, hyperparameters=at)
    triplet = losses.TripletMarginLoss(0.7, distance=plain, reducer=reducers.DoNothingReducer())
    each = tuple(torch.arange(5) + 5 * i for i in range(3))
    values = triplet(x, torch.arange(15), each)["loss"]["losses"]
    yield worded("triplet_margin_loss", [ANCHORS, POSITIVES, NEGATIVES], values, hyperparameters={"margin": 0.7})
    pairs = losses.ContrastiveLoss(0.0, 1.5, distance=plain, reducer=reducers.DoNothingReducer())
    near, far = (torch.arange(5), torch.arange(5) + 5), (torch.arange(5), torch.arange(5) + 10)
    found = pairs(x, torch.arange(15), (*near, *far))
    for name, second, same in (("pos_loss", POSITIVES, 1.0), ("neg_loss", NEGATIVES, 0.0)):
        values = 0.5 * found[name]["losses"].square()  # theirs is the distance, ours half its square
        yield worded("contrastive_loss", [ANCHORS, second, [same] * 5], values, hyperparameters={"margin": 1.5})
    yield from _batches_of_pairs(x, labels, plain)
    yield from _prototypes(x, labels)


def _batches_of_pairs(x: Any, labels: Any, plain: Any) -> Iterator[Case]:
    """All pairs of a batch: distances as they are, or cosines."""
    import torch
    from pytorch_metric_learning import distances, losses

    dots = distances.DotProductSimilarity(normalize_embeddings=False)
    each = [
        ("lifted_structure_loss", losses.LiftedStructureLoss(0.7, distance=plain), {"margin": 0.7}),
        ("multi_similarity_loss", losses.MultiSimilarityLoss(), {}),
        ("multi_similarity_loss", losses.MultiSimilarityLoss(1.5, 7.0, 0.2), {"alpha": 1.5, "beta": 7.0, "base": 0.2}),
        ("circle_loss", losses.CircleLoss(0.25, 80), {}),
        ("circle_loss", losses.CircleLoss(0.4, 5), {"margin": 0.4, "gamma": 5.0}),
        ("supervised_contrastive_loss", losses.SupConLoss(0.1), {}),
        ("supervised_contrastive_loss", losses.SupConLoss(0.7), {"temperature": 0.7}),
    ]
    for name, loss, at in each:
        leaf = x.clone().requires_grad_()
        value = loss(leaf, labels)
        gradient = torch.autograd.grad(value, leaf)[0].tolist()
        yield worded(name, [x.tolist(), labels.tolist()], value.detach(), gradient=gradient, hyperparameters=at)
    value = losses.NPairsLoss(distance=dots)(x[:10], torch.arange(5).repeat(2))
    yield worded("n_pairs_loss", [ANCHORS, POSITIVES], value)


def _prototypes(x: Any, labels: Any) -> Iterator[Case]:
    """One learned row per class: a column there, where it is called W."""
    import math

    import torch
    from pytorch_metric_learning import losses, reducers

    table = torch.tensor(NEGATIVES[:3], dtype=torch.float64)
    whole, data = reducers.DoNothingReducer(), [x.tolist(), labels.tolist()]
    arc = losses.ArcFaceLoss(3, 3, margin=math.degrees(0.3), scale=5, reducer=whole)
    # Beyond π - margin they jump: the rows that are left are before it.
    before = torch.nn.functional.cosine_similarity(x, table[labels]) > -math.cos(0.3)
    for name, loss, kept, at in (
        ("arcface_loss", arc, before, {"margin": 0.3, "scale": 5.0}),
        (
            "cosface_loss",
            losses.CosFaceLoss(3, 3, margin=0.2, scale=7, reducer=whole),
            None,
            {"margin": 0.2, "scale": 7.0},
        ),
        ("sphereface_loss", losses.SphereFaceLoss(3, 3, margin=4, reducer=whole), None, {"margin": 4.0}),
        ("sphereface_loss", losses.SphereFaceLoss(3, 3, margin=3, reducer=whole), None, {"margin": 3.0}),
    ):
        loss.W.data = table.T.clone()
        rows, of = (x, labels) if kept is None else (x[kept], labels[kept])
        values = loss(rows, of)["loss"]["losses"].detach()
        at = {"prototypes": table.tolist(), **at}
        yield worded(name, [rows.tolist(), of.tolist()], values, hyperparameters=at)
    nca = losses.ProxyNCALoss(3, 3, softmax_scale=2.0, reducer=whole)
    nca.proxies.data = table.clone()
    theirs = nca(x, labels)["loss"]["losses"].detach()
    # -log p, with the own proxy among the others; without it, it is -log(p/(1 - p)).
    values = theirs + torch.log(-torch.expm1(-theirs))
    yield worded("proxy_nca_loss", data, values, hyperparameters={"proxies": table.tolist(), "scale": 2.0})
    anchor = losses.ProxyAnchorLoss(3, 3, margin=0.2, alpha=6)
    anchor.proxies.data = table.clone()
    at = {"proxies": table.tolist(), "margin": 0.2, "alpha": 6.0}
    yield worded("proxy_anchor_loss", data, anchor(x, labels).detach(), hyperparameters=at)


def allrank_says() -> Iterator[Case]:
    """AllRank, list by list, without padding; equal grades only where their order does not matter."""
    import torch
    from allrank.models import losses as theirs

    names = {"ranknet_loss": theirs.rankNet, "listnet_loss": theirs.listNet}
    scores, grades = torch.tensor(RANKED, dtype=torch.float64), torch.tensor(GRADES, dtype=torch.float64)

    def each(function: Callable[..., Any], sign: float = 1.0, **at: Any) -> list[float]:
        return [sign * float(function(s[None], g[None], **at)) for s, g in zip(scores, grades, strict=True)]

    for name, function in names.items():
        yield worded(name, [RANKED, GRADES], each(function))
    yield worded("listmle_loss", [RANKED[:2], GRADES[:2]], each(theirs.listMLE)[:2])
    for sigma in (1.0, 0.5):
        weights = {"weighing_scheme": "lambdaRank_scheme", "reduction_log": "natural", "sigma": sigma}
        values = each(theirs.lambdaLoss, **weights)
        yield worded("lambdarank_loss", [RANKED, GRADES], values, hyperparameters={"sigma": sigma})
    for alpha in (1.0, 10.0):
        values = [1.0 + value for value in each(theirs.approxNDCGLoss, alpha=alpha)]  # theirs is minus the NDCG
        yield worded("approx_ndcg_loss", [RANKED, GRADES], values, hyperparameters={"alpha": alpha})


def lightly_says() -> Iterator[Case]:
    """Lightly's losses of two views."""
    import torch
    from lightly.loss import DINOLoss, NegativeCosineSimilarity, VICRegLoss

    first, second = (torch.tensor(views, dtype=torch.float64) for views in (ANCHORS, POSITIVES))
    yield worded("vicreg_loss", [ANCHORS, POSITIVES], VICRegLoss()(first, second))
    at = {"invariance": 3.0, "variance": 7.0, "covariance": 2.0, "epsilon": 0.01}
    value = VICRegLoss(3.0, 7.0, 2.0, eps=0.01)(first, second)
    yield worded("vicreg_loss", [ANCHORS, POSITIVES], value, hyperparameters=at)
    cosine = NegativeCosineSimilarity(eps=0.0)
    values = [2.0 + 2.0 * float(cosine(a[None], b[None])) for a, b in zip(first, second, strict=True)]
    yield worded("byol_loss", [ANCHORS, POSITIVES], values)
    centre = [0.2, -0.1, 0.4]
    dino = DINOLoss(3, teacher_temp=0.07).double()
    values = []
    for student, teacher in zip(first, second, strict=True):
        dino.center.data = torch.tensor(centre, dtype=torch.float64).reshape(1, 1, 3)
        # Two views on each side, of which those of the same number are left out: both pairs are the same here.
        values.append(float(dino([teacher[None]] * 2, [student[None]] * 2)))
    at = {"center": centre, "teacher_temperature": 0.07}
    yield worded("dino_loss", [ANCHORS, POSITIVES], values, hyperparameters=at)


def torchrl_says() -> Iterator[Case]:
    """Torchrl's loss modules, driven by a policy that is a table of scores."""
    import torch
    from tensordict import TensorDict
    from tensordict.nn import TensorDictModule
    from torch.distributions import Categorical
    from torchrl.modules import ProbabilisticActor
    from torchrl.objectives import ClipPPOLoss, ReinforceLoss
    from torchrl.objectives.utils import distance_loss
    from torchrl.objectives.value.functional import td0_return_estimate

    def column(values: Any) -> Any:
        return torch.tensor(values, dtype=torch.float64)[:, None]

    target = td0_return_estimate(0.9, column(NEXT), column(REWARDS), column(ENDED).bool())
    for loss, distance in (("temporal_difference_loss", "l2"), ("huber_temporal_difference_loss", "smooth_l1")):
        values = distance_loss(column(VALUES), target, distance)[:, 0]
        yield worded(loss, [VALUES, REWARDS, NEXT, ENDED], values, hyperparameters={"discount": 0.9})
    scores = torch.tensor(SCORES[:4], dtype=torch.float64)
    table = TensorDictModule(torch.nn.Identity(), in_keys=["scores"], out_keys=["logits"])
    actor = ProbabilisticActor(table, in_keys=["logits"], distribution_class=Categorical, return_log_prob=True)
    critic = TensorDictModule(torch.nn.Linear(3, 1).double(), in_keys=["scores"], out_keys=["state_value"])
    action = torch.tensor(LABELS[:4])
    new = Categorical(logits=scores).log_prob(action)
    old = new - torch.tensor(MOVED, dtype=torch.float64)
    data = TensorDict({"scores": scores, "action": action, "action_log_prob": old, "advantage": column(GAINS)}, [4])
    data["value_target"] = torch.zeros(4, 1, dtype=torch.float64)
    options = {"entropy_bonus": False, "critic_coeff": None, "reduction": "none"}
    for clip in (0.05, 0.2, 0.5):
        values = ClipPPOLoss(actor, critic, clip_epsilon=clip, **options)(data.clone())["loss_objective"]
        given = [new.tolist(), old.tolist(), GAINS]
        yield worded("ppo_clip_loss", given, values.detach().flatten(), hyperparameters={"clip": clip})
    values = ReinforceLoss(actor, critic, reduction="none")(data.clone())["loss_actor"]
    yield worded("policy_gradient_loss", [new.tolist(), GAINS], values.detach().flatten())


def monai_says() -> Iterator[Case]:
    """MONAI, which has both focal losses.

    Its softmax form is spread over one-hot channels.
    """
    import torch
    from monai.losses import FocalLoss

    scores = torch.tensor(SCORES, dtype=torch.float64)
    one_hot = torch.eye(3, dtype=torch.float64)[LABELS]
    for gamma in (0.0, 0.5, 1.0, 2.0, 5.0):
        peer = FocalLoss(use_softmax=True, include_background=True, gamma=gamma, reduction="none")
        at = {"gamma": gamma}
        yield case("focal_loss", SCORES, LABELS, peer(scores, one_hot).sum(-1), hyperparameters=at)
    x, y = torch.tensor(LOGITS, dtype=torch.float64)[:, None], torch.tensor(YES, dtype=torch.float64)[:, None]
    for gamma, alpha in ((0.5, None), (2.0, None), (2.0, 0.25)):
        values = FocalLoss(gamma=gamma, alpha=alpha, reduction="none")(x, y)[:, 0]
        at = {"gamma": gamma, "alpha": alpha}
        yield case("sigmoid_focal_loss", LOGITS, YES, values, hyperparameters=at)
    yield from _masks_and_boxes()
    yield from oracles_of_shapes.monai_says_of_shapes()


def _masks_and_boxes() -> Iterator[Case]:
    """MONAI's overlaps, one image and one channel each; its Dice adds the smoothing to both parts as ours does."""
    import torch
    from monai.losses import BoxGIoULoss, DiceCELoss, DiceLoss, TverskyLoss

    masks = [YES, YES[::-1], [0.0] * len(YES)]
    x, y = (torch.tensor(rows, dtype=torch.float64).unsqueeze(1) for rows in ([LOGITS, LOGITS[::-1], LOGITS], masks))
    images, each = x[:, 0].tolist(), {"sigmoid": True, "reduction": "none"}
    for smooth in (1e-3, 1.0, 20.0):
        at = {"smooth": smooth}
        same = {"smooth_nr": smooth, "smooth_dr": smooth}
        values = DiceLoss(**each, **same)(x, y).flatten()
        yield case("dice_loss", images, masks, values, hyperparameters=at)
        twice = {"smooth_nr": 2.0 * smooth, "smooth_dr": 2.0 * smooth}
        values = DiceLoss(**each, **twice, jaccard=True)(x, y).flatten()
        yield case("jaccard_loss", images, masks, values, hyperparameters=at)
        values = TverskyLoss(**each, **same, alpha=0.2, beta=0.9)(x, y).flatten()
        yield case("tversky_loss", images, masks, values, hyperparameters={**at, "alpha": 0.2, "beta": 0.9})
        sums = [DiceCELoss(sigmoid=True, **same)(x[i : i + 1], y[i : i + 1]) / 3.0 for i in range(len(masks))]
        at = {**at, "alpha": 2.0 / 3.0, "beta": 0.5}
        yield case("combo_loss", images, masks, torch.stack(sums), hyperparameters=at)
    boxes, target = torch.tensor(BOXES, dtype=torch.float64), torch.tensor(TRUE_BOXES, dtype=torch.float64)
    yield case("giou_loss", BOXES, TRUE_BOXES, BoxGIoULoss(reduction="none")(boxes, target))


PEERS = {
    **oracles_of_shapes.PEERS,
    "torch": ("torch", torch_says, 1e-11),
    "scipy": ("scipy", scipy_says, 1e-11),
    "sklearn": ("scikit-learn", sklearn_says, 1e-11),
    "statsmodels": ("statsmodels", statsmodels_says, 1e-11),
    "scoringrules": ("scoringrules", scoringrules_says, 1e-11),
    "coral_pytorch": ("coral-pytorch", coral_says, 1e-11),
    "optax": ("optax", optax_says, 1e-11),
    "pytorch_metric_learning": ("pytorch-metric-learning", metric_learning_says, 1e-11),
    "allrank": ("allRank", allrank_says, 1e-6),  # discounts in float32
    "lightly": ("lightly", lightly_says, 1e-6),  # temperatures in float32
    "torchrl": ("torchrl", torchrl_says, 1e-6),  # takes the logarithm of a clip in float32
    "monai": ("monai", monai_says, 1e-6),  # computes in float32 whatever it is given
}


def main(folder: Path) -> None:
    """Write the file of every peer that is there."""
    for module, (package, says, tolerance) in PEERS.items():
        try:
            importlib.import_module(module)
        except ImportError:
            print(f"{module} is not installed: {module}.json stays as it is")
            continue
        about = {"library": package, "version": version(package), "tolerance": tolerance}
        oracle = {**about, "cases": list(says())}
        (folder / f"{module}.json").write_text(json.dumps(oracle, indent=1) + "\n", encoding="utf-8")
        print(f"{module} {oracle['version']}: {len(oracle['cases'])} cases")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1] / "tests/oracles")

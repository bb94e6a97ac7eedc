"""Derivatives of losses in their input, written out.

A function here is the derivative of the loss of the same name, in the same arguments. The trial engine uses it where
there is one, because autograd's bookkeeping for a batch costs more than its arithmetic; a loss without one goes through
autograd. `tests/test_slopes.py` holds each against autograd, ties and far tails included.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid


def slope_of(loss: str) -> Callable[..., Tensor] | None:
    """Return the derivative of the loss of this name; None if not written out.

    Example:
        >>> slope_of("huber_loss")(torch.tensor([0.5, 4.0]), torch.tensor([0.0, 0.0]), delta=1.0)
        tensor([0.5000, 1.0000])
    """
    found: Callable[..., Tensor] | None = globals().get(loss) if loss.endswith("_loss") else None
    return found


def squared_error_loss(input: Tensor, target: Tensor) -> Tensor:
    """2r, with r = input − target."""
    return 2.0 * (input - target)


def absolute_error_loss(input: Tensor, target: Tensor) -> Tensor:
    """The sign of r."""
    return torch.sign(input - target)


def absolute_percentage_error_loss(input: Tensor, target: Tensor) -> Tensor:
    """The sign of r, over the target's size."""
    return torch.sign(input - target) / target.abs().clamp(min=torch.finfo(target.dtype).tiny)


def huber_loss(input: Tensor, target: Tensor, *, delta: float) -> Tensor:
    """Return r, cut off at delta."""
    return (input - target).clamp(-delta, delta)


def smooth_l1_loss(input: Tensor, target: Tensor, *, beta: float) -> Tensor:
    """Return r over beta, cut off at 1."""
    return ((input - target) / beta).clamp(-1.0, 1.0)


def expectile_loss(input: Tensor, target: Tensor, *, level: float) -> Tensor:
    """2r, times the price of its side."""
    error = input - target
    return 2.0 * torch.where(error < 0, level * error, (1.0 - level) * error)


def epsilon_insensitive_loss(input: Tensor, target: Tensor, *, epsilon: float) -> Tensor:
    """The sign of r beyond the tolerance, 0 within it."""
    error = input - target
    return torch.where(error.abs() > epsilon, error.sign(), torch.zeros_like(error))


def squared_epsilon_insensitive_loss(input: Tensor, target: Tensor, *, epsilon: float) -> Tensor:
    """Twice what of r lies beyond the tolerance."""
    error = input - target
    return 2.0 * (error - error.clamp(-epsilon, epsilon))


def cauchy_loss(input: Tensor, target: Tensor, *, scale: float) -> Tensor:
    """Return r over 1 + (r/c)²."""
    error = input - target
    return error / (1.0 + (error / scale).square())


def welsch_loss(input: Tensor, target: Tensor, *, scale: float) -> Tensor:
    """Return r, times a Gaussian of it."""
    error = input - target
    return error * torch.exp(-(error / scale).square())


def log_cosh_loss(input: Tensor, target: Tensor) -> Tensor:
    """The hyperbolic tangent of r."""
    return torch.tanh(input - target)


def pinball_loss(input: Tensor, target: Tensor, *, quantile: float) -> Tensor:
    """−quantile below the target, 1 − quantile above it, the middle of both at it."""
    return 0.5 * torch.sign(input - target) + (0.5 - quantile)


def poisson_loss(input: Tensor, target: Tensor) -> Tensor:
    """The mean less the target."""
    return torch.exp(input) - target


def gamma_loss(input: Tensor, target: Tensor) -> Tensor:
    """One less the target over the mean."""
    return 1.0 - target * torch.exp(-input)


def tweedie_loss(input: Tensor, target: Tensor, *, power: float) -> Tensor:
    """The mean less the target, over the mean to the power − 1."""
    return torch.exp((2.0 - power) * input) - target * torch.exp((1.0 - power) * input)


def binary_cross_entropy_loss(input: Tensor, target: Tensor) -> Tensor:
    """The probability less the target."""
    return torch.sigmoid(input) - target


def sigmoid_focal_loss(input: Tensor, target: Tensor, *, gamma: float, alpha: float | None) -> Tensor:
    """A yes's part and a no's part, each other's mirror image."""
    yes, no = (1.0, 1.0) if alpha is None else (alpha, 1.0 - alpha)
    return no * (1.0 - target) * _focal_slope(input, gamma) - yes * target * _focal_slope(-input, gamma)


def _focal_slope(x: Tensor, gamma: float) -> Tensor:
    """The derivative of −σ(x)^gamma·log(1 − σ(x))."""
    log_no = logsigmoid(-x)
    return torch.exp(gamma * logsigmoid(x)) * (torch.sigmoid(x) - gamma * torch.exp(log_no) * log_no)


def cross_entropy_loss(input: Tensor, target: Tensor) -> Tensor:
    """Probabilities, less 1 at the true class."""
    return _less_at(input.softmax(-1), target, 1.0)


def class_weighted_cross_entropy_loss(input: Tensor, target: Tensor, *, weight: Tensor) -> Tensor:
    """The same, times the weight of the true class."""
    return cross_entropy_loss(input, target) * weight.to(input.dtype)[target].unsqueeze(-1)


def logit_adjusted_cross_entropy_loss(input: Tensor, target: Tensor, *, class_prior: Tensor, tau: float) -> Tensor:
    """The same of the shifted logits."""
    return cross_entropy_loss(input + (tau * class_prior.log()).to(input.dtype), target)


def label_smoothing_cross_entropy_loss(input: Tensor, target: Tensor, *, smoothing: float) -> Tensor:
    """Probabilities, less the smoothed label."""
    return _less_at(input.softmax(-1).sub_(smoothing / input.shape[-1]), target, 1.0 - smoothing)


def focal_loss(input: Tensor, target: Tensor, *, gamma: float, alpha: Tensor | None) -> Tensor:
    """By way of log(1 − p), so that a sure network keeps its gradient."""
    logs, columns = input.log_softmax(-1), target.unsqueeze(-1)
    log_p = logs.gather(-1, columns)
    log_others = logs.scatter(-1, columns, torch.finfo(logs.dtype).min).logsumexp(-1, keepdim=True)
    weight = 1.0 if alpha is None else alpha.to(input.dtype)[columns]
    share = (logs - log_others).exp().neg_().scatter_(-1, columns, 1.0)  # times 1 − p: the slope of log p
    return weight * share * torch.exp(gamma * log_others) * (gamma * torch.exp(log_p) * log_p - torch.exp(log_others))


def brier_loss(input: Tensor, target: Tensor) -> Tensor:
    """2p_k·(e_k − Σ_j p_j e_j), with e = p less 1 at the true class."""
    p = input.softmax(-1)
    error = _less_at(p.clone(), target, 1.0)
    return 2.0 * p * (error - (p * error).sum(-1, keepdim=True))


def multi_quantile_loss(input: Tensor, target: Tensor, *, levels: Tensor) -> Tensor:
    """Every column's own pinball slope, shared by the number of columns."""
    return (0.5 * torch.sign(input - target.unsqueeze(-1)) + (0.5 - levels.to(input.dtype))) / input.shape[-1]


def gaussian_nll_loss(input: Tensor, target: Tensor) -> Tensor:
    """−z/σ in the mean, 1 − z² in the log-scale."""
    narrow = (-input[..., 1]).exp()
    z = (target - input[..., 0]) * narrow
    return torch.stack([-z * narrow, 1.0 - z.square()], dim=-1)


def laplace_nll_loss(input: Tensor, target: Tensor) -> Tensor:
    """The sign of the miss over the scale, and 1 less the miss in scales."""
    narrow, miss = (-input[..., 1]).exp(), input[..., 0] - target
    return torch.stack([torch.sign(miss) * narrow, 1.0 - miss.abs() * narrow], dim=-1)


def gaussian_crps_loss(input: Tensor, target: Tensor) -> Tensor:
    """1 − 2Φ(z) in the mean, σ(2φ(z) − 1/√π) in the log-scale."""
    scale = input[..., 1].exp()
    z = (target - input[..., 0]) / scale
    density = torch.exp(-0.5 * z.square()) / math.sqrt(2.0 * math.pi)
    return torch.stack([-torch.erf(z / math.sqrt(2.0)), scale * (2.0 * density - 1.0 / math.sqrt(math.pi))], dim=-1)


def _less_at(values: Tensor, target: Tensor, amount: float) -> Tensor:
    """Take an amount off each row's target column, in place."""
    columns = target.unsqueeze(-1)
    return values.scatter_add_(-1, columns, values.new_full((), -amount).expand(columns.shape))

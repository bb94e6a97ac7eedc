"""Code to paste for a forecast: the network predicts a departure."""

from collections.abc import Mapping


def departure(link: str, naive: str, fitted: Mapping[str, float]) -> list[str]:
    """Return output layer, training loss and prediction around a naive forecast.

    Args:
        link: of the candidate.
        naive: the naive forecast in words.
        fitted: `scale` and `step` of the link.

    Example:
        >>> departure("identity", "last value", {"scale": 2.0})[-1]
        'predict = lambda output, naive, unit: naive + unit * output[:, 0]'
    """
    scale = f"{fitted.get('scale', 1.0):.6g}"
    step, soft = f"{fitted.get('step', 1.0):.4g}", "torch.nn.functional.softplus"
    floor = "(naive / scale).clamp(min=0.01)"
    seen, target, prediction, more = {
        "identity": ("unit / scale * output[:, 0]", "(y - naive) / scale", "naive + unit * output[:, 0]", []),
        "log1p": (
            "output[:, 0]",
            "(torch.log1p(y) - torch.log1p(naive)) / scale",
            "torch.expm1(torch.log1p(naive) + scale * output[:, 0])",
            [],
        ),
        "softplus": (
            f"{soft}(start(naive) + unit / scale * output[:, 0])",
            "y / scale",
            f"scale * {soft}(start(naive) + unit / scale * output[:, 0])",
            [f"start = lambda naive: {floor} + (-torch.expm1(-{floor})).log()"],
        ),
        "exp": (
            "(start(naive) + step * output[:, 0]).exp()",
            "y / scale",
            "scale * (start(naive) + step * output[:, 0]).exp()",
            [f"step, start = {step}, lambda naive: {floor}.log()"],
        ),
        "log": (
            "start(naive) + step * output[:, 0]",
            "y / scale",
            "scale * (start(naive) + step * output[:, 0]).exp()",
            [f"step, start = {step}, lambda naive: {floor}.log()"],
        ),
    }[link]
    return [
        f"# naive: of each row the {naive}; unit: the recent mean miss of that forecast",
        f"head = torch.nn.LazyLinear(1)  # the departure from it, link: {link}",
        f"scale = {scale}  # from the training rows",
        *more,
        f"training_loss = lambda output, y, naive, unit: loss({seen}, {target})",
        f"predict = lambda output, naive, unit: {believed(prediction, fitted)}",
    ]


def believed(prediction: str, fitted: Mapping[str, float]) -> str:
    """Write the prediction with its limit, if the link has one.

    Example:
        >>> believed("scale * output[:, 0].exp()", {"most": 20.0})
        '(scale * output[:, 0].exp()).clamp(max=20)'
    """
    return f"({prediction}).clamp(max={fitted['most']:.6g})" if "most" in fitted else prediction

"""The few input checks: shape, dtype, rank and hyperparameter range.

They read metadata only, never a tensor's values, so that they cost nothing on a device and survive `torch.compile`.
"""

from torch import Tensor


def same_shape(**tensors: Tensor) -> None:
    """Raise `ValueError` unless all tensors have the same shape."""
    (first, a), *others = tensors.items()
    for name, b in others:
        if a.shape != b.shape:
            hint = _squeeze_hint(first, a, name, b)
            raise ValueError(
                f"`{first}` and `{name}` should have the same shape. Found {tuple(a.shape)} and {tuple(b.shape)}.{hint}"
            )


def class_scores(input: Tensor, target: Tensor) -> None:
    """Raise unless `input` is (n, c) scores and `target` (n,) class indices."""
    if input.ndim != 2 or target.ndim != 1 or input.shape[0] != target.shape[0]:
        raise ValueError(
            "`input` should have shape (n, c) and `target` shape (n,). "
            f"Found {tuple(input.shape)} and {tuple(target.shape)}. "
            "Try moving the class dimension last and flattening the others."
        )
    if target.is_floating_point() or target.is_complex():
        raise TypeError(
            f"`target` should hold class indices as integers. Found {target.dtype}. Try `target.long()`, "
            "or `target.argmax(-1)` for one-hot targets."
        )


def labelled(embeddings: Tensor, labels: Tensor) -> None:
    """Raise unless `embeddings` is (n, d) and `labels` (n,) integers."""
    if embeddings.ndim != 2 or labels.ndim != 1 or embeddings.shape[0] != labels.shape[0]:
        raise ValueError(
            "`embeddings` should have shape (n, d) and `labels` shape (n,). "
            f"Found {tuple(embeddings.shape)} and {tuple(labels.shape)}."
        )
    indices(labels=labels)


def steps(values: Tensor, action: Tensor, **tensors: Tensor) -> None:
    """Raise unless `values` is (n, c), `action` (n,) integers, and the rest (n,)."""
    if values.ndim != 2:
        raise ValueError(f"`values` should have shape (n, c): one row per step. Found {tuple(values.shape)}.")
    one_per_row(values, action=action, **tensors)
    indices(action=action)


def row_per_class(embeddings: Tensor, **tables: Tensor) -> None:
    """Raise `ValueError` unless each table has shape (c, d), d as in `embeddings`."""
    for name, table in tables.items():
        if table.ndim != 2 or table.shape[1:] != embeddings.shape[1:]:
            raise ValueError(
                f"`{name}` should have shape (c, {embeddings.shape[-1]}): a row per class, as wide as the embeddings. "
                f"Found {tuple(table.shape)}."
            )


def row_for_row(**tables: Tensor) -> None:
    """Raise `ValueError` unless all are rows, as many of the one as of the other."""
    if any(table.ndim != 2 or table.shape[0] != len(next(iter(tables.values()))) for table in tables.values()):
        found = " and ".join(str(tuple(table.shape)) for table in tables.values())
        raise ValueError(f"`{'` and `'.join(tables)}` should have two dimensions and as many rows each. Found {found}.")


def one_per_row(rows: Tensor, **tensors: Tensor) -> None:
    """Raise `ValueError` unless each tensor has one entry per row of `rows`."""
    for name, tensor in tensors.items():
        if tensor.shape != rows.shape[:1]:
            raise ValueError(
                f"`{name}` should have one entry per row, shape ({rows.shape[0]},). Found {tuple(tensor.shape)}."
            )


def feature_maps(*, same_places: bool = True, **maps: Tensor) -> None:
    """Raise `ValueError` unless all are (n, c, h, w), alike but for h and w."""
    for name, tensor in maps.items():
        if tensor.ndim != 4:
            raise ValueError(f"`{name}` should have shape (n, c, h, w). Found {tuple(tensor.shape)}.")
    shapes = {name: tuple(tensor.shape) if same_places else tuple(tensor.shape[:2]) for name, tensor in maps.items()}
    if len(set(shapes.values())) > 1:
        words = "the same shape" if same_places else "the same n and c"
        found = " and ".join(str(tuple(tensor.shape)) for tensor in maps.values())
        raise ValueError(f"`{'` and `'.join(maps)}` should have {words}. Found {found}.")


def class_rows(input: Tensor, target: Tensor) -> None:
    """Raise unless `input` is (n, c) and `target` floating point like it."""
    if input.ndim != 2 or input.shape != target.shape:
        raise ValueError(
            "`input` and `target` should have the same shape (n, c). "
            f"Found {tuple(input.shape)} and {tuple(target.shape)}. "
            "Try a loss that takes class indices where `target` has shape (n,)."
        )
    floating(target=target)


def indices(**tensors: Tensor) -> None:
    """Raise `TypeError` unless all tensors are integers."""
    for name, tensor in tensors.items():
        if tensor.is_floating_point() or tensor.is_complex():
            raise TypeError(f"`{name}` should hold indices, as integers. Found {tensor.dtype}. Try `{name}.long()`.")


def floating(**tensors: Tensor) -> None:
    """Raise `TypeError` unless all tensors are floating point."""
    for name, tensor in tensors.items():
        if not tensor.is_floating_point():
            raise TypeError(f"`{name}` should be floating point. Found {tensor.dtype}. Try `{name}.float()`.")


def one_per_class(name: str, values: Tensor, input: Tensor) -> None:
    """Raise unless `values` is a vector with one entry for each class of `input`."""
    if values.ndim != 1 or values.shape[0] != input.shape[-1]:
        raise ValueError(
            f"`{name}` should have one entry per class, shape ({input.shape[-1]},). Found {tuple(values.shape)}."
        )


def class_pairs(name: str, values: Tensor, input: Tensor) -> None:
    """Raise unless `values` is a square table with a row for each class of `input`."""
    classes = input.shape[-1]
    if values.shape != (classes, classes):
        raise ValueError(
            f"`{name}` should have a row and a column per class, shape ({classes}, {classes}). "
            f"Found {tuple(values.shape)}."
        )


def levels_of_one_score(input: Tensor, target: Tensor, cuts: Tensor) -> None:
    """Raise unless `input` and `target` are (n,), `target` integer, `cuts` (k,)."""
    if input.ndim != 1 or input.shape != target.shape or cuts.ndim != 1 or len(cuts) == 0:
        raise ValueError(
            "`input` and `target` should have shape (n,), `cuts` shape (k,) for k + 1 levels. "
            f"Found {tuple(input.shape)}, {tuple(target.shape)} and {tuple(cuts.shape)}."
        )
    indices(target=target)


def rows(**tensors: Tensor) -> None:
    """Raise `ValueError` unless all tensors have shape (n, c)."""
    for name, tensor in tensors.items():
        if tensor.ndim != 2:
            raise ValueError(
                f"`{name}` should have shape (n, c). Found {tuple(tensor.shape)}. "
                "Try moving the class dimension last and flattening the others."
            )


def members(input: Tensor, target: Tensor) -> None:
    """Raise `ValueError` unless `input` is (n, m, d) and `target` (n, d)."""
    if input.ndim != 3 or target.shape != (input.shape[0], input.shape[2]):
        raise ValueError(
            "`input` should have shape (n, m, d), for each example m members, and `target` shape (n, d). "
            f"Found {tuple(input.shape)} and {tuple(target.shape)}. Try `input.transpose(0, 1)` if members come first."
        )


def masks(input: Tensor, target: Tensor) -> None:
    """Raise `ValueError` unless both have one shape: images, then their pixels."""
    same_shape(input=input, target=target)
    if input.ndim < 2:
        raise ValueError(
            f"`input` should have shape (n, ...): images, then their pixels. Found {tuple(input.shape)}. "
            "Try `input.unsqueeze(0)` for one image."
        )


def pictures(input: Tensor, target: Tensor) -> None:
    """Raise `ValueError` unless both are (n, h, w) alike."""
    same_shape(input=input, target=target)
    if input.ndim != 3:
        raise ValueError(
            f"`input` should have shape (n, h, w). Found {tuple(input.shape)}. Try `input.flatten(0, 1)` if there is a "
            "dimension of channels, each a mask of its own."
        )


def boxes(**tensors: Tensor) -> None:
    """Raise `ValueError` unless tensors are (n, 4), or (n,) integers."""
    rows = next(iter(tensors.values())).shape[:1]
    for name, tensor in tensors.items():
        if tensor.shape not in ((*rows, 4), rows) or (tensor.ndim == 1 and tensor.is_floating_point()):
            raise ValueError(
                f"`{name}` should have shape (n, 4), with as many rows as the others. Found {tuple(tensor.shape)}. "
                "Try flattening images and anchors into one dimension."
            )


def token_scores(input: Tensor, target: Tensor) -> None:
    """Raise unless `input` has the shape of `target` and, last, the classes."""
    if input.shape[:-1] != target.shape or input.ndim == 0:
        raise ValueError(
            "`input` should have the shape of `target` and a last dimension of classes. "
            f"Found {tuple(input.shape)} and {tuple(target.shape)}. Try `input.transpose(1, 2)` if classes come second."
        )
    indices(target=target)


def alignment(input: Tensor, target: Tensor, input_length: Tensor, target_length: Tensor) -> None:
    """Raise `ValueError` unless frames (n, t, c), symbols (n, s) and lengths fit."""
    rows = input.shape[:1]
    fits = input.ndim == 3 and target.ndim == 2 and target.shape[:1] == rows
    if not fits or input_length.shape != rows or target_length.shape != rows:
        found = ", ".join(str(tuple(x.shape)) for x in (input, target, input_length, target_length))
        raise ValueError(
            "`input` should have shape (n, t, c), `target` (n, s), `input_length` and `target_length` (n,). "
            f"Found {found}. Try `input.transpose(0, 1)` if time comes first."
        )


def linear_head(features: Tensor, target: Tensor, weight: Tensor) -> None:
    """Raise unless features (n, d), class indices (n,) and weights (c, d) fit."""
    if features.ndim != 2 or weight.ndim != 2 or features.shape[1:] != weight.shape[1:]:
        raise ValueError(
            "`features` should have shape (n, d) and `weight` shape (c, d). "
            f"Found {tuple(features.shape)} and {tuple(weight.shape)}. Try `features.flatten(0, -2)` for tokens."
        )
    one_per_row(features, target=target)
    indices(target=target)


def candidates(positive: Tensor, negatives: Tensor, **alike: Tensor) -> None:
    """Raise `ValueError` unless there is one positive (n,) for each row (n, k).

    `alike` holds what accompanies the two of them, if anything: of the same shapes, in that order.
    """
    if positive.ndim != 1 or negatives.ndim != 2 or positive.shape != negatives.shape[:1]:
        raise ValueError(
            "`positive` should have shape (n,) and `negatives` shape (n, k). "
            f"Found {tuple(positive.shape)} and {tuple(negatives.shape)}."
        )
    for (name, tensor), model in zip(alike.items(), (positive, negatives), strict=False):
        same_shape(**{name: tensor, "scores": model})


def transducer(input: Tensor, target: Tensor, input_length: Tensor, target_length: Tensor) -> None:
    """Raise unless tables (n, t, s + 1, c), symbols (n, s) and lengths fit."""
    rows = input.shape[:1]
    fits = input.ndim == 4 and target.ndim == 2 and target.shape == (*rows, input.shape[2] - 1)
    if not fits or input_length.shape != rows or target_length.shape != rows:
        found = ", ".join(str(tuple(x.shape)) for x in (input, target, input_length, target_length))
        raise ValueError(
            "`input` should have shape (n, t, s + 1, c), `target` (n, s), `input_length` and `target_length` (n,). "
            f"Found {found}."
        )


def two_series(input: Tensor, target: Tensor) -> None:
    """Raise `ValueError` unless both are rows, as many of the one as of the other."""
    if input.ndim != 2 or target.ndim != 2 or input.shape[0] != target.shape[0]:
        raise ValueError(
            "`input` should have shape (n, t) and `target` shape (n, u): one series per row. "
            f"Found {tuple(input.shape)} and {tuple(target.shape)}. Try `input.unsqueeze(0)` for one series."
        )


def series(least: int, **tensors: Tensor) -> None:
    """Raise `ValueError` unless all are (n, t) alike, with `least` steps or more."""
    same_shape(**tensors)
    for name, tensor in tensors.items():
        if tensor.ndim != 2 or tensor.shape[1] < least:
            raise ValueError(
                f"`{name}` should have shape (n, t): one series per row, of {least} steps or more. "
                f"Found {tuple(tensor.shape)}. Try `{name}.unsqueeze(0)` for one series."
            )


def lists(**tensors: Tensor) -> None:
    """Raise `ValueError` unless all are (n, t) alike: a row per list of items."""
    same_shape(**tensors)
    for name, tensor in tensors.items():
        if tensor.ndim != 2:
            raise ValueError(
                f"`{name}` should have shape (n, t): one list of items per row. Found {tuple(tensor.shape)}. "
                f"Try `{name}.unsqueeze(0)` for one list."
            )


def columns(input: Tensor, target: Tensor, count: int) -> None:
    """Raise `ValueError` unless `input` is (n, count) and `target` (n,)."""
    if input.ndim != 2 or target.ndim != 1 or input.shape != (target.shape[0], count):
        raise ValueError(
            f"`input` should have shape (n, {count}) and `target` shape (n,). "
            f"Found {tuple(input.shape)} and {tuple(target.shape)}."
        )


def _squeeze_hint(first: str, a: Tensor, second: str, b: Tensor) -> str:
    """Suggest the one edit that is nearly always right: drop the trailing 1."""
    if a.ndim == b.ndim + 1 and a.shape[-1] == 1:
        return f" Try `{first}.squeeze(-1)`."
    if b.ndim == a.ndim + 1 and b.shape[-1] == 1:
        return f" Try `{second}.squeeze(-1)`."
    return ""

"""Ways to read a loss's arguments, and the words that speak for one."""

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from lossmith.checker.argument import DRAW, Role


@dataclass(frozen=True)
class Reading:
    """One way to read a loss's arguments."""

    arguments: tuple[tuple[Role, str, str], ...]
    """Role, what it holds, shape, in order."""
    hints: str = ""
    """Pattern in the loss's name, its arguments' names or its docstring that speaks for it."""
    plain: float = 0.0
    """How usual it is where nothing speaks for any."""

    @property
    def holds(self) -> dict[Role, str]:
        """What prediction and target hold."""
        return {role: holds for role, holds, _ in self.arguments}

    @property
    def shapes(self) -> dict[Role, str]:
        """Their shapes."""
        return {role: shape for role, _, shape in self.arguments}


def _reading(hints: str, *arguments: tuple[Role, str, str]) -> Reading:
    return Reading(arguments, hints)


def _plain(plain: float, prediction: str, target: str) -> Reading:
    (held, _, shape), (against, _, size) = prediction.partition(" "), target.partition(" ")
    return Reading((("prediction", held, shape), ("target", against, size)), plain=plain)


P: Role = "prediction"
T: Role = "target"
READINGS = (
    _reading(r"triplet|anchor", (P, "embeddings", "N D"), (P, "embeddings", "N D"), (P, "embeddings", "N D")),
    _reading(r"cosine.?embedding|contrastive", (P, "embeddings", "N D"), (P, "embeddings", "N D"), (T, "sign", "N")),
    _reading(r"contrastive|siamese", (P, "embeddings", "N D"), (P, "embeddings", "N D"), (T, "binary01", "N")),
    _reading(r"margin.?rank|ranking", (P, "real", "N"), (P, "real", "N"), (T, "sign", "N")),
    _reading(r"gaussian.?nll|gaussian.?log", (P, "real", "N D"), (T, "real", "N D"), (P, "positive", "N D")),
    _reading(r"g?d?c?iou|box", (P, "boxes", "N 4"), (T, "boxes", "N 4")),
    _reading(r"poisson", (P, "real", "N"), (T, "count", "N")),
    _reading(r"tweedie|gamma.?(nll|deviance)", (P, "positive", "N"), (T, "positive", "N")),
    _reading(r"kl.?div|kullback", (P, "log_probabilities", "N C"), (T, "soft_labels", "N C")),
    _reading(r"multi.?label|bce.?with|binary.?cross.?entropy.?with|sigmoid.?focal|binary.?focal|asymmetric.?loss",
             (P, "logits", "N C"), (T, "binary01", "N C")),
    _reading(r"bce.?with|binary.*logit|sigmoid", (P, "logits", "N"), (T, "binary01", "N")),
    _reading(r"\bbce|binary.?cross", (P, "probabilities", "N"), (T, "binary01", "N")),
    _reading(r"dice|jaccard|tversky|iou|lovasz|segment", (P, "logits", "N 1 H W"), (T, "binary01", "N 1 H W")),
    _reading(r"dice|jaccard|tversky|segment", (P, "probabilities", "N 1 H W"), (T, "binary01", "N 1 H W")),
    _reading(r"soft.?margin|hinge", (P, "logits", "N"), (T, "sign", "N")),
    _reading(r"ctc|connectionist", (P, "log_probabilities", "T N C"), (T, "padded_index", "N S")),
    _reading(r"nll(?!.*(poisson|gauss))", (P, "log_probabilities", "N C"), (T, "class_index", "N")),
    _reading(r"cross.?entropy|multi.?margin|class|focal|softmax", (P, "logits", "N C"), (T, "class_index", "N")),
    _reading(r"one.?hot|soft.?(label|target)", (P, "logits", "N C"), (T, "one_hot", "N C")),
    _reading(r"mse|l1|l2|mae|huber|smooth|squared|absolute|regress|quantile|pinball|cosh|charbonnier|percentage",
             (P, "real", "N D"), (T, "real", "N D")),
    _reading(r"ssim|tv|psnr|image|perceptual", (P, "pixels", "N 1 H W"), (T, "pixels", "N 1 H W")),
    _reading(r"triplet|contrastive|metric|arc.?face|proxy|supcon", (P, "embeddings", "N D"), (T, "group_labels", "N")),
    _reading(r"generator|fake", (P, "logits", "N")),
    _reading(r"discriminator|critic", (P, "logits", "N"), (P, "logits", "N")),
    _plain(1.5, "logits N C", "class_index N"),
    _plain(1.4, "log_probabilities N C", "class_index N"),
    _plain(1.3, "simplex N C", "class_index N"),
    _plain(1.0, "logits N C H W", "class_index N H W"),
    _plain(0.9, "real N D", "real N D"),
    _plain(0.8, "real N", "real N"),
    _plain(0.7, "logits N", "binary01 N"),
    _plain(0.5, "positive N", "positive N"),
    _plain(0.4, "probabilities N", "binary01 N"),
    _plain(0.3, "logits N C", "binary01 N C"),
    _plain(0.3, "probabilities N C", "binary01 N C"),
    _plain(0.2, "logits N 1 H W", "binary01 N 1 H W"),
    _plain(0.2, "logits N C", "one_hot N C"),
    _plain(0.1, "probabilities N 1 H W", "binary01 N 1 H W"),
    _plain(0.1, "simplex N C", "one_hot N C"),
    _plain(0.1, "logits N", "sign N"),
    _plain(0.1, "embeddings N D", "group_labels N"),
)  # fmt: skip
"""Ways to read a loss, the more special ones first; those at the end need no words."""

Words = Sequence[tuple[str, tuple[str, ...]]]
PREDICTED: Words = (
    (r"log_?prob|logp|log_?softmax", ("log_probabilities", "log_prob_scalar")),
    (r"logit", ("logits",)),
    (r"prob|^p$|softmax|sigmoid", ("probabilities", "simplex")),
    (r"emb|feat|anchor|^z\d?$", ("embeddings", "unit")),
    (r"box", ("boxes",)),
    (r"image|^img", ("pixels",)),
)
"""What the name of a prediction says of it."""
COMPARED: Words = (
    (r"one_?hot", ("one_hot",)),
    (r"box", ("boxes",)),
    (r"class|index|idx", ("class_index",)),
    (r"count", ("count",)),
    (r"soft|teacher", ("soft_labels",)),
)
"""What the name of a target says of it."""
TARGET = r"^(targets?|labels?|y|y_true|true|truth|gt|ground_truth|tgt)$"
"""Names of what predictions are compared with."""
EXTRAS: Mapping[str, tuple[Role, str]] = {
    r"mask": ("mask", "mask01"), r"weight": ("weight", "positive"), r"(^|_)len(s|gths?)?$": ("aux", "lengths"),
}  # fmt: skip
"""Names of what may stand beside a prediction and its target."""

DEFAULT_SHAPE: Mapping[str, tuple[str, ...]] = dict.fromkeys(DRAW, ("N", "D")) | {
    "logits": ("N", "C"), "simplex": ("N", "C"), "log_probabilities": ("N", "C"), "probabilities": ("N",),
    "boxes": ("N", "4"), "log_prob_scalar": ("N",), "positive": ("N",),
}  # fmt: skip
"""The shape of a prediction where nobody says it."""

NUMBERS = ("real", "positive", "nonneg", "count", "pixels")
CLASSES = ("class_index", "ignored_index", "one_hot", "soft_labels")
TASKS: Mapping[str, Callable[[Reading], bool]] = {
    "regression": lambda r: r.holds.get(T) in NUMBERS and r.holds.get(P) != "log_probabilities",
    "count": lambda r: r.holds.get(T) == "count",
    "binary": lambda r: r.holds.get(T) in ("binary01", "sign") and "C" not in r.shapes[P],
    "multiclass": lambda r: r.holds.get(T) in CLASSES,
    "multilabel": lambda r: r.holds.get(T) == "binary01" and "C" in r.shapes[P],
    "segmentation": lambda r: "H" in r.shapes[P] and r.holds.get(T) in ("binary01", *CLASSES),
    "metric": lambda r: r.holds.get(P) == "embeddings",
    "ranking": lambda r: r.holds.get(T) == "sign" and len(r.arguments) == 3,
    "detection": lambda r: r.holds.get(P) == "boxes",
}
"""Whether a reading is one of a task."""


def named(role: Role, name: str) -> tuple[str, ...]:
    """Return what an argument holds by its name; empty where the name does not say."""
    words = PREDICTED if role == "prediction" else COMPARED
    return next((kinds for pattern, kinds in words if re.search(pattern, name.lower())), ())


def parted(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the names of predictions and targets, and of what stands beside them.

    Of a prediction and a target the prediction comes first.
    """
    extras = [name for name in names if is_beside(name)]
    core = [name for name in names if name not in extras]
    if len(core) < 2:
        core, extras = list(names), []
    if len(core) == 2 and re.search(TARGET, core[0].lower()) and not re.search(TARGET, core[1].lower()):
        core.reverse()
    return core, extras


def is_beside(name: str) -> bool:
    """Whether an argument stands beside prediction and target, by its name."""
    return any(re.search(pattern, name.lower()) for pattern in EXTRAS)


def beside(name: str) -> tuple[Role, str]:
    """Return role and kind of what stands beside prediction and target."""
    return next(said for pattern, said in EXTRAS.items() if re.search(pattern, name.lower()))


WORDS = {
    "index": "class_index", "classes": "class_index", "labels01": "binary01", "binary": "binary01",
    "probability": "probabilities", "probs": "probabilities", "log_probs": "log_probabilities", "numbers": "real",
}  # fmt: skip
"""What people also say for what a tensor holds."""


def kind(said: str, option: str) -> str:
    """Return the word for what a tensor holds, as an option says it.

    Raises:
        ValueError: it is none of `DRAW`.
    """
    word = WORDS.get(said.strip().lower(), said.strip().lower().replace(" ", "_"))
    if word and word not in DRAW:
        near = difflib.get_close_matches(word, DRAW, 1)
        raise ValueError(
            f"{option} should be one of {', '.join(DRAW)}. Found {said!r}. Try {near[0] if near else 'logits'}."
        )
    return word

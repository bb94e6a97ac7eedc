"""Claims: what the author of a loss promises.

Without a claim, what depends on intent is a question, not an error. A claim is plain data: a number, a word, a list.
"""

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

KNOWN: dict[str, str] = {
    "lower_bound": "smallest value, such as 0",
    "upper_bound": "largest value",
    "minimum_value": "value at the minimum",
    "minimum_at_perfect": "whether a perfect prediction is the minimum",
    "minimum_at": "where the minimum lies: {name = value}",
    "reduction": "mean or sum, and over what",
    "reductions": "settings of `reduction` that work: [none, mean, sum]",
    "sample_independent": "whether a batch is the mean of its examples",
    "batch_level_statistics": "whether examples of a batch belong together",
    "padding_invariant": "whether more padding changes nothing",
    "permutation_invariant": "whether the order of the batch does not matter",
    "shift_invariant": "whether adding a constant to all scores changes nothing",
    "scale_invariant": "whether scaling the prediction changes nothing",
    "flip_invariant": "whether mirroring images changes nothing",
    "class_symmetric": "whether both classes are treated alike",
    "class_permutation_invariant": "whether the numbering of the classes does not matter",
    "split_invariant": "whether it does not matter how tokens are cut into sequences",
    "proper": "whether the true probability is the best prediction",
    "elicits": "what the best prediction is: mean, median, quantile",
    "quantile": "level of the quantile",
    "asymmetric": "whether too high and too low cost differently",
    "convex": "whether it is convex in the prediction",
    "robust": "whether one outlier's influence is bounded",
    "monotone": "whether worse predictions cost more",
    "continuous": "whether it does not jump",
    "differentiable": "whether it has a gradient",
    "strong_gradient_when_wrong": "whether badly wrong predictions are pulled strongly",
    "direction": "such as `decreasing in score`",
    "class_weights": "weight of each class: {0 = 1.0, 1 = 5.0}",
    "class_weights_per_label": "the same for each label",
    "fp_cost": "price of a false positive",
    "fn_cost": "price of a miss",
    "sample_weight": "how a sample weight enters: linear",
    "params": "what each hyperparameter does: {name = effect}",
    "ignore_index": "target that is ignored",
    "mask": "whether masked positions do not matter",
    "mask_meaning": "what 1 means in the mask",
    "all_ignored_value": "value where everything is ignored",
    "target_offset": "positions the target lies ahead",
    "target_detached": "whether no gradient flows into the target",
    "uses_all_inputs": "whether every argument matters",
    "components": "names of the parts of a combined loss",
    "formula": "in words or LaTeX",
    "reference": "a callable that gives the right value",
    "supports": "vmap, compile, double_backward",
    "dtypes": "precisions it takes: [float32, bfloat16]",
    "dtype_preserved": "whether the value has the inputs' precision",
    "follows_to": "whether `.to(device)` moves all of it",
    "follows_input_device": "whether it works on the inputs' device",
    "trainable": "whether it has parameters that learn",
    "deterministic": "whether equal inputs give equal values",
    "stateless": "whether earlier calls do not matter",
    "pure": "whether nothing outside it changes",
    "label_values": "the values labels take",
    "label_lengths": "what they count",
    "input_lengths": "what they count: all frames, or per sample",
    "lengths": "what they count",
    "predicts": "what the prediction stands for",
    "returns": "what comes back",
    "weight_applies_to": "what a weight multiplies",
    "upper_bound_by": "what bounds the value",
    "every_negative_matters": "whether each negative gets a gradient",
    "censored_do_not_contribute": "whether an example without an event counts only as at risk",
    "detached_weight": "whether a factor is detached on purpose",
    "twice_differentiable": "whether the second derivative is right",
    "valid_edges": "edge points inside the promised domain, by name",
}
"""Every claim and what it says."""


def checked(claims: Mapping[str, Any]) -> dict[str, Any]:
    """Return the claims.

    Raises:
        ValueError: a name is not one of `KNOWN`.
    """
    for name in claims:
        if name not in KNOWN:
            near = difflib.get_close_matches(str(name), KNOWN, 1)
            hint = f"Try {near[0]}." if near else f"Try one of {', '.join(list(KNOWN)[:8])}..."
            raise ValueError(f"A claim should have a known name. Found {name!r}. {hint}")
    found = dict(claims)
    if isinstance(found.get("class_weights"), Mapping):
        found["class_weights"] = {int(k): float(v) for k, v in found["class_weights"].items()}
    return found


def read(path: str | Path) -> dict[str, Any]:
    """Read claims from a TOML file.

    Raises:
        ValueError: it is no TOML, or a name is unknown.
        OSError: it cannot be read.
    """
    try:
        return checked(tomllib.loads(Path(path).read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"Claims should be TOML, such as `lower_bound = 0`. Found {path}: {error}.") from error

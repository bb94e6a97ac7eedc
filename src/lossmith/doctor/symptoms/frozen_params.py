"""Parameters are not trained.

Finds: layers that get a gradient and do not move, or that the optimiser does not hold.

Why it matters: the part that stands still keeps its random values; the rest can only learn around it.

Causes:
* the optimiser was made before the model was changed.
* a detach() or no_grad on the way.
* requires_grad=False left over.

Remedies, in order:
1. build the optimiser from model.parameters() after the last change of the model.
2. compare named_parameters() with the optimiser's groups.
3. look for detach, .data and no_grad between loss and layer.
"""

from collections.abc import Mapping

from lossmith.doctor.evidence import Condition, Evidence, argue


def _still(s: Mapping[str, float]) -> Condition:
    """Return how many layers must stand still; of players, both's."""
    return ("still_layers", 0.5, 0.75) if s.get("objective") == 0 else ("still_layers", 0.0, 0.25)


def weigh(s: Mapping[str, float]) -> tuple[Evidence, ...]:
    """Return what argues for and against it."""
    return (
        argue(
            s,
            (_still(s), ("dead_start", 1.01, 1.0)) if "dead_start" in s else _still(s),
            7,
            "{still_layers} of the layers get a gradient and never move",
        )
        + argue(s, ("not_optimised", 0.0, 0.3), 5, "the optimiser does not hold {not_optimised} of the parameters")
        + argue(s, ("val_frozen", 0.0, 1.0), 4, "the validation loss is the same number at every epoch")
        + argue(s, ("not_optimised", 0.02, 0.0), -3, "the optimiser holds all parameters")
    )

"""The loss functions of transformers."""

from typing import Any

from benchmarks.wild.entry import BATCH, DISTANCE, REDUCED, Wild, takes

LIBRARY = "transformers"


def losses() -> list[Wild]:
    """List them."""
    from transformers.loss import loss_for_object_detection as d
    from transformers.loss import loss_rt_detr as rt
    from transformers.loss import loss_utils as u

    tokens = takes(logits="P logits N T C", labels="A class_index N T")
    same = takes(logits="P logits N T C", labels="T class_index N T")
    flat = takes(source="P logits N C", target="T class_index N")
    ignored = takes(source="P logits N C", target="T ignored_index N")
    boxes = takes(inputs="P logits N C", targets="T binary01 N C")
    masks = takes(inputs="P logits N D", targets="T binary01 N D")
    return [
        Wild("ForCausalLMLoss", _sized(u.ForCausalLMLoss), tokens, {"lower_bound": 0.0}),
        Wild("ForMaskedLMLoss", _sized(u.ForMaskedLMLoss), same, {**DISTANCE, "reduction": "mean"}),
        Wild("fixed_cross_entropy", lambda: u.fixed_cross_entropy, flat, {**DISTANCE, **REDUCED}),
        Wild(
            "fixed_cross_entropy(ignored)",
            lambda: u.fixed_cross_entropy,
            ignored,
            {"lower_bound": 0.0, "ignore_index": -100},
        ),
        Wild("loss_for_object_detection.sigmoid_focal_loss", _counted(d.sigmoid_focal_loss), boxes, DISTANCE),
        Wild("loss_for_object_detection.dice_loss", _counted(d.dice_loss), masks, DISTANCE),
        Wild("loss_rt_detr.sigmoid_focal_loss", _counted(rt.sigmoid_focal_loss), boxes, DISTANCE),
        Wild("loss_rt_detr.dice_loss", _counted(rt.dice_loss), masks, {**DISTANCE, **BATCH}),
    ]


def _sized(function: Any) -> Any:
    return lambda: lambda logits, labels: function(logits, labels, vocab_size=4)


def _counted(function: Any) -> Any:
    return lambda: lambda inputs, targets: function(inputs, targets, 6)

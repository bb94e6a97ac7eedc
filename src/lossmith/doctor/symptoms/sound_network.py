"""What keeps a network from learning sound labels: it speaks for the labels."""

from collections.abc import Mapping

from lossmith.doctor.evidence import Evidence, argue


def against_labels(s: Mapping[str, float]) -> tuple[Evidence, ...]:
    """Weigh what would stop a network from learning sound labels."""
    return (
        argue(s, ("dead_mean", 0.5, 0.8), -4, "{dead_mean} of the units are dead")
        + argue(
            s, ("saturated_start", 0.25, 0.5), -4, "{saturated_start} of a layer's units are saturated from the start"
        )
        + argue(s, ("still_layers", 0.0, 0.3), -5, "layers stand still")
        + argue(s, ("gradient_start", -2.0, -2.6), -5, "the gradient vanishes")
        + argue(s, ("input_size", 0.35, 0.7), -5, "inputs are usually as large as 10^{input_size}")
        + argue(
            s, (("input_mixed", 0.8, 1.3), ("input_size", 0.0, 0.3)), -5, "features' spreads differ by 10^{input_mixed}"
        )
        + argue(s, ("update_start", -1.3, -0.9), -5, "updates are huge")
        + argue(s, ("agreement_low", 0.9, 0.97), -5, "successive gradients are the same")
        + argue(s, ("batch_entropy", 0.8, 0.4), -6, "rows come in order")
        + argue(s, ("twice", 0.0, 1.0), -6, "the activation is applied twice")
        + argue(s, ("not_log", 0.0, 1.0), -6, "the loss is not given what it takes")
        + argue(s, ("not_probability", 0.0, 1.0), -6, "the loss is not given what it takes")
        + argue(s, ("distance_to_labels", 0.0, 1.0), -4, "the loss does not fit the task")
        + argue(s, ("dropout", 0.5, 0.8), -4, "dropout is strong")
        + argue(s, ("decay", 0.005, 0.05), -4, "weight decay is strong")
        + argue(s, ("capacity", -0.4, -0.9), -4, "the network is tiny")
        + argue(s, ("small_batch", 0.5, 0.9), -3, "the batch is very small")
        + argue(s, ("weight_size", -0.5, -0.1), -4, "weights are large at the start")
        + argue(s, ("class_evenness", 0.8, 0.5), -5, "classes are uneven")
        + argue(s, ("gap_ratio", 0.8, 1.3), -4, "training rows are fitted to the end")
        + argue(s, ("objective", 1.0, 0.0), -8, "there are no labels")
    )

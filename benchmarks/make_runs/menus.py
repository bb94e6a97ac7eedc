"""Which faults and healthy variants make sense for which kind of task."""

COMMON = (
    "lr_too_high", "lr_too_low", "nan_inf", "vanishing_gradient", "exploding_gradient", "dead_relu",
    "saturated_activation", "overfitting", "underfitting", "label_noise", "bad_labels", "unnormalized_inputs",
    "not_shuffled", "batch_too_small", "no_zero_grad", "frozen_params",
)  # fmt: skip
CLASSES = (*COMMON, "class_imbalance", "double_activation", "missing_output_activation", "wrong_loss")
NUMBERS = (*COMMON, "shape_broadcast")
LABELS = (*(fault for fault in CLASSES if fault != "class_imbalance"),)
PIXELS = tuple(
    fault for fault in LABELS if fault not in ("label_noise", "bad_labels", "not_shuffled", "unnormalized_inputs")
)

HEALTHY = (
    "base", "cosine", "dropout", "small_batch_low_lr", "intrinsic_noise", "long_run", "loose_scale", "sum_reduction",
    "warmup", "other_act", "step_decay", "tiny_batch_tiny_lr", "deep_ok", "sigmoid_ok", "onecycle", "big_batch",
    "slow_start", "small_weights",
)  # fmt: skip
HEALTHY_CLASSES = (*HEALTHY, "mild_imbalance")

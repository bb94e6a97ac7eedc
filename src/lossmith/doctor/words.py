"""What each signal is, in words, so that what was learned from it can be read."""

from collections.abc import Mapping

from lossmith.doctor.evidence import figures, percent

Words = str | tuple[str, str]
GUESSING, SKILL = "that of guessing", "(0 is guessing, 1 is perfect)"
TWICE, MEAN = "an activation applied twice", "that of always answering the mean"
WORDS: Mapping[str, Words] = {
    # Task
    "objective": ("the loss is one objective to lower", "the loss is not one objective: several players, or rewards"),
    "classification": ("the task is classification", "the task is not known to be classification"),
    "regression": ("the task is regression", "the task is not known to be regression"),
    "trivial_known": ("the number of classes is known", "the number of classes is not known"),
    "summed": ("the loss is a sum over the batch", "the loss is no sum over the batch"),
    # Loss levels
    "start": f"the loss starts at {{times}} times {GUESSING}",
    "end": f"the training loss ends at {{number}} times {GUESSING}",
    "end_log": f"the training loss ends at {{times}} times {GUESSING}",
    "best": f"the lowest training loss is {{number}} times {GUESSING}",
    "worst_log": f"the highest training loss is {{times}} times {GUESSING}",
    "drop": "from start to end the training loss changes by {change}",
    "negative": "{share} of the training losses are below 0",
    "start_ce": "the loss starts at {number} times log C, where cross-entropy starts",
    "start_off": "the loss starts a factor of {times} away from log C, where cross-entropy starts",
    "start_other": "the loss starts a factor of {times} away from where other losses than cross-entropy start",
    "start_none": ("the loss starts near 0, as NLLLoss of raw outputs does",
                   "the loss does not start near 0, where NLLLoss of raw outputs starts"),
    "train_excess": "the training loss minus what its accuracy allows is {share} of the loss of guessing",
    "val_excess": "the validation loss minus what its accuracy allows is {share} of the loss of guessing",
    "train_twice": f"the training loss minus that of {TWICE} is {{share}} of the loss of guessing",
    "val_twice": f"the validation loss minus that of {TWICE} is {{share}} of the loss of guessing",
    "train_floor": f"the lowest training loss minus the least under {TWICE} is {{share}} of the loss of guessing",
    "val_floor": f"the lowest validation loss minus the least under {TWICE} is {{share}} of the loss of guessing",
    "too_high_for_metric": "the training loss minus what its skill suggests is {share} of the loss of guessing",
    # Shape of the training loss
    "noise": "from step to step the loss moves by {part} of its level",
    "noise_to_fall": "from step to step the loss moves by {part} of its fall",
    "noise_late": "late in the run the loss scatters by {part} of its level",
    "noise_late_level": "late in the run the loss scatters by {part} of the loss of guessing",
    "noise_grew": "the loss scatters {times} times as much in the last third as in the first",
    "noise_middle": "the loss scatters {times} times as much in the middle third as in the first",
    "late_fall": "{share} of the fall comes in the last third",
    "early_fall": "{share} of the fall comes in the first third",
    "rise": "the training loss ends above its lowest by {share} of its fall",
    "rise_log": "after its lowest the training loss rises to {times} times as much",
    "spike": "the highest training loss is {times} times the median",
    "heavy": "one training loss in twenty is at least {times} times the median",
    "spiky": "the largest jump of the loss is {times} times its usual scatter",
    "skewed": "the loss scatters more upward than downward: its mean is {number} spreads above its median",
    "early_jump": "the highest early loss is {times} times the first",
    "fall_in_noise": "the fall of the loss is {square} times its standard error",
    "roughness": "between stretches the training loss turns {share} of the time",
    "turned_back": "the trend turns back {times} times as far as noise would",
    "turned_share": "the trend turns back by {share} of its range",
    "flat_exact": "at {share} of the steps the loss stays exactly as it is",
    "train_half": "half of the training loss's fall is done after {share} of the run",
    "train_most": "nine tenths of the training loss's fall are done after {share} of the run",
    "train_dive": "in the first eighth of the run the training loss falls by a factor of {times}",
    "train_whole": "in all the training loss falls by a factor of {times}",
    "train_later": "after the first eighth of the run the training loss falls by a factor of {times}",
    "train_late": "in the second half the training loss changes by {change}",
    "neighbours": "the losses of neighbouring steps correlate by {number} around the trend",
    "repeats": "the loss correlates by {number} with itself an epoch before",
    "folded": "{share} of the loss's scatter repeats every epoch",
    "seam": "where an epoch begins the loss jumps by {number} times its scatter",
    # Validation
    "val_end": f"the validation loss ends at {{number}} times {GUESSING}",
    "val_end_log": f"the validation loss ends at {{times}} times {GUESSING}",
    "val_best": f"the lowest validation loss is {{number}} times {GUESSING}",
    "gap": "the validation loss minus the training loss is {share} of the loss of guessing",
    "gap_ratio": "the validation loss ends at {times} times the training loss",
    "val_rise": "the validation loss ends above its lowest by {share} of its fall",
    "val_rise_ratio": "the validation loss ends at {times} times its lowest",
    "best_at": "the validation loss is lowest after {share} of the run",
    "val_drop": "from start to end the validation loss changes by {change}",
    "val_frozen": ("the validation loss never changes", "the validation loss changes"),
    "val_move": "the validation loss ranges over {part} of its level",
    "val_noise": "from one validation to the next the loss changes by {part} of its level",
    "val_late": "in the second half the validation loss changes by {change}",
    "val_half": "half of the validation loss's fall is done after {share} of the run",
    "val_most": "nine tenths of the validation loss's fall are done after {share} of the run",
    "val_dive": "in the first eighth of the run the validation loss falls by a factor of {times}",
    "val_whole": "in all the validation loss falls by a factor of {times}",
    "val_later": "after the first eighth of the run the validation loss falls by a factor of {times}",
    "val_swing": "from one validation to the next the loss changes by {share} of its range",
    "val_turns": "the validation loss turns {share} of the time",
    "val_spike": "the highest validation loss is {times} times the median",
    "val_spread_late": "in the second half the validation loss ranges over {part} of the loss of guessing",
    "val_rises": "the validation loss rises {share} of the time",
    # Metric
    "skill": f"skill on validation is {{number}} {SKILL}",
    "best_skill": f"the best skill on validation is {{number}} {SKILL}",
    "train_skill": f"skill on training rows is {{number}} {SKILL}",
    "early_skill": f"skill on training rows at the start is {{number}} {SKILL}",
    "skill_gap": "skill on training rows minus that on validation is {number}",
    "skill_first": f"skill on validation after one epoch is {{number}} {SKILL}",
    "skill_gained": "skill on validation at the end minus that after one epoch is {number}",
    "skill_range": "skill on validation ranges over {number}",
    "skill_falls": "skill on validation ends {number} below its best",
    "metric_still": "from one validation to the next the metric stays as it is {share} of the time",
    "metric_same": "{share} of the validations give one and the same value of the metric",
    "metric_swing": "between stretches the training metric changes by {number}",
    "follows": "on validation the metric follows the loss with a correlation of {number}",
    # Rate and batch
    "lr": "the learning rate is {times} times the optimiser's usual one",
    "lr_gone": "at {share} of the steps the learning rate is below 1 % of its highest",
    "lr_per_row": "the learning rate a row is {times} times the usual one",
    "small_batch": "the batch has {rows} rows",
    # Numbers, inputs, targets
    "nonfinite": "{share} of the losses are not finite",
    "nonfinite_live": "{share} of the recorded steps hold NaN or infinity",
    "nan_inputs": "{share} of the inputs are NaN",
    "input_spread": "the inputs' spread is a factor of {times} away from 1",
    "input_offset": "a feature's mean is {times} spreads away from zero",
    "input_size": "the inputs' usual size is {times}",
    "input_mixed": "the widest feature's spread is {times} times the narrowest's",
    "class_evenness": "the classes' entropy is {share} of that of even classes",
    "largest_share": "the largest class is {share} of the way from an even share to all rows",
    "batch_entropy": "labels within a batch are {share} as varied as chance makes them",
    "batch_order": "the targets of neighbouring batches correlate by {number}",
    "batch_spread": "the batches' mean targets vary {times} times as much as chance makes them",
    # Gradients and weights
    "depth": "the number of layers is {number}",
    "gradient_start": "at the start the first layer's gradient is {times} times the last one's",
    "gradient_late": "late in the run the first layer's gradient is {times} times the last one's",
    "gradient_none": "{share} of the layers get no gradient",
    "gradient_spike": "the largest gradient is {times} times the median",
    "gradient_grew": "at the end gradients are {times} times those at the start",
    "gradient_zero": "at {share} of the steps there is no gradient at all",
    "gradient_trend": "gradient and time correlate by {number}",
    "gradient_elasticity": "weights changed by 1 % change the loss by {times} %",
    "agreement": "successive gradients have a cosine of {number}",
    "agreement_late": "late in the run successive gradients have a cosine of {number}",
    "agreement_low": "four in five successive gradients have a cosine of {number} or more",
    "still_layers": "{share} of the layers get a gradient and stand still",
    "not_optimised": "the optimiser does not hold {share} of the parameters",
    "update": "a step moves a usual layer by {part} of its weights",
    "update_start": "at the start a step moves the fastest layer by {part} of its weights",
    "update_most": "late in the run a step moves the fastest layer by {part} of its weights",
    "path": "along the run a layer's steps add up to {times} times its weights",
    "path_random": "steps at random would carry a layer {times} times its weights along the run",
    "weights_grew": "the layer that grew most ends at {times} times its first weights",
    "weights_shrank": "the layer that grew least ends at {times} times its first weights",
    "weight_size": "at the start a usual weight is {times}",
    "capacity": "there are {few} parameters a row",
    "dropout": "dropout takes away {share} of the units",
    "decay": "the weight decay is {number}",
    "sum_reduction": ("the loss says that it sums", "the loss does not say that it sums"),
    # Activations
    "dead": "in the worst layer {share} of the units are dead",
    "dead_mean": "{share} of all units are dead",
    "dead_start": "at the start {share} of the worst layer's units are dead",
    "saturated": "in the worst layer {share} of the units are saturated",
    "saturated_mean": "{share} of all units are saturated",
    "saturated_start": "at the start {share} of the worst layer's units are saturated",
    "zeros": "in the worst layer {share} of the activations are zero",
    "zeros_mean": "{share} of all activations are zero",
    "zeros_start": "at the start {share} of the worst layer's activations are zero",
    "activation_growth": "the last layer's activations are {times} times as wide as the first one's",
    "activation_size": "at the start the widest layer's activations spread by {times}",
    "activation_least": "at the start the narrowest layer's activations spread by {times}",
    "activation_late": "late in the run the widest layer's activations spread by {times}",
    "activation_least_late": "late in the run the narrowest layer's activations spread by {times}",
    "saturating_kind": ("there are activations with bounds", "no activation has bounds"),
    # Outputs and predictions
    "twice": ("probabilities are given to a loss that takes logits",
              "no probabilities are given to a loss that takes logits"),
    "not_log": ("a loss that takes log-probabilities gets others", "log-probabilities are where the loss takes them"),
    "not_probability": ("a loss that takes probabilities gets others", "probabilities are where the loss takes them"),
    "cut_off": "at {share} of the early looks probabilities are cut off at 0",
    "distance_to_labels": ("a distance is trained on class labels", "no distance is trained on class labels"),
    "labels_for_floats": ("a loss for classes is trained on numbers", "no loss for classes is trained on numbers"),
    "unknown_criterion": ("the loss is none of torch's", "the loss is one of torch's"),
    "column_against_row": ("outputs have one dimension more than targets",
                           "outputs do not have one dimension more than targets"),
    "rows_differ": "outputs differ between rows by {part} of their spread",
    "reach": "outputs differ between rows by {part} of the targets' spread",
    "against_spread": f"the validation loss ends at {{times}} times {MEAN}",
    "against_spread_best": f"the lowest validation loss is {{times}} times {MEAN}",
    "train_against_spread": f"late in the run the training loss is {{times}} times {MEAN}",
    "tail": "the worst rows' loss is {times} times the median row's",
    "tail_middle": "bad rows' loss is {times} times the median row's",
    "one_answer": "{share} of the predictions name one and the same class",
    "majority": "the class that is named most is {share} as frequent as the commonest",
    "over_majority": "accuracy is at {number}, where always naming the largest class is 0 and perfect is 1",
    "histogram_off": "{share} of the predictions would have to change to give each class its true share",
    "rare_recall": "{share} of the rare classes' rows are found",
    "rare_missed": "the recall of rare classes is {number} below that of the others",
}  # fmt: skip
"""A sentence for each signal; for one that is 0 or 1 what it says if so, and if not.

`{number}` is the value, `{share}` that in percent, `{times}` ten to its power, `{part}` this in percent, `{change}`
a fall of that share with its sign; the others undo how few signals are scaled.
"""


def told(name: str, value: float) -> str:
    """Return a signal in words, with its value.

    Example:
        >>> told("noise", -1.0), told("dead_mean", 1.0), told("drop", 0.25)
        ('from step to step the loss moves by 10 % of its level', '100 % of all units are dead', \
'from start to end the training loss changes by -25 %')
    """
    words = WORDS[name]
    if not isinstance(words, str):
        return words[0] if value >= 0.5 else words[1]
    power = 10.0**value
    return words.format(
        number=figures(value),
        share=percent(value),
        times=figures(power),
        part=percent(power),
        change="nothing" if abs(value) < 5e-4 else f"{'-' if value > 0 else '+'}{percent(abs(value))}",
        square=figures(value**2),
        rows=_rows(value),
        few="1 or more" if value >= 0.0 else figures(power),
    )


def _rows(small: float) -> str:
    """Return the rows of a batch: 0 says 32 of them, 1 says 2."""
    if not 0.0 < small < 1.0:
        return "2 or fewer" if small >= 1.0 else "32 or more"
    return f"about {round(2 ** (5 - 4 * small))}"

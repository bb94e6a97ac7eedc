"""Cross-entropy of padded sequences, token by token: padding does not count.

Reach for it to train language models, translation and tagging, where sequences of one batch differ in length.
Avoid it when the alignment of input and symbols is unknown, as in speech: that is `ctc_loss`.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import (
    CLASS_PROBABILITIES,
    MOST_LIKELY_CLASS,
    Card,
    Equivalent,
    Fails,
    Holds,
    Interval,
    NotApplicable,
    Reference,
)
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Logits


def masked_token_cross_entropy_loss(
    input: Float[Tensor, "*tokens c"], target: Int[Tensor, "*tokens"], *, padding: int = -100, smoothing: float = 0.0
) -> Float[Tensor, "*tokens"]:
    """Cross-entropy of each token; 0 where the target is padding.

    Args:
        input: logits, one row of c classes per token; usually (n, t, c): sequences, steps, vocabulary.
        target: index of each true token, 0 … c−1, or `padding`.
        padding: what stands in `target` where there is no token. -100 as in torch; a tokenizer's own padding index too.
        smoothing: share of the mass spread evenly over all c classes; from 0, below 1.

    Returns:
        −(1 − smoothing)·log p_y − (smoothing/c)·Σ log p_k with p = softmax(input), in nats; from 0 up.

    Raises:
        ValueError: `input` is not `target` with a dimension of classes behind.
        TypeError: `target` is not an integer tensor.

    Source:
        Cross-entropy of Good (1952), token by token; smoothing of Szegedy et al. (2016).

    Example:
        >>> masked_token_cross_entropy_loss(torch.zeros(1, 3, 2), torch.tensor([[1, 0, -100]]))
        tensor([[0.6931, 0.6931, 0.0000]])
    """
    expect.token_scores(input, target)
    values = torch.nn.functional.cross_entropy(
        input.reshape(-1, input.shape[-1]),
        target.reshape(-1),
        ignore_index=padding,
        label_smoothing=smoothing,
        reduction="none",
    )
    return values.reshape(target.shape)


class MaskedTokenCrossEntropyLoss(Criterion):
    """`masked_token_cross_entropy_loss`, weighted and reduced over the real tokens.

    The mean is over the real tokens of the batch, so that long sequences count more. For the mean of the sequences'
    means pass `sample_weight`, 1 / length at each token of a sequence. A mask leaves out more tokens, as of a prompt.
    """

    function = staticmethod(masked_token_cross_entropy_loss)

    def forward(self, *data: Tensor, mask: Tensor | None = None, sample_weight: Tensor | None = None) -> Tensor:
        """Reduce as every Criterion does, padding masked."""
        if len(data) == 2:
            expect.token_scores(*data)
            real = data[1] != self.hyperparameters["padding"]
            mask = real if mask is None else real & mask
        return super().forward(*data, mask=mask, sample_weight=sample_weight)


CARD = Card(
    module=MaskedTokenCrossEntropyLoss,
    unit="element",
    inputs={"input": Logits("... c"), "target": ClassIndex("...")},
    formula=r"-\sum_k \left[(1-\varepsilon)[k=y] + \frac{\varepsilon}{c}\right] \log p_k",
    elicits=lambda padding, smoothing: CLASS_PROBABILITIES if smoothing == 0.0 else MOST_LIKELY_CLASS,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="approached as the margin grows, never reached at finite logits"),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(note="each entry lies in [-1, 1]"),
        "gradient_growth": Holds("constant"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(at={"smoothing": 0.1}, note="it is, without smoothing"),
        "classification_calibrated": Holds(),
        "monotone": Fails(at={"smoothing": 0.3}, note="it is, without smoothing"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={
        "padding": Interval(float("-inf"), float("inf"), low_open=True, high_open=True),
        "smoothing": Interval(0.0, 1.0, high_open=True),
    },
    search={"smoothing": Interval(0.0, 0.3)},
    also_known_as=("token cross-entropy", "language modelling loss", "next-token loss", "teacher forcing loss"),
    references=(
        Reference("Good", "Rational decisions", 1952, "Journal of the Royal Statistical Society B 14(1), 107-114"),
        Reference(
            "Szegedy, Vanhoucke, Ioffe, Shlens and Wojna",
            "Rethinking the Inception architecture for computer vision",
            2016,
            "CVPR, arXiv:1512.00567",
        ),
        Reference("Kim and Rush", "Sequence-level knowledge distillation", 2016, "EMNLP, arXiv:1606.07947"),
    ),
    equivalents=(
        Equivalent(
            "torch",
            "nn.CrossEntropyLoss(ignore_index=-100)",
            "wants (n, c, t): classes second; NaN where every token is padding, ours 0",
        ),
        Equivalent(
            "optax",
            "losses.softmax_cross_entropy_with_integer_labels",
            "no padding index (where= takes the mask) and no smoothing; unreduced",
        ),
        Equivalent(
            "keras",
            "losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=...)",
            "target first; probabilities unless from_logits=True; by default divides by all tokens, padding among them",
        ),
    ),
    mistakes=(
        "Looking for a loss of its own for sequence-level knowledge distillation: it is this one, on the teacher's "
        "best sequence in place of the true one.",
        "Averaging over all tokens, padding included: the loss then falls with the padding; let padding be masked.",
        "Averaging within each device or micro-batch first: token counts differ; divide the sum by the count of all.",
        "Forgetting to shift: position t predicts token t + 1, so pass input[:, :-1] and target[:, 1:].",
        "A padding index that is a real token too (often the end): the model never learns to stop, so use -100.",
        "Comparing perplexities of smoothed losses: take the exponential of the loss at smoothing=0.",
    ),
    relatives={
        "cross_entropy_loss": "the same for one label per example",
        "label_smoothing_cross_entropy_loss": "the same with smoothing for one label per example",
        "ctc_loss": "sums over all alignments where none is known",
    },
)

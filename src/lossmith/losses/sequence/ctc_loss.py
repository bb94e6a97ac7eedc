"""Probability of the symbols, however aligned: no frame needs a label of its own.

Reach for it in speech and handwriting: many frames in, fewer symbols out, in the same order.
Avoid it when symbols outnumber frames or change order (translation), and when symbols depend strongly on each other:
given the input, it takes frames to be independent.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import NON_NEGATIVE, Card, Equivalent, Fails, Functional, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Lengths, Logits, Symbols
from lossmith.kernels.precision import wide


def ctc_loss(
    input: Float[Tensor, "n t c"],
    target: Int[Tensor, "n s"],
    input_length: Int[Tensor, "n"],
    target_length: Int[Tensor, "n"],
    *,
    blank: int = 0,
    zero_infinity: bool = True,
) -> Float[Tensor, "n"]:
    """Connectionist temporal classification of each sequence.

    Args:
        input: logits of c symbols, the blank among them, at t frames. Batch first; no softmax before.
        target: the symbols, padded to s with anything that is a symbol; never the blank.
        input_length: how many of the t frames count, from 1.
        target_length: how many of the s symbols count, from 0.
        blank: the symbol that stands for "nothing new", from 0 up.
        zero_infinity: whether a sequence that no alignment fits (fewer frames than symbols, with one more for each
            repeat) costs 0 and pulls nowhere. If not, it costs infinity and its gradient is NaN, as in torch.

    Returns:
        −log of the summed probability of all alignments that read `target`, in nats; from 0 up. No length divides it.

    Raises:
        ValueError: shapes do not fit.

    Source:
        Graves et al. (2006).

    Example:
        >>> one, two = torch.tensor([2]), torch.tensor([1])  # two frames, one symbol: 3 of 4 paths read it
        >>> ctc_loss(torch.zeros(1, 2, 2), torch.tensor([[1]]), one, two)
        tensor([0.2877])
    """
    expect.alignment(input, target, input_length, target_length)
    if input.is_meta or len(input) == 0:  # nothing to align, which torch's kernel refuses
        return input.flatten(1).sum(1)
    # torch's kernel knows no half precision; its gradient is right behind a log-softmax, and only there.
    values = torch.nn.functional.ctc_loss(
        wide(input).log_softmax(-1).transpose(0, 1),
        target,
        input_length,
        target_length,
        blank=blank,
        reduction="none",
        zero_infinity=zero_infinity,
    )
    return values.to(input.dtype)


class CtcLoss(Criterion):
    """`ctc_loss`, masked, weighted and reduced.

    The mean is over sequences, long or short.
    """

    function = staticmethod(ctc_loss)


_ALIGNED = NotApplicable("no one prediction belongs to a target: every alignment does")

CARD = Card(
    module=CtcLoss,
    unit="example",
    inputs={
        "input": Logits("n t c"),
        "target": Symbols("n s"),
        "input_length": Lengths("n", of="t"),
        "target_length": Lengths("n", of="s"),
    },
    formula=r"-\log \sum_{\pi \in B^{-1}(y)} \prod_t p_t(\pi_t)",
    elicits=Functional("probabilities_of_symbol_sequences"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": _ALIGNED,
        "convex": Fails(note="a sum over alignments inside the logarithm"),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(note="each entry lies in [-1, 1]"),
        "gradient_growth": _ALIGNED,
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": NotApplicable("its target is a whole sequence, of which frames say less than all"),
        "classification_calibrated": NotApplicable("it predicts a sequence, not a class"),
        "monotone": _ALIGNED,
        "sample_independent": Holds(),
        "vmap": Holds(note="sequence by sequence, slowly"),
        "fullgraph": Fails(note="torch's kernel breaks the graph: its memory depends on the lengths"),
        "twice_differentiable": Fails(note="torch's kernel has no second derivative"),
    },
    parameters={"blank": NON_NEGATIVE},
    also_known_as=("connectionist temporal classification", "CTC"),
    references=(
        Reference(
            "Graves, Fernández, Gomez and Schmidhuber",
            "Connectionist temporal classification: labelling unsegmented sequence data with recurrent neural networks",
            2006,
            "ICML",
        ),
    ),
    equivalents=(
        Equivalent(
            "torch",
            "nn.CTCLoss",
            "takes log-probabilities, frames first (t, n, c); zero_infinity=False: infinite loss, NaN gradient where "
            "no alignment fits; its mean divides each sequence by its target length first; no bfloat16, no empty batch",
        ),
        Equivalent("optax", "losses.ctc_loss", "paddings of 0 and 1 in place of lengths; blank_id=0; -1e5 for log 0"),
        Equivalent("keras", "losses.CTC", "target first; blank and padding are both 0; lengths from the padding"),
    ),
    mistakes=(
        "Passing probabilities or log-probabilities: these are logits; a softmax before flattens them.",
        "Symbols that begin at 0, which is the blank: shift them by one, or name another blank.",
        "Lengths of the audio rather than of the output: after subsampling divide them as the network does.",
        "Trusting zero_infinity blindly: count the sequences that do not fit before training, they teach nothing.",
        "Expecting frames to show where a symbol is: the network may emit it late, and once; align otherwise for that.",
    ),
    relatives={"masked_token_cross_entropy_loss": "one label per step, where the alignment is known"},
)

"""Probability of the symbols, however aligned, each depending on those before.

Reach for it in streaming speech recognition, with a network that joins frames and the symbols said so far.
Avoid it when memory is short (the table is n·t·s·c), and when symbols change order: CTC and attention are cheaper.
"""

from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import NON_NEGATIVE, Card, Equivalent, Fails, Functional, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Lengths, Logits, Symbols
from lossmith.kernels.lattices import transducer
from lossmith.kernels.precision import wide


def rnnt_loss(
    input: Float[Tensor, "n t s_and_1 c"],
    target: Int[Tensor, "n s"],
    input_length: Int[Tensor, "n"],
    target_length: Int[Tensor, "n"],
    *,
    blank: int = 0,
) -> Float[Tensor, "n"]:
    """Transducer loss of each sequence.

    Args:
        input: logits of c symbols, the blank among them, at frame t after s symbols have been said: s from 0 on, so
            one more than there are symbols. Batch first; no softmax before.
        target: the symbols, padded to s with anything that is a symbol; never the blank.
        input_length: how many of the t frames count, from 1.
        target_length: how many of the s symbols count, from 0.
        blank: the symbol that stands for "on to the next frame", from 0 up.

    Returns:
        −log of the summed probability of all alignments that read `target`, in nats; from 0 up. No length divides it.

    Raises:
        ValueError: shapes do not fit.

    Source:
        Graves (2012), section 2.4.

    Example:
        >>> import torch
        >>> one = torch.tensor([1])  # one frame, one symbol: it, then the blank
        >>> rnnt_loss(torch.zeros(1, 1, 2, 2), torch.tensor([[1]]), one, one)
        tensor([1.3863])
    """
    expect.transducer(input, target, input_length, target_length)
    log_p = wide(input).log_softmax(-1)  # sums over long alignments need more digits
    said = target.unsqueeze(1).expand(-1, log_p.shape[1], -1).unsqueeze(-1)
    symbol = log_p[:, :, :-1].gather(-1, said).squeeze(-1)
    left = transducer(log_p[..., blank], symbol)
    last = (input_length - 1 + target_length).reshape(-1, 1, 1).expand(-1, 1, left.shape[-1])
    ended = left.gather(1, last).squeeze(1).gather(1, target_length.unsqueeze(-1))
    return -ended.squeeze(1).to(input.dtype)


class RnntLoss(Criterion):
    """`rnnt_loss`, masked, weighted and reduced.

    The mean is over sequences, long or short.
    """

    function = staticmethod(rnnt_loss)


_ALIGNED = NotApplicable("no one prediction belongs to a target: every alignment does")

CARD = Card(
    module=RnntLoss,
    unit="example",
    inputs={
        "input": Logits("n t w c"),  # in the tests' sizes w is s + 1
        "target": Symbols("n s"),
        "input_length": Lengths("n", of="t"),
        "target_length": Lengths("n", of="s"),
    },
    formula=r"-\log \sum_{a \in B^{-1}(y)} \prod_i p(a_i \mid t_i, u_i)",
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
        "proper": NotApplicable("its target is a whole sequence, of which cells say less than all"),
        "classification_calibrated": NotApplicable("it predicts a sequence, not a class"),
        "monotone": _ALIGNED,
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(note="its t + s steps are unrolled"),
        "twice_differentiable": Holds(),
    },
    parameters={"blank": NON_NEGATIVE},
    also_known_as=("RNN transducer loss",),
    references=(Reference("Graves", "Sequence transduction with recurrent neural networks", 2012, "arXiv:1211.3711"),),
    equivalents=(
        Equivalent(
            "torchaudio",
            "functional.rnnt_loss",
            "blank=-1, the last symbol; lengths and targets as int32",
        ),
    ),
    mistakes=(
        "Logits at s instead of s + 1 places: there is one before the first symbol.",
        "Symbols that begin at 0, which is the blank: shift them by one, or name another blank.",
        "A softmax before: it takes logits and normalises them itself.",
        "Batches of very different lengths: memory goes by the longest of both, so sort by length.",
    ),
    relatives={
        "ctc_loss": "frames independent of what was said; a table of n·t·c",
        "masked_token_cross_entropy_loss": "one label per step, where the alignment is known",
    },
)

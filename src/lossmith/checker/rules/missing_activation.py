"""Raw scores are used where probabilities or log-probabilities are needed.

What it finds: a loss that keeps its promises only if softmax, sigmoid or a logarithm is applied first.
Why it matters: the value has no floor and the classes do not compete; training can look fine for long.
Fix: apply the activation inside the loss, or take the loss that takes logits.
"""

from lossmith.checker import meaning
from lossmith.checker.case import Case
from lossmith.checker.found import Found


def find(case: Case) -> Found | None:
    """Try the changes to the inputs that would mend it."""
    return meaning.found(case, "missing-activation")

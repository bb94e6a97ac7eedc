"""The step changes no parameter.

What it finds: a model that is the same after many steps.
Why it matters: training runs, the loss is printed, and nothing is learned.
Fix: call `loss.backward()`, then `optimizer.step()` of the optimizer that was handed over.
"""

from lossmith.checker.found import Found
from lossmith.checker.step import MOST_CALLS, StepCase


def find(case: StepCase) -> Found | None:
    """Run the step until something changes."""
    if case.works:
        return None
    setup = case.setup()
    run = setup.build()
    reached: list[bool] = []
    for parameter in run.model.parameters():
        parameter.register_hook(lambda gradient: reached.append(bool(gradient.abs().max() > 0)))  # type: ignore[no-untyped-call]
    case.calls(setup, MOST_CALLS, run)
    why = (
        "no gradient reaches them: is `backward` called, on a loss that depends on the model?"
        if not any(reached)
        else "gradients reach them: `optimizer.step()` is missing, or another optimizer's is called."
    )
    code = case.witness(
        setup,
        "before = [p.detach().clone() for p in model.parameters()]",
        f"for _ in range({MOST_CALLS}):",
        "    STEP",
        "print([torch.equal(p, q) for p, q in zip(model.parameters(), before)])  # all True",
    )
    return Found(f"After {MOST_CALLS} steps every parameter is as it was; {why}", code=code)

"""The learning-rate range test: where the loss falls, and where it flies off."""

import itertools
import math
import statistics
import time

from lossmith.finding import Finding
from lossmith.rehearsal.case import Case, Seen

LOW, HIGH, STEPS, REPEATS = 1e-6, 10.0, 100, 3
SMOOTH, WORSE = 0.8, 4.0
FAR_BELOW = 100.0


def look(case: Case) -> Seen:
    """Raise the rate step by step, with the training's own optimizer, three times."""
    rates = [LOW * (HIGH / LOW) ** (step / (STEPS - 1)) for step in range(STEPS)]
    runs = [_run(case, rates, repeat) for repeat in range(REPEATS)]
    length = max(map(len, runs))
    losses = [statistics.median([run[k] if k < len(run) else math.inf for run in runs]) for k in range(length)]
    own = float(case.setup.optimizer.param_groups[0]["lr"])
    found = suggestion(rates, losses)
    picture = {"rate": rates[:length], "loss": losses, "own": own, "suggestion": found}
    if found is None:
        return Seen([Finding(
            "no-rate-helps", "warning",
            f"In {STEPS} steps, with a learning rate that rises from {LOW:g} to {HIGH:g}, the loss does not fall.",
            why="So short a test should show some fall at the right rate, where there is something to learn.",
            fix="Mend what is named as an error. Without one: are rows and targets in the same order, inputs "
            "standardised, and do inputs say anything of the targets?",
        )], picture)  # fmt: skip
    at_own = next((loss for rate, loss in zip(rates, losses, strict=False) if rate >= own), math.inf)
    named = "the optimizer's" if case.setup.own else "the default"
    if own > found and (not math.isfinite(at_own) or at_own > losses[0]):
        return Seen([Finding(
            "rate-too-high", "warning", f"At {named} rate of {own:g} the loss rises in the range test.",
            why="Steps jump across the valley: the loss swings, rises, or units die.",
            fix=f"Begin with {found:.1g}, or warm up to the rate you have.",
        )], picture)  # fmt: skip
    if own < found / FAR_BELOW:
        return Seen([Finding(
            "rate-too-low", "warning", f"The range test suggests a rate {found / own:.0f} times as large as {own:g}.",
            why="The training takes that much longer than it need.", fix=f"Begin with {found:.1g}.",
        )], picture)  # fmt: skip
    return Seen([], picture)


def suggestion(rates: list[float], losses: list[float]) -> float | None:
    """Return the rate of the steepest fall, or none if the loss never falls.

    It is at most a third of the rate of the lowest loss. The fall is looked for below a tenth of the way down, so that
    a first jump does not count.
    """
    known = [k for k, loss in enumerate(losses) if math.isfinite(loss)]
    if len(known) < 10:
        return None
    start = statistics.median([losses[k] for k in known[:10]])
    noise = statistics.pstdev([losses[k] for k in known[:10]])
    lowest = min(known, key=lambda k: losses[k])
    if start - losses[lowest] <= max(3 * noise, 0.02 * abs(start)):
        return None
    way = [k for k in known if k <= lowest and losses[k] <= start - 0.1 * (start - losses[lowest])]
    wide = 4
    slopes = {k: losses[min(k + wide, lowest)] - losses[max(k - wide, 0)] for k in way}
    steepest = min(slopes, key=lambda k: slopes[k])
    return min(rates[steepest], rates[lowest] / 3)


def _run(case: Case, rates: list[float], repeat: int) -> list[float]:
    """Return the smoothed loss at each rate, up to where it flies off."""
    setup, began = type(case)(case.build, case.seed + repeat).fresh(), time.perf_counter()
    setup.model.train()
    batches = itertools.chain.from_iterable(setup.batches() for _ in itertools.count())
    smoothed, weight, losses = 0.0, 0.0, []
    for rate, (inputs, target) in zip(rates, batches, strict=False):
        for group in setup.optimizer.param_groups:
            group["lr"] = rate
        setup.optimizer.zero_grad()
        loss = setup.value(setup.output(inputs), target)
        smoothed, weight = SMOOTH * smoothed + (1 - SMOOTH) * float(loss.detach()), SMOOTH * weight + 1 - SMOOTH
        losses.append(smoothed / weight)
        low = min(losses)
        flown = len(losses) > 10 and losses[-1] - low > (WORSE - 1) * max(abs(losses[0]), abs(low))
        if not math.isfinite(losses[-1]) or flown or time.perf_counter() - began > case.seconds / REPEATS:
            break
        loss.backward()  # type: ignore[no-untyped-call]
        setup.optimizer.step()
    return losses

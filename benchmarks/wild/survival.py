"""The losses of torchsurv: hazards, events, times."""

from functools import partial

from benchmarks.wild.entry import BATCH, Wild, takes

LIBRARY = "torchsurv"


def losses() -> list[Wild]:
    """List them."""
    from torchsurv.loss import cox, weibull

    hazards = takes(log_hz="P real N", event="T event01 N", time="T time N")
    weibulls = takes(log_params="P real N 2", event="T event01 N", time="T time N")

    def seen(function):  # type: ignore[no-untyped-def]
        return lambda first, event, time: function(first, event.bool(), time)

    return [
        Wild(f"cox.neg_partial_log_likelihood({ties})",
             lambda ties=ties: seen(partial(cox.neg_partial_log_likelihood, ties_method=ties)), hazards,
             {"lower_bound": 0.0, **BATCH})
        for ties in ("efron", "breslow")
    ] + [Wild("weibull.neg_log_likelihood", lambda: seen(weibull.neg_log_likelihood_weibull), weibulls, {})]  # fmt: skip  # noqa: E501

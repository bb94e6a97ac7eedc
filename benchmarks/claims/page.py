"""The ledger as Markdown: each claim with verdict, figures, picture, what to say instead, and how to recompute it."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from benchmarks.claims.claim import LEVEL, Claim
from benchmarks.claims.picture import written

COMMAND = "python -m benchmarks.claims --run"


def page(report: Mapping[str, Any], known: Mapping[str, Claim]) -> str:
    """Return the whole page.

    Args:
        report: figures by claim, and the machine.
        known: every claim; one without figures is said to wait for them.
    """
    results = report["claims"]
    counted = Counter(result["verdict"].split(" if ")[0] + " if ..." * (" if " in result["verdict"])
                      for result in results.values())  # fmt: skip
    seconds = sum(result["seconds"] for result in results.values())
    lines = [
        "# A ledger of claims about losses",
        "",
        "Tutorials repeat what other tutorials say. Here each saying is an experiment, and the verdict follows from",
        "its figures by the rule in the claim's file. This page is written by",
        "",
        f"    {COMMAND} --json docs/claims/claims.json --markdown docs/claims.md",
        "",
        f"in {seconds:.0f} seconds of processor time, without a download. Last run: {report['machine']}.",
        "",
        f"* Brackets are {100 * LEVEL:.0f} % intervals: of cross-validated differences with Nadeau and Bengio's "
        "correction; of parts of a large table that share no row, and of seeds, by t; of constants by bootstrap. "
        "A number without brackets is exact: repeating it changes nothing.",
        "* A situation *supports* a claim when its whole interval lies in the shaded zone, and *refutes* it when the "
        "whole interval lies outside. In between it is *undecided*.",
        "* **True**: every situation supports it. **False**: some refute it and none supports it; of a claim about all "
        "cases, one is enough. **True if ...**: some support it. **Not shown**: nothing decides.",
        "* Sets are small, networks have one hidden layer. A verdict here says that a saying does not hold everywhere; "
        "it does not say what holds on your data. `lossmith advise` measures that.",
        "* Situations were chosen with first figures in view: several that decided nothing gave way to sharper ones. "
        "They are examples, not a sample. Where rows are split, the figures are of a later run on splits that had "
        "not been looked at; no rule was changed after it.",
        "* A claim is a file in `benchmarks/claims/ledger`: the saying, an experiment, a rule. Add one there, and run "
        "the command above with `--only` and its name.",
        "",
        "; ".join(f"{count} {word}" for word, count in sorted(counted.items())) + ".",
        "",
        "| claim | verdict |",
        "|---|---|",
        *(f"| [{claim.saying}](#{name}) | {_verdict(results, name)} |" for name, claim in known.items()),
        "",
    ]
    for name, claim in known.items():
        if name in results:
            lines += _section(name, claim, results[name])
    return "\n".join(lines)


def _verdict(results: Mapping[str, Any], name: str) -> str:
    return results[name]["verdict"] if name in results else "not measured yet"


def _section(name: str, claim: Claim, result: Mapping[str, Any]) -> list[str]:
    _, who, false = claim.paragraphs
    rows = [
        f"| {figure['situation']} | {written(figure)} | {reading} | {figure['note']} |"
        for figure, reading in zip(result["figures"], result["readings"], strict=True)
    ]
    return [
        f'<a id="{name}"></a>',
        "",
        f"## {claim.saying}",
        "",
        f"**Verdict: {result['verdict']}.** {who} {false}",
        "",
        f"![{claim.effect}, with the zone where the claim holds](claims/{name}.svg)",
        "",
        f"| where | {claim.effect} | the claim | note |",
        "|---|---|---|---|",
        *rows,
        "",
        f"**Say instead:** {claim.instead}",
        "",
        f"`{COMMAND} --only {name}` ({result['seconds']:.1f} s; "
        f"[the experiment](../benchmarks/claims/ledger/{name}.py))",
        "",
    ]

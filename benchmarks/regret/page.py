"""The benchmark's tables, as Markdown."""

from typing import Any

from benchmarks.machine import machine
from benchmarks.regret.figures import binomial, regrets
from benchmarks.regret.policies import POLICIES

Row = dict[str, Any]


def page(report: Row) -> str:
    """Return summary and sets as Markdown."""
    ran = [row for row in report["sets"] if "truth" in row]
    return "\n".join(
        [
            f"`{report['command']}`, on {machine()}.",
            "",
            "| policy | mean regret % | regression, counts | classification | series | median | "
            "classification, plain rule | worse than default by > 1 % | by > 5 % |",
            "|---|---|---|---|---|---|---|---|---|",
            *[_policy(policy, report) for policy in POLICIES],
            "",
            f"* {len(ran)} sets; {report['rows']} rows at most; budget {report['budget']}.",
            f"* Noise floor, the regret of hindsight itself: {_number(report['noise_floor'])} %.",
            f"* Claimed minus realised gain: {_number(report['claimed_minus_realised'])} points.",
            f"* Claimed differences with the wrong sign: {binomial(report['wrong_sign'])}.",
            f"* 95 % intervals that hold the true difference: {binomial(report['coverage'])}.",
            f"* True gaps above 5 % that were detected: {binomial(report['detected_gaps_5pct'])}.",
            f"* Of those that also show in each half of the test rows: {binomial(report['detected_sure_gaps_5pct'])}.",
            f"* True gaps above what the verdict said it could find: {binomial(report['detected_detectable_gaps'])}.",
            f"* Verdicts that keep their sign on other networks: {binomial(report['transfer'])}.",
            f"* Median seconds of `advise`: {_number(report['seconds_median'], 0)}.",
            "",
            "| set | task | metric | train with | regret % | default's % | folds | seconds |",
            "|---|---|---|---|---|---|---|---|",
            *[_set(row) for row in report["sets"]],
            "",
        ]
    )


def _policy(policy: str, report: Row) -> str:
    found = report["summary"][policy]
    numbers = [
        _number(found[key])
        for key in (
            "mean_regret",
            "mean_regret_regression",
            "mean_regret_classification",
            "mean_regret_series",
            "median_regret",
        )
    ]
    plain = _number(report["plain_rule_mean_regret"][policy])
    worse = [f"{found[key]} of {found['sets']}" for key in ("worse_than_default_1pct", "worse_than_default_5pct")]
    return f"| {policy} | {' | '.join([*numbers, plain, *worse])} |"


def _set(row: Row) -> str:
    if "refused" in row:
        return f"| {row['name']} | {row['task']} | {row['metric']} | refused: {row['refused']} | | | | |"
    regret = regrets(row)
    return (
        f"| {row['name']} | {row['task']} | {row['metric']} | {row['picks']['lossmith']} | "
        f"{_number(regret.get('lossmith'))} | {_number(regret.get('default'))} | {row['folds']} | "
        f"{row['seconds']:.0f} |"
    )


def _number(value: float | None, digits: int = 2) -> str:
    return "" if value is None else f"{value:.{digits}f}"

"""A diagnosis on the terminal: fault, arguments for and against, remedies."""

from rich.console import Console
from rich.markup import escape

from lossmith.doctor.diagnosis import Diagnosis, Report
from lossmith.doctor.evidence import telling

SHOWN = 4
LITTLE = (
    "Without the task and a metric on validation only faults that show in the loss by itself are looked for: numbers "
    "that stop being finite, a loss that climbs or never moves. A meta.json beside it, or a Recorder, tells more."
)


def print_diagnosis(report: Report, console: Console) -> None:
    """Print what was found, with its numbers, and the runner-up.

    Args:
        report: what `lossmith.diagnose` returned.
        console: where to print.
    """
    found = report.found
    what = "curves and a recorder inside the loop" if report.live else "curves only"
    if report.unsure:
        console.print("[bold green]No fault found[/], but the log says too little to be sure.")
        console.print(f"  {LITTLE}")
    elif not found:
        console.print(f"[bold green]No fault found[/] ({report.healthy:.0%} sure, from {what}).")
    for one in found[:1]:
        console.print(f"[bold red]{escape(one.title)}[/] ({one.fault}, {one.confidence:.0%} sure, from {what})")
        _print_evidence(one, console)
        console.print("Try, in this order:")
        for number, remedy in enumerate(one.remedies, 1):
            console.print(f"  {number}. {escape(remedy)}")
    others = [one for one in report.ranked if one not in found[:1]]
    if others and not report.unsure:
        second = others[0]
        named = "also likely" if second in found else "not named"
        console.print(f"Runner-up: {escape(second.title)} ({second.fault}, {second.confidence:.0%}, {named})")
        _print_evidence(second, console)
    if not report.live:
        console.print("[dim]A recorder in the loop sees gradients and activations, which tell many faults apart.[/]")


def _print_evidence(one: Diagnosis, console: Console) -> None:
    """Print the strongest arguments, for and against.

    Weak ones are only in the JSON.
    """
    for sign, argument in ((+1, "for"), (-1, "against")):
        for evidence in [item for item in telling(one.evidence) if sign * item.weight > 0][:SHOWN]:
            console.print(f"  {argument:7} {evidence.weight:+5.1f}  {escape(evidence.text)}")

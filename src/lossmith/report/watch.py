"""What `watch` says, one paragraph for each event."""

import time

from rich.console import Console
from rich.markup import escape

from lossmith.doctor.diagnosis import Diagnosis, title
from lossmith.doctor.watch import Event

ARGUMENTS, REMEDIES = 2, 3


def print_event(event: Event, console: Console) -> None:
    """Print one event with its strongest arguments and the first remedies."""
    head = f"{time.strftime('%H:%M:%S')} step {event.step:g}:"
    if event.kind == "restarted":
        console.print(f"{head} the log began anew: another run is watched from here on.")
    elif event.kind == "resolved":
        console.print(f"{head} [bold green]resolved[/]: {_lower(event.before)} ({event.before}) is seen no more.")
    else:
        one = next(one for one in event.report.ranked if one.fault == event.fault)
        instead = f", not {_lower(event.before)} ({event.before}) as said before" if event.before else ""
        sure = f"({one.fault}, {one.confidence:.0%} sure)"
        console.print(f"{head} [bold red]{escape(one.title)}[/] {sure}{instead}.")
        _print_why(one, console)


def _print_why(one: Diagnosis, console: Console) -> None:
    for evidence in [item for item in one.evidence if item.weight > 0][:ARGUMENTS]:
        console.print(f"  because {escape(evidence.text)}")
    for number, remedy in enumerate(one.remedies[:REMEDIES], 1):
        console.print(f"  {'try ' if number == 1 else '    '}{number}. {escape(remedy)}")


def _lower(fault: str) -> str:
    """Return a fault's title as part of a sentence."""
    text = title(fault)
    return escape(text if text[:2].isupper() else text[:1].lower() + text[1:])

"""`lossmith watch`: says when a training that is under way goes wrong."""

import sys
import time
from pathlib import Path

import click

from lossmith.options import BAD_USE, Duration, say

EVERY = 1.0
"""Seconds between looks; longer where a look takes long."""


@click.command("watch")
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--idle", type=Duration(), metavar="TIME", help="End once the log has not grown for so long: 90s, 10m, 1h."
)
@click.option("--every", type=Duration(), default=EVERY, metavar="TIME", help="Time between looks (default: 1s).")
def command(run: Path, idle: float | None, every: float) -> int:
    """Follow RUN, a growing log, and say once when something goes wrong.

    RUN may be anything that `diagnose` reads, and need not exist yet. Also said: that a fault is seen no more, that a
    better diagnosis replaces it, and that the log began anew. Ctrl-C ends it with exit code 0. With --idle it ends by
    itself: 1 where a fault stands, 0 where none does, 2 where there never was a log.
    """
    try:
        return _followed(run, idle, every)
    except KeyboardInterrupt:
        return 0


def _followed(run: Path, idle: float | None, every: float) -> int:
    """Look again and again, until there is nothing more to expect."""
    from rich.console import Console

    from lossmith.doctor.follow import Follower
    from lossmith.doctor.watch import Watch
    from lossmith.report.watch import print_event

    console, watch, follower = Console(highlight=False), Watch(), Follower(run)
    shown, told, last = Console(stderr=True, highlight=False), "", time.monotonic()
    status = shown.status(f"waiting for {run}") if sys.stderr.isatty() else None
    if status:
        status.start()
    elif not run.exists():
        say(f"waiting for {run}.")
    try:
        while True:
            began = time.monotonic()
            found = follower.read()
            last = began if follower.changed else last
            if found is not None:
                for event in watch.look(found, restarted=follower.restarted):
                    print_event(event, console)
                curve = found.train if len(found.train) else found.validation
                told = f"step {curve.steps[-1]:g}, loss {curve.values[-1]:.4g}"
            if status:
                quiet = began - last
                status.update(f"{told or follower.trouble}{f', quiet for {quiet:.0f} s' if quiet > 5 else ''}")
            if idle is not None and began - last >= idle:
                break
            time.sleep(max(every, 5 * (time.monotonic() - began)))
    finally:
        if status:
            status.stop()
        follower.close()
    if not told:
        say(f"RUN should be a folder or a log with a loss. {follower.trouble} after {idle:g} s without growth.")
        return BAD_USE
    return 1 if watch.standing else 0

"""The command line: every verb as a command, every failure as one line.

Only click is imported here; what a command needs is imported when it runs, so that `--help` answers at once.
"""

import errno
import os
import sys
from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import click

from lossmith import commands
from lossmith._version import __version__
from lossmith.options import BAD_USE, INTERRUPTED, say


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="lossmith %(version)s")
def cli() -> None:
    """Which loss should I train with? Measured on your own data."""


for verb in iter_modules(commands.__path__):
    cli.add_command(import_module(f"lossmith.commands.{verb.name}").command)


def main() -> None:
    """Run the command line; where it cannot go on, print one line and exit.

    The exit code is then 2, or 130 after Ctrl-C.
    """
    if hasattr(sys.stdout, "reconfigure"):  # a terminal without Greek letters is no reason to fail
        sys.stdout.reconfigure(errors="replace")
    sys.exit(_guarded(lambda: cli.main(prog_name="lossmith", standalone_mode=False)))


def _guarded(command: Callable[[], Any]) -> int:
    """Run a command and return its exit code."""
    try:
        result = command()
        if sys.stdout:
            sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return BAD_USE
    except (click.Abort, KeyboardInterrupt):
        say("stopped.")
        return INTERRUPTED
    except click.ClickException as error:
        return _fail(_with_help(error))
    except (BrokenPipeError, SystemExit):  # `lossmith list | head`: the reader has had enough, as click also sees it
        _drop_output()
        return 0
    except OSError as error:
        return _fail(_blame(error))
    except (ValueError, TypeError, MemoryError) as error:
        return _fail(str(error) or type(error).__name__)


def _fail(message: str) -> int:
    say(message)
    try:
        if sys.stdout:
            sys.stdout.flush()
    except OSError:
        _drop_output()
    return BAD_USE


def _drop_output() -> None:
    """Let what is left in the buffer go nowhere.

    Else Python would complain of it at its end.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _with_help(error: click.ClickException) -> str:
    """Return click's message, with where to read on."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    return error.format_message() + (f" Try `{context.command_path} --help`." if context else "")


def _blame(error: OSError) -> str:
    """Return an OSError as what should hold, what was found, and what to try."""
    if error.errno is None:
        return str(error)
    place, found = error.filename or "the output", error.strerror
    if error.errno in (errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", None)):
        return f"There should be room to write {place}. Found: {found}. Try another `--out`, or make room."
    return f"It should be possible to read or write {place}. Found: {found}. Try another path, or other permissions."


if __name__ == "__main__":
    main()

"""What the user sees when something fails: one line for a mistake, a short note for our bug."""

import os
import sys
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from tradewind.model.errors import DatabaseNotMigrated


def say(message: str) -> None:
    """One line on stderr."""
    click.echo(message, err=True)


def say_error(error: Exception) -> None:
    """A failure that is nobody's bug."""
    text = str(error)
    if isinstance(error, DatabaseNotMigrated) and "db migrate" not in text:
        text = f"{text} Run `tradewind db migrate`."
    colour = False if os.environ.get("NO_COLOR") else None
    click.secho("Error: ", err=True, fg="red", nl=False, color=colour)
    say(text)


def log_file() -> Path:
    """Where tracebacks of our own bugs go; found without the settings, which may be broken."""
    named = os.environ.get("TRADEWIND_HOME") or os.environ.get("AIRFLOW_HOME")
    home = Path(named).expanduser() if named else Path.home() / "tradewind"
    return home / "logs" / "cli.log"


def report_bug(error: Exception, arguments: Sequence[str]) -> None:
    """Say that this is our mistake, and keep the whole traceback in a file."""
    verbose = "-v" in arguments or "--verbose" in arguments
    trace = "".join(traceback.format_exception(error))
    path = log_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as log:
            log.write(f"{datetime.now(UTC).isoformat()} {' '.join(arguments[:2])}\n{trace}\n")
        where = f"The traceback is in {path}."
    except OSError as failure:
        where = f"The traceback could not be kept in {path}: {failure.strerror}."
        verbose = True
    if verbose:
        say(trace.rstrip())
    summary = f"{type(error).__name__}: {error}".splitlines()[0]
    say_error(Exception(f"this is a mistake in Tradewind, not in your work: {summary}"))
    say(where)


def close_stdout() -> None:
    """The reader of our output went away: say nothing more, not even at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

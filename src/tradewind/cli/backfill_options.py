"""The options of `backfill` in Airflow 1.10 and 2.x that are none of ours.

Those without effect are taken, with a note on stderr; one that asks for what Tradewind does not do
is refused, for leaving it out would make other runs than those that were asked for.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from tradewind.cli.failures import say

_F = TypeVar("_F", bound=Callable[..., Any])


class NotSupported(click.ClickException):
    """Wrong usage, in one line: how the command is used would not help."""

    exit_code = 2


_NO_EFFECT: tuple[tuple[tuple[str, ...], bool, str], ...] = (
    (("-l", "--local"), False, "the scheduler's executor runs the tasks"),
    (("-x", "--donot-pickle"), False, "DAGs are never pickled"),
    (("-y", "--yes"), False, "nothing is asked"),
    (
        ("-I", "--ignore-first-depends-on-past"),
        False,
        "the first run of a backfill never waits for an earlier one",
    ),
    (("--continue-on-failures",), False, "a failed run never stops the others"),
    (("--delay-on-limit",), True, "the scheduler starts a run as soon as it may"),
    (("-S", "--subdir"), True, "the DAG is taken as it was last read from the DAGs folder"),
)
"""Names, whether a value follows, and why it does not matter."""

_REFUSED: tuple[tuple[tuple[str, ...], bool, str], ...] = (
    (
        ("-t", "--task-regex"),
        True,
        "a backfill runs all tasks of a DAG. To run some tasks of existing runs again: "
        "`tasks clear DAG_ID -t REGEX -s START -e END`",
    ),
    (
        ("-m", "--mark-success"),
        False,
        "a backfill executes its tasks. To set the state of existing runs, PATCH them over the API",
    ),
    (
        ("-i", "--ignore-dependencies"),
        False,
        "tasks always wait for what is upstream of them. To try one alone: "
        "`tasks test DAG_ID TASK_ID DATE`",
    ),
    (("--pool",), True, "tasks use the pool that the DAG file gives them. Set it there"),
    (("--disable-retry",), False, "tasks are retried as the DAG file says. Set retries=0 there"),
    (
        ("--treat-dag-as-regex", "--treat-dag-id-as-regex"),
        False,
        "a backfill is of one DAG. Give one command for each",
    ),
)


def legacy_options(command: _F) -> _F:
    """Give a command all of these; none arrives as an argument."""
    for names, has_value, why in (*_NO_EFFECT, *_REFUSED):
        refused = (names, has_value, why) in _REFUSED
        command = click.option(
            *names,
            is_flag=not has_value,
            default=None,
            hidden=True,
            expose_value=False,
            callback=_refuse(why) if refused else _note(why),
            help=f"Not supported: {why}." if refused else f"No effect: {why}.",
        )(command)
    return command


def _note(why: str) -> Callable[..., None]:
    def note(context: click.Context, option: click.Parameter, value: object) -> None:
        if value and not context.resilient_parsing:
            say(f"Note: {'/'.join(option.opts)} has no effect: {why}.")

    return note


def _refuse(why: str) -> Callable[..., None]:
    def refuse(context: click.Context, option: click.Parameter, value: object) -> None:
        if value is not None and value is not False and not context.resilient_parsing:
            raise NotSupported(f"{'/'.join(option.opts)} is not supported: {why}.")

    return refuse

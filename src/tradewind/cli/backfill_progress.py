"""A backfill watched from the terminal until it has ended."""

import sys
from collections import Counter
from typing import Any

import click

from tradewind.cli import inbox
from tradewind.cli.output import STYLES, console
from tradewind.cli.wiring import Wiring
from tradewind.model.commands import PatchBackfill
from tradewind.model.errors import EnvironmentFailure, NotFound
from tradewind.model.states import RUN_FINISHED, RunState
from tradewind.storage.listings.backfills import BackfillRow, find_backfill
from tradewind.storage.listings.runs import RunFilters, RunRow, list_runs

NO_SCHEDULER_AFTER_S = 15
"""Looks without a change after which the scheduler's pulse is felt."""


def watch(wiring: Wiring, backfill_id: int) -> int:
    """Show how it goes until it has ended; 1 if a run failed, else 0. Ctrl-C cancels it."""
    shown = _Bar() if sys.stdout.isatty() else _Lines()
    try:
        with shown, inbox.changes(wiring) as bell:
            backfill, runs = _look(wiring, backfill_id)
            quiet = 0
            while backfill.completed_at is None:
                shown.show(backfill, runs)
                before = runs
                inbox.wait_for_change(bell)
                backfill, runs = _look(wiring, backfill_id)
                quiet = quiet + 1 if runs == before else 0
                if quiet % NO_SCHEDULER_AFTER_S == NO_SCHEDULER_AFTER_S - 1:
                    _feel_pulse(wiring)
            shown.show(backfill, runs)
    except KeyboardInterrupt:
        inbox.ask(wiring, PatchBackfill(backfill_id=backfill_id, cancel=True))
        click.echo("Cancelled: runs under way go on to their end, no further run begins.", err=True)
        return 1
    return _sum_up(backfill, runs)


def _feel_pulse(wiring: Wiring) -> None:
    if not inbox.scheduler_is_running(wiring):
        raise EnvironmentFailure(
            "the scheduler has stopped; the backfill goes on when one is started again"
        )


def _look(wiring: Wiring, backfill_id: int) -> tuple[BackfillRow, list[RunRow]]:
    with wiring.database.read() as connection:
        backfill = find_backfill(connection, backfill_id)
        if backfill is None:
            raise NotFound(f"there is no backfill {backfill_id}")
        runs, _ = list_runs(connection, RunFilters(backfill_id=backfill_id))
    return backfill, runs


def _sum_up(backfill: BackfillRow, runs: list[RunRow]) -> int:
    states = Counter(run.state for run in runs)
    for run in runs:
        if run.state == RunState.FAILED:
            click.echo(f"failed: {run.run_id}", err=True)
    if not runs:
        click.echo(
            "No run was made: those dates have their runs already (--reset-dagruns or "
            "--rerun-failed-tasks runs them again), or the schedule names none."
        )
    else:
        told = ", ".join(f"{number} {state}" for state, number in sorted(states.items()))
        click.echo(f"Backfill {backfill.id} of {backfill.dag_id} is done: {told}.")
    return 1 if states[RunState.FAILED] else 0


class _Lines:
    """For pipes and files: one line for each run that ends."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def __enter__(self) -> "_Lines":
        return self

    def __exit__(self, *_: object) -> None: ...

    def show(self, backfill: BackfillRow, runs: list[RunRow]) -> None:
        for run in runs:
            if RunState(run.state) in RUN_FINISHED and run.run_id not in self._told:
                self._told.add(run.run_id)
                number = f"[{len(self._told)}/{len(runs)}{'' if backfill.all_made else '+'}]"
                click.echo(f"{number} {run.run_id} {run.state}")


class _Bar:
    """For terminals: a bar, and how many runs are in which state."""

    def __init__(self) -> None:
        from rich.progress import (  # noqa: PLC0415
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
        )

        self._progress: Any = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[states]}"),
            console=console(),
        )
        self._task: Any = None

    def __enter__(self) -> "_Bar":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, backfill: BackfillRow, runs: list[RunRow]) -> None:
        if self._task is None:
            self._task = self._progress.add_task(backfill.dag_id, total=None, states="")
        states = Counter(run.state for run in runs)
        told = "  ".join(
            f"[{STYLES[state]}]{states[state]} {state}[/]" for state in RunState if states[state]
        )
        finished = sum(states[state] for state in RUN_FINISHED)
        total = len(runs) if backfill.all_made else None
        self._progress.update(self._task, completed=finished, total=total, states=told)

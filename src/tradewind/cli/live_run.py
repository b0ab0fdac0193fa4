"""A run under `dags test`, shown as it happens: a live table on a terminal, lines in a pipe."""

import sys
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import click

from tradewind.cli.output import MARKS, STYLES, console, show
from tradewind.model.changes import Change, RunCreated, TaskChanged
from tradewind.model.keys import TaskKey
from tradewind.model.snapshots import TaskSnapshot
from tradewind.model.states import FINISHED, OCCUPYING, TaskState

SHOWN_MOST = 20
"""Tasks in the live table; of a larger DAG only those under way and a count of the others."""


class LiveRun:
    """Give `on_change` every Change; use as a context around the run."""

    def __init__(self, dag_id: str) -> None:
        self._dag_id = dag_id
        self._tasks: dict[TaskKey, TaskSnapshot] = {}
        self._live: Any = None
        if sys.stdout.isatty():
            from rich.live import Live  # noqa: PLC0415

            self._live = Live(console=console(), auto_refresh=False, transient=True)

    def __enter__(self) -> "LiveRun":
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def on_change(self, change: Change) -> None:
        """Take in one Change."""
        match change:
            case RunCreated(run):
                self._tasks = {task.key: task for task in run.tasks}
            case TaskChanged(before=before, task=task):
                self._tasks[task.key] = task
                if self._live is None:
                    self._say(before, task)
            case _:
                return
        if self._live is not None:
            self._live.update(self._table(), refresh=True)

    def _say(self, before: TaskState, task: TaskSnapshot) -> None:
        if task.state is not before and task.state in (*FINISHED, *OCCUPYING, *_PARKED):
            if task.state is TaskState.QUEUED:
                return
            sys.stdout.flush()
            reason = f": {task.exit_reason}" if task.exit_reason else ""
            try_ = f" (try {task.try_number})" if task.try_number > 1 else ""
            took = f" in {_took(task)}" if task.state in FINISHED and _took(task) else ""
            line = f"{MARKS[task.state]} {name_of(task.key)} {task.state}{try_}{took}{reason}"
            click.echo(line)

    def _table(self) -> Any:
        from rich.table import Table  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415

        states = Counter(task.state for task in self._tasks.values())
        done = sum(states[state] for state in FINISHED)
        title = Text(f"{self._dag_id}  {done}/{len(self._tasks)}", style="bold")
        table = Table(
            box=None, title=title, title_justify="left", show_header=False, pad_edge=False
        )
        for task in self._shown():
            style = STYLES[task.state]
            mark = Text(f"{MARKS[task.state]} {task.state}", style=style)
            table.add_row(mark, Text(name_of(task.key)), Text(_took(task), style="dim"))
        hidden = len(self._tasks) - table.row_count
        if hidden:
            told = ", ".join(f"{number} {state}" for state, number in states.items())
            table.add_row("", Text(f"in all: {told}", style="dim"), "")
        return table

    def _shown(self) -> list[TaskSnapshot]:
        tasks = list(self._tasks.values())
        if len(tasks) <= SHOWN_MOST:
            return tasks
        active = [task for task in tasks if task.state in (*OCCUPYING, *_PARKED)]
        ended = [task for task in tasks if task.end_date is not None]
        latest = sorted(ended, key=lambda task: task.end_date or _LONG_AGO)[-5:]
        return [*latest, *active][:SHOWN_MOST]


_PARKED = (
    TaskState.UP_FOR_RETRY,
    TaskState.UP_FOR_RESCHEDULE,
    TaskState.DEFERRED,
    TaskState.AWAITING_INPUT,
)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def name_of(key: TaskKey) -> str:
    """`task_id`, or `task_id[3]` for a mapped one."""
    return key.task_id if key.map_index < 0 else f"{key.task_id}[{key.map_index}]"


def _took(task: TaskSnapshot) -> str:
    if task.start_date is None or task.end_date is None:
        return ""
    return f"{(task.end_date - task.start_date).total_seconds():.2f} s"


def show_end(tasks: list[TaskSnapshot], output: str) -> None:
    """The final table."""
    rows = [
        {
            "task": name_of(task.key),
            "state": task.state,
            "tries": task.try_number,
            "duration": _took(task),
            "reason": task.exit_reason,
        }
        for task in tasks
    ]
    columns = ("task", "state", "tries", "duration", "reason")
    show(rows, columns=columns, output=output, empty="The DAG has no tasks.")

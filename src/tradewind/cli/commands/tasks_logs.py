"""`tradewind tasks logs`."""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from tradewind.cli import inbox
from tradewind.cli.finding import find_plan, find_run, find_task
from tradewind.cli.lazy import Command
from tradewind.cli.wiring import Wiring, wire
from tradewind.model.errors import NotFound
from tradewind.model.keys import TaskKey
from tradewind.model.log_paths import log_path
from tradewind.model.states import OCCUPYING
from tradewind.storage.bells import Bell
from tradewind.storage.listings import tasks
from tradewind.storage.listings.tasks import TaskRow

LOOK_EVERY_S = 0.2
_LEVELS = {"error": "red", "critical": "red", "warning": "yellow", "debug": "bright_black"}
_NOT_SHOWN = ("logger", "filename", "lineno")


@click.command(cls=Command)
@click.argument("dag_id")
@click.argument("logical_date_or_run_id")
@click.argument("task_id")
@click.option("--map-index", type=int, default=-1, help="The map index, if the task is mapped.")
@click.option("--try", "try_number", type=click.IntRange(min=1), help="Which try; else the latest.")
@click.option("-f", "--follow", is_flag=True, help="Go on until the try has ended.")
@click.option("--json", "raw", is_flag=True, help="Print the lines as they are kept, as JSON.")
def logs(
    dag_id: str,
    logical_date_or_run_id: str,
    task_id: str,
    map_index: int,
    try_number: int | None,
    follow: bool,
    raw: bool,
) -> None:
    """Show or follow the log of a task."""
    wiring = wire()
    with wiring.database.read() as connection:
        run = find_run(wiring, connection, dag_id, logical_date_or_run_id)
        find_task(find_plan(connection, dag_id), task_id)
    key = TaskKey(dag_id, run.run_id, task_id, map_index)
    lines = _follow(wiring, key, try_number) if follow else _read(wiring, key, try_number)
    for line in lines:
        click.echo(line if raw else _for_people(line))
        if follow:
            sys.stdout.flush()


def _read(wiring: Wiring, key: TaskKey, try_number: int | None) -> list[str]:
    row = _row(wiring, key)
    path = log_path(_folder(wiring), key, try_number or row.try_number)
    if not path.exists():
        raise NotFound(_why_no_log(row, try_number))
    return path.read_text(encoding="utf-8", errors="replace").splitlines()


def _follow(wiring: Wiring, key: TaskKey, try_number: int | None) -> Iterator[str]:
    """Lines as they come; waits for a try that has not begun, ends with the try."""
    with inbox.changes(wiring) as bell:
        row = _row(wiring, key)
        while not try_number and not row.try_number:
            inbox.wait_for_change(bell)
            row = _row(wiring, key)
        chosen = try_number or row.try_number
        path = log_path(_folder(wiring), key, chosen)
        while not path.exists():
            if not _is_under_way(row, chosen):
                raise NotFound(_why_no_log(row, chosen))
            inbox.wait_for_change(bell, LOOK_EVERY_S)
            row = _row(wiring, key)
        yield from _tail(wiring, bell, key, path, chosen)


def _tail(wiring: Wiring, bell: Bell, key: TaskKey, path: Path, chosen: int) -> Iterator[str]:
    """Whole lines until the try has ended and everything it wrote has been read."""
    unfinished = b""
    looked_at = 0.0
    under_way = True
    with path.open("rb") as log:
        while True:
            block = log.read()
            *lines, unfinished = (unfinished + block).split(b"\n")
            yield from (line.decode("utf-8", "replace") for line in lines)
            if block:
                continue
            if not under_way:
                break
            rung = inbox.wait_for_change(bell, LOOK_EVERY_S)
            if rung or time.monotonic() - looked_at > inbox.SAFETY_LOOK_S:
                looked_at = time.monotonic()
                under_way = _is_under_way(_row(wiring, key), chosen)
    if unfinished:
        yield unfinished.decode("utf-8", "replace")


def _is_under_way(row: TaskRow, chosen: int) -> bool:
    return row.try_number < chosen or (row.try_number == chosen and row.state in OCCUPYING)


def _why_no_log(row: TaskRow, try_number: int | None) -> str:
    if try_number and try_number > max(row.try_number, 1):
        return f"there was no try {try_number}: the latest is {row.try_number}"
    if not row.try_number:
        return f"task {row.task_id!r} has not run: its state is {row.state}"
    return f"try {try_number or row.try_number} of task {row.task_id!r} left no log"


def _row(wiring: Wiring, key: TaskKey) -> TaskRow:
    with wiring.database.read() as connection:
        row = tasks.find_task(connection, key)
    if row is None:
        raise NotFound(f"run {key.run_id!r} has no {key.task_id!r} with map index {key.map_index}")
    return row


def _folder(wiring: Wiring) -> Path:
    return wiring.settings.logging.base_log_folder


def _for_people(line: str) -> str:
    """`time LEVEL event key=value ...`; a line that is not structured stays as it is."""
    try:
        facts: Any = json.loads(line)
    except ValueError:
        return line
    if not isinstance(facts, dict) or "event" not in facts:
        return line
    at = str(facts.pop("timestamp", ""))[11:23]
    level = str(facts.pop("level", "info"))
    event = str(facts.pop("event"))
    rest = "".join(f" {name}={facts[name]!r}" for name in facts if name not in _NOT_SHOWN)
    shown_level = click.style(f"{level.upper():<8}", fg=_LEVELS.get(level.lower()))
    return f"{click.style(at, dim=True)} {shown_level} {event}{rest}"

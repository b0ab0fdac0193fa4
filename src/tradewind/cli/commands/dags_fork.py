"""`tradewind dags fork`."""

import getpass
from datetime import datetime
from typing import Any

import click

from tradewind.cli import inbox
from tradewind.cli.failures import say
from tradewind.cli.finding import find_dag, find_plan, find_run
from tradewind.cli.lazy import Command
from tradewind.cli.moments import DATE
from tradewind.cli.output import output_option, show
from tradewind.cli.preview import preview
from tradewind.cli.wiring import wire
from tradewind.model.commands import ForkRun
from tradewind.server.run_requests import check_run_id, manual_run_id

COLUMNS = ("dag_id", "run_id", "task_id", "map_index", "action")


@click.command(cls=Command)
@click.argument("dag_id")
@click.argument("logical_date_or_run_id")
@click.option(
    "-t", "--task-id", "task_ids", multiple=True, required=True,
    help="Run from this task on; may be repeated.",
)  # fmt: skip
@click.option("-r", "--run-id", help="The new run's id; made from the time if left out.")
@click.option("-l", "--logical-date", type=DATE, help="Its logical date; none if left out.")
@click.option("--note", help="A note on the new run.")
@click.option("-n", "--dry-run", is_flag=True, help="Only show what would run and be shared.")
@output_option
def fork(
    dag_id: str,
    logical_date_or_run_id: str,
    task_ids: tuple[str, ...],
    run_id: str | None,
    logical_date: datetime | None,
    note: str | None,
    dry_run: bool,
    output: str,
) -> None:
    """Make a new run from a task on, which shares what the other tasks did in an existing run."""
    wiring = wire()
    with wiring.database.read() as connection:
        find_dag(connection, dag_id)
        plan = find_plan(connection, dag_id)
        old = find_run(wiring, connection, dag_id, logical_date_or_run_id)
    if run_id is not None:
        check_run_id(run_id, wiring.settings.scheduler.allowed_run_id_pattern)
    now = wiring.now()
    date = None if logical_date is None else wiring.moment(logical_date)
    command = ForkRun(
        dag_id=dag_id,
        run_id=old.run_id,
        new_run_id=run_id or manual_run_id(plan, now, date),
        task_ids=task_ids,
        run_after=now,
        logical_date=date,
        note=note,
        triggered_by="cli",
        triggering_user_name=getpass.getuser(),
        dry_run=dry_run,
    )
    answer = preview(wiring, command) if dry_run else inbox.ask(wiring, command)
    if answer is None:
        say(inbox.NOBODY)
        return
    show(_rows(dag_id, answer), columns=COLUMNS, output=output)


def _rows(dag_id: str, answer: dict[str, Any]) -> list[dict[str, Any]]:
    shared = [(task_id, map_index, "share") for _, task_id, map_index in answer["shared"]]
    runs = [(task_id, None, "run") for task_id in answer["task_ids"]]
    return [
        dict(zip(COLUMNS, (dag_id, answer["run_id"], *row), strict=True))
        for row in (*shared, *runs)
    ]

"""`tradewind tasks mark`."""

import dataclasses

import click

from tradewind.cli import inbox
from tradewind.cli.failures import say
from tradewind.cli.finding import find_plan, find_run, find_task
from tradewind.cli.lazy import Command
from tradewind.cli.output import output_option, show
from tradewind.cli.preview import preview
from tradewind.cli.wiring import wire
from tradewind.model.commands import MarkTask
from tradewind.model.states import MARKS, TaskState

COLUMNS = ("dag_id", "run_id", "task_id", "map_index")


@click.command(cls=Command)
@click.argument("dag_id")
@click.argument("logical_date_or_run_id")
@click.argument("task_id")
@click.argument("state", type=click.Choice([mark.value for mark in MARKS]))
@click.option("--map-index", type=int, help="One of a mapped task; all of them if left out.")
@click.option("-u", "--upstream", is_flag=True, help="Also the tasks upstream.")
@click.option("-d", "--downstream", is_flag=True, help="Also the tasks downstream.")
@click.option("--past", is_flag=True, help="Also in runs with an earlier logical date.")
@click.option("--future", is_flag=True, help="Also in runs with a later logical date.")
@click.option("-n", "--dry-run", is_flag=True, help="Only show what would be set.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@output_option
def mark(
    dag_id: str,
    logical_date_or_run_id: str,
    task_id: str,
    state: str,
    map_index: int | None,
    upstream: bool,
    downstream: bool,
    past: bool,
    future: bool,
    dry_run: bool,
    yes: bool,
    output: str,
) -> None:
    """Set task instances to success, failed or skipped.

    What runs is ended. What failed downstream gets another chance.
    """
    wiring = wire()
    with wiring.database.read() as connection:
        run = find_run(wiring, connection, dag_id, logical_date_or_run_id)
        find_task(find_plan(connection, dag_id), task_id)
    command = MarkTask(
        dag_id=dag_id,
        run_id=run.run_id,
        task_id=task_id,
        map_index=map_index,
        state=TaskState(state),
        include_upstream=upstream,
        include_downstream=downstream,
        include_past=past,
        include_future=future,
    )
    found = preview(wiring, dataclasses.replace(command, dry_run=True))["task_instances"]
    rows = [dict(zip(COLUMNS, (dag_id, *key), strict=True)) for key in found]
    show(rows, columns=COLUMNS, output=output, empty=f"All of it is {state} already.")
    if dry_run or not rows:
        return
    if not yes:
        click.confirm(f"Set these {len(rows)} task instances to {state}?", abort=True, err=True)
    say(inbox.NOBODY if inbox.ask(wiring, command) is None else f"Set {len(rows)} to {state}.")

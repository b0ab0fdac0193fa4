"""`tradewind tasks list|states-for-dag-run|state`."""

import click

from tradewind.cli.finding import find_plan, find_run, find_task
from tradewind.cli.lazy import Command
from tradewind.cli.output import FORMATS, output_option, show
from tradewind.cli.wiring import wire
from tradewind.model.errors import NotFound
from tradewind.model.keys import TaskKey
from tradewind.model.states import TaskState
from tradewind.storage.listings import tasks
from tradewind.storage.listings.tasks import TaskFilters

COLUMNS = ("dag_id", "run_id", "task_id", "map_index", "state", "try_number")


@click.command("list", cls=Command)
@click.argument("dag_id")
@click.option("-o", "--output", type=click.Choice(FORMATS), help="Show a listing in this form.")
def list_(dag_id: str, output: str | None) -> None:
    """List the tasks of a DAG: their ids alone, or with -o more about each."""
    wiring = wire()
    with wiring.database.read() as connection:
        plan = find_plan(connection, dag_id)
    ordered = sorted(plan.tasks, key=lambda task: task.task_id)
    if output is None:
        for task in ordered:
            click.echo(task.task_id)
        return
    columns = ("task_id", "operator", "upstream", "trigger_rule", "retries", "pool", "queue")
    rows = [{name: getattr(task, name) for name in columns} for task in ordered]
    show(rows, columns=columns, output=output, empty="No tasks.")


@click.command("states-for-dag-run", cls=Command)
@click.argument("dag_id")
@click.argument("logical_date_or_run_id")
@output_option
def states_for_dag_run(dag_id: str, logical_date_or_run_id: str, output: str) -> None:
    """List the states of a run's tasks."""
    wiring = wire()
    with wiring.database.read() as connection:
        run = find_run(wiring, connection, dag_id, logical_date_or_run_id)
        filters = TaskFilters(dag_ids=(dag_id,), run_ids=(run.run_id,))
        rows, _ = tasks.list_tasks(connection, filters, order_by=("start_date",))
    columns = (*COLUMNS, "start_date", "end_date", "exit_reason")
    listed = [
        {**{name: getattr(row, name) for name in columns}, "state": _shown(row.state)}
        for row in rows
    ]
    show(listed, columns=columns, output=output, empty="No task instances.")


@click.command(cls=Command)
@click.argument("dag_id")
@click.argument("task_id")
@click.argument("logical_date_or_run_id")
@click.option("--map-index", type=int, default=-1, help="The map index, if the task is mapped.")
def state(dag_id: str, task_id: str, logical_date_or_run_id: str, map_index: int) -> None:
    """Show the state of a task instance."""
    wiring = wire()
    with wiring.database.read() as connection:
        run = find_run(wiring, connection, dag_id, logical_date_or_run_id)
        row = tasks.find_task(connection, TaskKey(dag_id, run.run_id, task_id, map_index))
        if row is None:
            find_task(find_plan(connection, dag_id), task_id)
            raise NotFound(f"run {run.run_id!r} has no {task_id!r} with map index {map_index}")
    click.echo(_shown(row.state) or "None")


def _shown(state: str) -> str | None:
    return None if state == TaskState.NONE else state

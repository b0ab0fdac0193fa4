"""`tradewind tasks test`."""

import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from tradewind.cli.failures import say
from tradewind.cli.finding import find_run
from tradewind.cli.lazy import Command
from tradewind.cli.local_dags import StoredAnswers, find_local_dag
from tradewind.cli.moments import JSON_OBJECT, as_date
from tradewind.cli.output import output_option, show_one
from tradewind.cli.wiring import Wiring, wire
from tradewind.model.attempts import Result
from tradewind.testing.engine import run_task


@click.command(cls=Command)
@click.argument("dag_id")
@click.argument("task_id")
@click.argument("logical_date_or_run_id", required=False)
@click.option("-t", "--task-params", type=JSON_OBJECT, default="{}", help="Params, a JSON object.")
@click.option("--env-vars", type=JSON_OBJECT, default="{}", help="Variables of the environment.")
@click.option("--map-index", type=int, default=-1, help="The map index, if the task is mapped.")
@click.option(
    "-f",
    "--dagfile-path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The DAG's file; else the DAGs folder is searched.",
)
@output_option
def test(
    dag_id: str,
    task_id: str,
    logical_date_or_run_id: str | None,
    task_params: dict[str, Any],
    env_vars: dict[str, Any],
    map_index: int,
    dagfile_path: Path | None,
    output: str,
) -> None:
    """Run one task once in this terminal, whatever it depends on.

    Needs no server and no database, and records nothing. Exit code 1 if the task failed.
    """
    os.environ.update({name: str(value) for name, value in env_vars.items()})
    wiring = wire()
    answer = StoredAnswers(wiring)
    dag = find_local_dag(wiring, dag_id, dagfile_path, answer)
    result = run_task(
        dag,
        task_id,
        logical_date=_logical_date(wiring, dag_id, logical_date_or_run_id),
        map_index=map_index,
        conf=task_params,
        settings=wiring.settings,
        answer=answer,
        log_to=sys.stderr,
    )
    for key, value in result.xcoms.items():
        show_one({"xcom": key, "value": value}, output=output)
    outcome = result.outcome
    reason = f": {outcome.reason}" if outcome.reason else ""
    say(f"The task {task_id} ended with {outcome.result}{reason}.")
    if outcome.result not in (Result.SUCCESS, Result.SKIPPED, Result.RESCHEDULE):
        sys.exit(1)


def _logical_date(wiring: Wiring, dag_id: str, named: str | None) -> datetime | None:
    if named is None:
        return None
    date = as_date(named, wiring.settings.core.default_timezone)
    if date is not None:
        return date
    with wiring.database.read() as connection:
        return find_run(wiring, connection, dag_id, named).logical_date

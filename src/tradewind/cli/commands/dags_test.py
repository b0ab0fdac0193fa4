"""`tradewind dags test`."""

import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from tradewind.cli.lazy import Command
from tradewind.cli.live_run import LiveRun, show_end
from tradewind.cli.local_dags import StoredAnswers, find_local_dag
from tradewind.cli.moments import DATE, JSON_OBJECT
from tradewind.cli.output import output_option
from tradewind.cli.responses import RESPONSE
from tradewind.cli.wiring import wire
from tradewind.model.states import RunState, TaskState
from tradewind.testing.engine import run_dag


@click.command(cls=Command)
@click.argument("dag_id")
@click.argument("logical_date", type=DATE, required=False)
@click.option("-c", "--conf", type=JSON_OBJECT, default="{}", help="The run's conf, a JSON object.")
@click.option(
    "-f",
    "--dagfile-path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The DAG's file; else the DAGs folder is searched.",
)
@click.option(
    "--mark-success-pattern", help="Do not execute tasks whose id matches this regular expression."
)
@click.option(
    "--answer",
    "answers",
    type=RESPONSE,
    multiple=True,
    help="TASK_ID=OPTION: what to answer a task that asks a person; "
    'or TASK_ID={"chosen_options": [...], "params_input": {...}}. Else its defaults count.',
)
@click.option("--wait", is_flag=True, help="Wait for retry delays, which are skipped otherwise.")
@output_option
def test(
    dag_id: str,
    logical_date: datetime | None,
    conf: dict[str, Any],
    dagfile_path: Path | None,
    mark_success_pattern: str | None,
    answers: tuple[tuple[str, tuple[tuple[str, ...], dict[str, Any]]], ...],
    wait: bool,
    output: str,
) -> None:
    """Run a DAG once in this terminal.

    Needs no server and no database; Variables and Connections of one that is there are used.
    Nothing is recorded. Exit code 1 if the run failed.
    """
    wiring = wire()
    answer = StoredAnswers(wiring)
    dag = find_local_dag(wiring, dag_id, dagfile_path, answer)
    began = time.monotonic()
    with LiveRun(dag_id) as live:
        result = run_dag(
            dag,
            logical_date=wiring.moment(logical_date) if logical_date else None,
            conf=conf,
            settings=wiring.settings,
            answer=answer,
            log_to=sys.stderr,
            on_change=live.on_change,
            sleep=time.sleep if wait else None,
            mark_success=mark_success_pattern,
            responses=dict(answers),
        )
    show_end(list(result.tasks.values()), output)
    took = f"{time.monotonic() - began:.1f} s"
    succeeded = result.state is RunState.SUCCESS
    end = "succeeded" if succeeded else f"did not succeed: its state is {result.state}"
    click.secho(
        f"The run of {dag_id} {end} ({took}).", fg="green" if succeeded else "red", err=True
    )
    for task in result.tasks.values():
        if task.state is TaskState.AWAITING_INPUT:
            name = task.key.task_id
            click.echo(f"Task {name} waits for an answer: give --answer {name}=OPTION", err=True)
    if not succeeded:
        sys.exit(1)

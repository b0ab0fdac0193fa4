"""`tradewind dags show|next-execution`: what a Plan looks like, and when it is due."""

from contextlib import closing
from pathlib import Path
from typing import Any

import click

from tradewind.cli import drawing
from tradewind.cli.asking_timetables import Asking
from tradewind.cli.failures import say
from tradewind.cli.finding import find_plan
from tradewind.cli.lazy import Command
from tradewind.cli.output import output_option, show
from tradewind.cli.wiring import wire
from tradewind.forecast.upcoming import upcoming
from tradewind.model.errors import UserError
from tradewind.model.intervals import RunInfo
from tradewind.storage import dags as stored_dags
from tradewind.storage.fleet import find_runs

FIELDS = ("logical_date", "data_interval.start", "data_interval.end", "run_after")


@click.command("show", cls=Command)
@click.argument("dag_id")
@click.option(
    "--format",
    "form",
    type=click.Choice(("tree", "dot")),
    help="A tree to read, or DOT for Graphviz (what the command `airflow` prints).",
)
@click.option(
    "-s",
    "--save",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write DOT to this file (.dot or .gv).",
)
@click.pass_context
def show_(context: click.Context, dag_id: str, form: str | None, save: Path | None) -> None:
    """Show the tasks of a DAG and what they depend on."""
    wiring = wire()
    with wiring.database.read() as connection:
        plan = find_plan(connection, dag_id)
    if save is not None:
        if save.suffix not in (".dot", ".gv"):
            raise UserError(
                f"{save.name}: DOT is written to .dot or .gv; draw it with `dot -Tpng FILE`"
            )
        save.write_text(drawing.dot(plan))
        click.echo(f"Written to {save}.")
        return
    called_airflow = context.find_root().info_name == "airflow"
    chosen = form or ("dot" if called_airflow else "tree")
    click.echo(drawing.dot(plan) if chosen == "dot" else drawing.tree(plan), nl=False)


@click.command("next-execution", cls=Command)
@click.argument("dag_id")
@click.option(
    "-n",
    "--num-executions",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="How many runs to look ahead.",
)
@click.option("--field", type=click.Choice(FIELDS), help="What to print of each run.")
@click.option("--table", is_flag=True, help="Print all fields of each run.")
@output_option
def next_execution(
    dag_id: str, num_executions: int, field: str | None, table: bool, output: str
) -> None:
    """Show when a DAG runs next: its logical date, or when it starts if it has none."""
    wiring = wire()
    with wiring.database.read() as connection, closing(Asking(wiring)) as ask:
        find_plan(connection, dag_id)
        (dag,) = stored_dags.snapshots(connection, [dag_id])
        there = upcoming(
            dag, wiring.now(), num_executions, lambda query: find_runs(connection, query), ask
        )
    if dag.is_paused:
        say(f"The DAG is paused: it runs when due only after `dags unpause {dag_id}`.")
    rows = [_row(run.info) for run in (*there.overdue, *there.next)][:num_executions]
    if len(rows) < num_executions:
        say("No further run is planned: its schedule makes none." if not rows else "No more runs.")
    if table or output != "table":
        show(rows, columns=FIELDS, output=output)
        return
    for row in rows:
        click.echo((row[field] if field else row["logical_date"] or row["run_after"]).isoformat())


def _row(info: RunInfo) -> dict[str, Any]:
    interval = info.data_interval
    return {
        "logical_date": info.logical_date,
        "data_interval.start": interval.start if interval else None,
        "data_interval.end": interval.end if interval else None,
        "run_after": info.run_after,
    }

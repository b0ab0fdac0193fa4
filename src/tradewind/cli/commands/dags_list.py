"""`tradewind dags list|details|list-import-errors|reserialize`."""

import dataclasses
import sys
from typing import Any

import click

from tradewind.cli import reading
from tradewind.cli.failures import say
from tradewind.cli.finding import find_dag, find_plan
from tradewind.cli.import_error import block
from tradewind.cli.lazy import Command
from tradewind.cli.output import columns_option, output_option, show, show_one
from tradewind.cli.wiring import wire
from tradewind.config.airflow_package import check_airflow_package
from tradewind.core.abilities import all_not_yet
from tradewind.dag_processor.process import DagProcessor
from tradewind.model.codec import to_data
from tradewind.storage.listings import dags as dag_listing
from tradewind.storage.listings import import_errors
from tradewind.storage.listings.dags import DagFilters
from tradewind.storage.listings.import_errors import ImportErrorFilters

COLUMNS = ("dag_id", "fileloc", "owners", "is_paused", "bundle_name", "bundle_version")


@click.command("list", cls=Command)
@click.option(
    "-l",
    "--local",
    is_flag=True,
    help="Read the DAG files here and now, not what is stored of them.",
)
@columns_option(COLUMNS, "schedule", "next_run_after", "version", "tags", "description")
@output_option
def list_(local: bool, columns: tuple[str, ...], output: str) -> None:
    """List the DAGs."""
    wiring = wire()
    rows: list[dict[str, Any]]
    broken = 0
    if local:
        parsed = reading.read_dags_folder(wiring)
        rows = [reading.row(file, plan) for file in parsed for plan in file.plans]
        broken = sum(file.error is not None for file in parsed)
    else:
        with wiring.database.read() as connection:
            found, _ = dag_listing.list_dags(connection, DagFilters())
            tags = dag_listing.tags_of(connection, [row.dag_id for row in found])
            _, broken = import_errors.list_import_errors(connection, ImportErrorFilters(), limit=0)
        rows = [
            {
                **dataclasses.asdict(row),
                "schedule": row.timetable_summary,
                "tags": tags.get(row.dag_id, []),
            }
            for row in found
        ]
    empty = f"No DAGs; their files belong into {wiring.settings.core.dags_folder}."
    shown = sorted(rows, key=lambda row: str(row["dag_id"]))
    show(shown, columns=columns, output=output, empty=empty)
    if broken:
        local_flag = " -l" if local else ""
        files = "1 DAG file" if broken == 1 else f"{broken} DAG files"
        say(f"{files} cannot be read: `dags list-import-errors{local_flag}` says why.")


@click.command(cls=Command)
@click.argument("dag_id")
@output_option
def details(dag_id: str, output: str) -> None:
    """Show everything about a DAG."""
    wiring = wire()
    with wiring.database.read() as connection:
        row = find_dag(connection, dag_id)
        plan = find_plan(connection, dag_id)
        tags = dag_listing.tags_of(connection, [dag_id]).get(dag_id, [])
    facts = dataclasses.asdict(row)
    planned = {
        name: to_data(getattr(plan, name))
        for name in (
            "start_date",
            "end_date",
            "timezone",
            "catchup",
            "max_active_runs",
            "max_active_tasks",
            "max_consecutive_failed_dag_runs",
            "dagrun_timeout_s",
            "fail_fast",
            "params",
            "doc_md",
            "profile",
            "profile_reason",
        )
    }
    planned["not_yet_possible"] = all_not_yet(plan)
    tasks = [task.task_id for task in plan.tasks]
    show_one({**facts, "tags": tags, **planned, "tasks": tasks}, output=output)


@click.command("list-import-errors", cls=Command)
@click.option(
    "-l",
    "--local",
    is_flag=True,
    help="Read the DAG files here and now, not what is stored of them.",
)
@output_option
def list_import_errors(local: bool, output: str) -> None:
    """List the DAG files that cannot be read, and why. Exit code 1 if there are any."""
    wiring = wire()
    if local:
        rows = [
            {"filepath": file.fileloc, "error": file.error}
            for file in reading.read_dags_folder(wiring)
            if file.error is not None
        ]
    else:
        with wiring.database.read() as connection:
            found, _ = import_errors.list_import_errors(connection, ImportErrorFilters())
        rows = [{"filepath": row.filename, "error": row.stack_trace} for row in found]
    if output == "table" and rows:
        click.echo("\n\n".join(block(row["filepath"], row["error"]) for row in rows))
    else:
        show(rows, columns=("filepath", "error"), output=output, empty="No import errors.")
    if rows:
        sys.exit(1)


@click.command(cls=Command)
@output_option
def reserialize(output: str) -> None:
    """Read all DAG files again, now, and keep what they say. Exit code 1 if one cannot be read."""
    wiring = wire()
    check_airflow_package()
    parsed = DagProcessor(wiring.settings, wiring.database).run_once()
    with wiring.database.read() as connection:
        found, _ = import_errors.list_import_errors(connection, ImportErrorFilters())
    errors = {row.filename: row.stack_trace for row in found}
    rows = [
        {
            "filepath": file.fileloc,
            "dags": [] if file.fileloc in errors else [plan.dag_id for plan in file.plans],
            "duration_s": round(file.duration_s, 3),
            "error": errors.get(file.fileloc, "").partition("\n")[0] or None,
        }
        for file in parsed
    ]
    columns = ("filepath", "dags", "duration_s", "error")
    show(rows, columns=columns, output=output, empty="No DAG files.")
    if any(row["error"] for row in rows):
        sys.exit(1)

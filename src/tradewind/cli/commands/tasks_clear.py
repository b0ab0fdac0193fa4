"""`tradewind tasks clear` and `tradewind dags clear`."""

import dataclasses
from datetime import datetime

import click

from tradewind.cli import inbox
from tradewind.cli.failures import say
from tradewind.cli.finding import find_dag, find_plan, matching
from tradewind.cli.lazy import Command
from tradewind.cli.moments import DATE
from tradewind.cli.output import output_option, show
from tradewind.cli.preview import preview
from tradewind.cli.wiring import Wiring, wire
from tradewind.model.commands import ClearTasks
from tradewind.model.errors import NotFound
from tradewind.storage.listings import dags as dag_listing
from tradewind.storage.listings.dags import DagFilters

COLUMNS = ("dag_id", "run_id", "task_id", "map_index")


@click.command(cls=Command)
@click.argument("dag_id")
@click.option("-t", "--task-regex", help="Only tasks whose id matches this regular expression.")
@click.option("-s", "--start-date", type=DATE, help="Only runs from this logical date on.")
@click.option("-e", "--end-date", type=DATE, help="Only runs up to this logical date.")
@click.option("-u", "--upstream", is_flag=True, help="Also the tasks upstream.")
@click.option("-d", "--downstream", is_flag=True, help="Also the tasks downstream.")
@click.option("-f", "--only-failed", is_flag=True, help="Only what failed.")
@click.option("-r", "--only-running", is_flag=True, help="Only what is running.")
@click.option("-R", "--dag-regex", is_flag=True, help="Take every DAG whose id matches DAG_ID.")
@click.option("--run-id", "run_ids", multiple=True, help="Only this run; may be repeated.")
@click.option("-n", "--dry-run", is_flag=True, help="Only show what would be cleared.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@output_option
def clear(
    dag_id: str,
    task_regex: str | None,
    start_date: datetime | None,
    end_date: datetime | None,
    upstream: bool,
    downstream: bool,
    only_failed: bool,
    only_running: bool,
    dag_regex: bool,
    run_ids: tuple[str, ...],
    dry_run: bool,
    yes: bool,
    output: str,
) -> None:
    """Clear task instances, so that they run again."""
    wiring = wire()
    chosen = [
        ClearTasks(
            dag_id=each,
            run_ids=run_ids,
            start_date=wiring.moment(start_date) if start_date else None,
            end_date=wiring.moment(end_date) if end_date else None,
            task_ids=_task_ids(wiring, each, task_regex),
            include_upstream=upstream,
            include_downstream=downstream,
            only_failed=only_failed,
            only_running=only_running,
        )
        for each in _dag_ids(wiring, dag_id, dag_regex)
    ]
    _clear(wiring, chosen, dry_run=dry_run, yes=yes, output=output)


@click.command("clear", cls=Command)
@click.argument("dag_id")
@click.option("--run-id", "run_ids", multiple=True, help="This run; may be repeated.")
@click.option("-s", "--start-date", type=DATE, help="Runs from this logical date on.")
@click.option("-e", "--end-date", type=DATE, help="Runs up to this logical date.")
@click.option("-f", "--only-failed", is_flag=True, help="Only what failed in them.")
@click.option("-r", "--only-running", is_flag=True, help="Only what is running in them.")
@click.option("--only-new", is_flag=True, help="Only run tasks that are new in the newest version.")
@click.option(
    "--latest-version", is_flag=True, help="Have them take the DAG's newest version first."
)
@click.option("-n", "--dry-run", is_flag=True, help="Only show what would be cleared.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@output_option
def clear_runs(
    dag_id: str,
    run_ids: tuple[str, ...],
    start_date: datetime | None,
    end_date: datetime | None,
    only_failed: bool,
    only_running: bool,
    only_new: bool,
    latest_version: bool,
    dry_run: bool,
    yes: bool,
    output: str,
) -> None:
    """Clear runs, so that their tasks run again: those named, or those of a range of dates."""
    if not run_ids and start_date is None and end_date is None:
        raise click.UsageError("say which runs: --run-id, or --start-date and --end-date")
    wiring = wire()
    with wiring.database.read() as connection:
        find_dag(connection, dag_id)
    command = ClearTasks(
        dag_id=dag_id,
        run_ids=run_ids,
        start_date=wiring.moment(start_date) if start_date else None,
        end_date=wiring.moment(end_date) if end_date else None,
        only_failed=only_failed,
        only_running=only_running,
        only_new=only_new,
        run_on_latest_version=latest_version,
    )
    _clear(wiring, [command], dry_run=dry_run, yes=yes, output=output)


def _clear(
    wiring: Wiring, chosen: list[ClearTasks], *, dry_run: bool, yes: bool, output: str
) -> None:
    """Show what would be cleared, ask unless told not to, and do it."""
    affected = [row for each in chosen for row in _would_clear(wiring, each)]
    if dry_run or not affected:
        show(affected, columns=COLUMNS, output=output, empty="Nothing to clear.")
        return
    if not yes:
        show(affected, columns=COLUMNS, output=output)
        click.confirm(f"Clear these {len(affected)} task instances?", abort=True, err=True)
    answers = [inbox.ask(wiring, each) for each in chosen]
    if yes:
        show(affected, columns=COLUMNS, output=output)
    if None in answers:
        say(inbox.NOBODY)
    else:
        number = sum(len((answer or {}).get("task_instances", ())) for answer in answers)
        say(f"Cleared {number} task instance{'' if number == 1 else 's'}.")


def _dag_ids(wiring: Wiring, dag_id: str, as_regex: bool) -> list[str]:
    with wiring.database.read() as connection:
        if not as_regex:
            return [find_dag(connection, dag_id).dag_id]
        known = [row.dag_id for row in dag_listing.list_dags(connection, DagFilters())[0]]
    found = matching(dag_id, known)
    if not found:
        raise NotFound(f"no DAG matches {dag_id!r}")
    return found


def _task_ids(wiring: Wiring, dag_id: str, regex: str | None) -> tuple[str, ...]:
    if regex is None:
        return ()
    with wiring.database.read() as connection:
        plan = find_plan(connection, dag_id)
    known = [task.task_id for task in plan.tasks]
    found = matching(regex, known)
    if not found:
        raise NotFound(f"no task of DAG {dag_id!r} matches {regex!r}: {', '.join(known)}")
    return tuple(found)


def _would_clear(wiring: Wiring, command: ClearTasks) -> list[dict[str, object]]:
    answer = preview(wiring, dataclasses.replace(command, dry_run=True))
    keys = answer.get("task_instances", ())
    return [dict(zip(COLUMNS, (command.dag_id, *key), strict=True)) for key in keys]

"""`tradewind dags trigger|list-runs|state|pause|unpause`."""

import getpass
from contextlib import closing
from datetime import datetime
from typing import Any

import click

from tradewind.cli import inbox
from tradewind.cli.asking_timetables import Asking
from tradewind.cli.failures import say
from tradewind.cli.finding import find_dag, find_plan, find_run, matching
from tradewind.cli.lazy import Command
from tradewind.cli.moments import DATE, JSON_OBJECT
from tradewind.cli.output import columns_option, output_option, show, show_one
from tradewind.cli.wiring import Wiring, wire
from tradewind.core.abilities import not_yet
from tradewind.forecast.upcoming import OVERDUE_MAX, upcoming
from tradewind.model.commands import TriggerRun
from tradewind.model.errors import NotFound
from tradewind.model.states import RunState, RunType
from tradewind.server.run_requests import check_conf, check_run_id, manual_run_id
from tradewind.storage import bells
from tradewind.storage import dags as stored_dags
from tradewind.storage.fleet import find_runs
from tradewind.storage.listings import dags as dag_listing
from tradewind.storage.listings import runs
from tradewind.storage.listings.criteria import Range, Search
from tradewind.storage.listings.dags import DagFilters
from tradewind.storage.listings.runs import RunFilters, count_unfinished

COLUMNS = ("dag_id", "run_id", "state", "run_after", "logical_date", "start_date", "end_date")


@click.command(cls=Command)
@click.argument("dag_id")
@click.option("-c", "--conf", type=JSON_OBJECT, default="{}", help="The run's conf, a JSON object.")
@click.option("-l", "--logical-date", type=DATE, help="The run's logical date; none if left out.")
@click.option("-r", "--run-id", help="The run's id; made from the time if left out.")
@click.option(
    "--replace-microseconds/--no-replace-microseconds",
    default=True,
    show_default=True,
    help="Set the microseconds of the logical date to zero.",
)
@output_option
def trigger(
    dag_id: str,
    conf: dict[str, Any],
    logical_date: datetime | None,
    run_id: str | None,
    replace_microseconds: bool,
    output: str,
) -> None:
    """Make a run of a DAG now.

    The run of a paused DAG waits until the DAG is unpaused. With no scheduler running the request
    waits for one.
    """
    wiring = wire()
    with wiring.database.read() as connection:
        dag = find_dag(connection, dag_id)
        plan = find_plan(connection, dag_id)
    if dag.has_import_errors:
        say(
            f"{dag.fileloc} cannot be read since it was changed (`dags list-import-errors` says "
            f"why); the run is made from version {dag.version}, its tasks fail until it can."
        )
    if run_id is not None:
        check_run_id(run_id, wiring.settings.scheduler.allowed_run_id_pattern)
    if wiring.settings.core.dag_run_conf_overrides_params:
        check_conf(plan, conf)
    now = wiring.now()
    if logical_date is not None:
        logical_date = wiring.moment(logical_date)
        if replace_microseconds:
            logical_date = logical_date.replace(microsecond=0)
    elif plan.manual_run_is_dated and replace_microseconds:
        now = now.replace(microsecond=0)  # it becomes the date
    command = TriggerRun(
        dag_id=dag_id,
        run_id=run_id or manual_run_id(plan, now, logical_date),
        run_after=now,
        logical_date=logical_date,
        conf=conf,
        triggered_by="cli",
        triggering_user_name=getpass.getuser(),
    )
    answer = inbox.ask(wiring, command)
    if answer is None:
        say(inbox.NOBODY)
        show_one({"dag_id": dag_id, "run_id": command.run_id, "state": None}, output=output)
        return
    with wiring.database.read() as connection:
        run = find_run(wiring, connection, dag_id, answer["run_id"])
    show([_row(run)], columns=(*COLUMNS, "conf"), output=output)
    if dag.is_paused:
        say(f"The DAG is paused: the run waits until `dags unpause {dag_id}`.")


@click.command("list-runs", cls=Command)
@click.argument("dag_id")
@click.option(
    "--state",
    type=click.Choice([state.value for state in RunState]),
    help="Only runs in this state.",
)
@click.option("-s", "--start-date", type=DATE, help="Only runs from this logical date on.")
@click.option("-e", "--end-date", type=DATE, help="Only runs up to this logical date.")
@click.option("--no-backfill", is_flag=True, help="Leave out runs made by a backfill.")
@columns_option(COLUMNS, "run_type", "conf", "triggered_by", "note")
@output_option
def list_runs(
    dag_id: str,
    state: str | None,
    start_date: datetime | None,
    end_date: datetime | None,
    no_backfill: bool,
    columns: tuple[str, ...],
    output: str,
) -> None:
    """List the runs of a DAG, latest first."""
    wiring = wire()
    bounds = Range(
        gte=wiring.moment(start_date) if start_date else None,
        lte=wiring.moment(end_date) if end_date else None,
    )
    filters = RunFilters(
        dag_ids=(dag_id,),
        states=(state,) if state else (),
        run_types=[kind for kind in RunType if kind is not RunType.BACKFILL] if no_backfill else (),
        search=Search(ranges={"logical_date": bounds}),
    )
    with wiring.database.read() as connection:
        find_dag(connection, dag_id)
        rows, _ = runs.list_runs(connection, filters, order_by=("-run_after",))
    show([_row(row) for row in rows], columns=columns, output=output, empty="No runs.")


def _row(run: runs.RunRow) -> dict[str, Any]:
    names = (*COLUMNS, "run_type", "conf", "triggered_by", "note")
    return {name: getattr(run, name) for name in names}


@click.command(cls=Command)
@click.argument("dag_id")
@click.argument("logical_date_or_run_id")
def state(dag_id: str, logical_date_or_run_id: str) -> None:
    """Show the state of a run, with its conf if it has one."""
    wiring = wire()
    with wiring.database.read() as connection:
        run = find_run(wiring, connection, dag_id, logical_date_or_run_id)
    click.echo(f"{run.state}, {run.conf}" if run.conf else run.state)


_regex_option = click.option(
    "--treat-dag-id-as-regex", is_flag=True, help="Take every DAG whose id matches DAG_ID."
)
_yes_option = click.option("-y", "--yes", is_flag=True, help="Do not ask.")


@click.command(cls=Command)
@click.argument("dag_id")
@_regex_option
@_yes_option
@output_option
def pause(dag_id: str, treat_dag_id_as_regex: bool, yes: bool, output: str) -> None:
    """Pause a DAG: no further run starts; tasks under way go on to their end."""
    _set_paused(dag_id, is_paused=True, regex=treat_dag_id_as_regex, yes=yes, output=output)


@click.command(cls=Command)
@click.argument("dag_id")
@_regex_option
@_yes_option
@click.option("-n", "--dry-run", is_flag=True, help="Only say which runs would start.")
@output_option
def unpause(
    dag_id: str, treat_dag_id_as_regex: bool, yes: bool, dry_run: bool, output: str
) -> None:
    """Let a paused DAG run again, and say which runs start."""
    if dry_run:
        wiring = wire()
        for each in _chosen(wiring, dag_id, treat_dag_id_as_regex):
            _say_what_starts(wiring, each)
        return
    _set_paused(dag_id, is_paused=False, regex=treat_dag_id_as_regex, yes=yes, output=output)


def _chosen(wiring: Wiring, dag_id: str, regex: bool) -> list[str]:
    """The DAGs that are meant. Raises NotFound."""
    with wiring.database.read() as connection:
        if not regex:
            return [find_dag(connection, dag_id).dag_id]
        known = [row.dag_id for row in dag_listing.list_dags(connection, DagFilters())[0]]
    chosen = matching(dag_id, known)
    if not chosen:
        raise NotFound(f"no DAG matches {dag_id!r}")
    return chosen


def _set_paused(dag_id: str, *, is_paused: bool, regex: bool, yes: bool, output: str) -> None:
    wiring = wire()
    chosen = _chosen(wiring, dag_id, regex)
    if regex and not yes:
        verb = "Pause" if is_paused else "Unpause"
        click.confirm(f"{verb} {', '.join(chosen)}?", abort=True, err=True)
    if not is_paused:
        for each in chosen:
            _say_what_starts(wiring, each)
    with wiring.database.write() as connection:
        for each in chosen:
            stored_dags.set_paused(connection, each, is_paused)
    bells.ring(wiring.database, "scheduler")
    rows = [{"dag_id": each, "is_paused": is_paused} for each in chosen]
    show(rows, columns=("dag_id", "is_paused"), output=output)


def _say_what_starts(wiring: Wiring, dag_id: str) -> None:
    """Which runs there are as soon as the DAG is not paused any more."""
    with wiring.database.read() as connection, closing(Asking(wiring)) as ask:
        (dag,) = stored_dags.snapshots(connection, [dag_id])
        waiting = count_unfinished(connection, dag_id)
        coming = upcoming(dag, wiring.now(), 1, lambda query: find_runs(connection, query), ask)
    parts = []
    if waiting:
        runs_are = "1 unfinished run goes" if waiting == 1 else f"{waiting} unfinished runs go"
        parts.append(f"{runs_are} on")
    if reasons := not_yet(dag.plan):
        parts.append(f"it cannot be run yet, and its schedule makes no runs: {'; '.join(reasons)}")
    elif coming.why_none is not None:
        parts.append(
            f"its schedule makes no runs: {coming.why_none}; `dags trigger {dag_id}` makes one"
        )
    if (due := len(coming.overdue)) == 1:
        parts.append(f"{coming.overdue[0].run_id} starts at once")
    elif due:
        first, last = coming.overdue[0].run_id, coming.overdue[-1].run_id
        most = dag.plan.max_active_runs
        more = "" if due < OVERDUE_MAX else " and more"
        parts.append(
            f"{due} runs{more} are due and start at once, {most} at a time, from {first} to {last} "
            "(catchup is on)"
        )
    parts += [f"then {run.run_id} at {run.info.run_after.isoformat()}" for run in coming.next]
    say(f"{dag_id}: {'; '.join(parts) or 'its schedule makes no further run'}.")

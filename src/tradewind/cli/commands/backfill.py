"""`tradewind backfill ...`: both forms, the one of 1.10 and 2.x in the foreground, and `create`."""

import getpass
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import click

from tradewind.cli import inbox
from tradewind.cli.backfill_options import legacy_options
from tradewind.cli.backfill_progress import watch
from tradewind.cli.failures import say
from tradewind.cli.finding import find_plan
from tradewind.cli.lazy import LazyGroup
from tradewind.cli.moments import DATE, JSON_OBJECT
from tradewind.cli.output import output_option, show, show_one
from tradewind.cli.preview import preview
from tradewind.cli.wiring import Wiring, wire
from tradewind.core.backfill import REPROCESSED
from tradewind.model.commands import CreateBackfill, ReprocessBehavior
from tradewind.model.errors import UserError
from tradewind.model.plan import Plan
from tradewind.server.run_requests import check_conf
from tradewind.storage.listings.criteria import Range, Search
from tradewind.storage.listings.runs import RunFilters, list_runs

_F = TypeVar("_F", bound=Callable[..., Any])


class _BothForms(LazyGroup):
    """`backfill ... DAG_ID` without a subcommand is `backfill run ... DAG_ID`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in (*self.commands, "-h", "--help"):
            args = ["run", *args]
        return super().parse_args(ctx, args)


def _dashed(option: str) -> str:
    """1.10 wrote long options with underscores."""
    return option.replace("_", "-")


@click.group(cls=_BothForms)
def backfill() -> None:
    """Run a DAG for a stretch of the past, whatever its catchup says.

    `backfill -s START -e END DAG_ID` (the same as `backfill run ...`) waits until all is done;
    `backfill create` leaves it to the scheduler. Both dates are included.
    """


def _common(command: _F) -> _F:
    for option in (
        output_option,
        click.option("-n", "--dry-run", is_flag=True, help="Only show which runs there would be."),
        click.option("-B", "--run-backwards", is_flag=True, help="Begin with the latest run."),
        click.option(
            "--reprocess-behavior",
            type=click.Choice([behavior.value for behavior in ReprocessBehavior]),
            default=ReprocessBehavior.NONE.value,
            show_default=True,
            help="Which existing runs are run again: none, the failed, or all that ended.",
        ),
    ):
        command = option(command)
    return command


@backfill.command(context_settings={"token_normalize_func": _dashed})
@click.argument("dag_id")
@click.option("-s", "--start-date", type=DATE, required=True, help="First date, included.")
@click.option("-e", "--end-date", type=DATE, help="Last date, included; the first if left out.")
@click.option("-c", "--conf", type=JSON_OBJECT, default="{}", help="Each run's conf.")
@click.option(
    "--max-active-runs",
    type=click.IntRange(min=1),
    help="Runs at once; what the DAG says if left out.",
)
@click.option(
    "--reset-dagruns",
    is_flag=True,
    help="Run existing runs again: the same as --reprocess-behavior completed.",
)
@click.option(
    "--rerun-failed-tasks",
    is_flag=True,
    help="Run failed runs again: the same as --reprocess-behavior failed.",
)
@click.option("--detach", is_flag=True, help="Leave it to the scheduler and return at once.")
@legacy_options
@_common
def run(
    dag_id: str,
    start_date: datetime,
    end_date: datetime | None,
    conf: dict[str, Any],
    max_active_runs: int | None,
    reset_dagruns: bool,
    rerun_failed_tasks: bool,
    detach: bool,
    reprocess_behavior: str,
    run_backwards: bool,
    dry_run: bool,
    output: str,
) -> None:
    """Run a DAG for every scheduled date from START to END and wait for the end.

    Also while the DAG is paused. Exit code 1 if a run failed. Ctrl-C cancels what has not begun.
    """
    wiring = wire()
    with wiring.database.read() as connection:
        plan = find_plan(connection, dag_id)
    _check_conf(wiring, plan, conf)
    if reset_dagruns or rerun_failed_tasks:
        reprocess_behavior = (
            ReprocessBehavior.COMPLETED if reset_dagruns else ReprocessBehavior.FAILED
        )
    command = _command(
        wiring,
        dag_id,
        start_date,
        end_date or start_date,
        conf=conf,
        max_active_runs=max_active_runs or plan.max_active_runs,
        reprocess_behavior=reprocess_behavior,
        run_backwards=run_backwards,
        ignore_dag_pause=True,
        dry_run=dry_run,
    )
    if dry_run or detach:
        _give(wiring, command, output)
        return
    if not inbox.scheduler_is_running(wiring):
        raise UserError(
            "no scheduler is running, so nothing would run: start `tradewind standalone`, "
            "or leave the backfill for it with --detach"
        )
    answer = inbox.ask(wiring, command) or {}
    sys.exit(watch(wiring, int(answer["backfill_id"])))


@backfill.command()
@click.option("--dag-id", required=True, help="The DAG.")
@click.option("--from-date", type=DATE, required=True, help="First date, included.")
@click.option("--to-date", type=DATE, required=True, help="Last date, included.")
@click.option("--dag-run-conf", type=JSON_OBJECT, default="{}", help="Each run's conf.")
@click.option(
    "--max-active-runs",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    help="Runs at once.",
)
@_common
def create(
    dag_id: str,
    from_date: datetime,
    to_date: datetime,
    dag_run_conf: dict[str, Any],
    max_active_runs: int,
    reprocess_behavior: str,
    run_backwards: bool,
    dry_run: bool,
    output: str,
) -> None:
    """Leave a backfill to the scheduler. Its runs wait while the DAG is paused."""
    wiring = wire()
    with wiring.database.read() as connection:
        plan = find_plan(connection, dag_id)
    _check_conf(wiring, plan, dag_run_conf)
    command = _command(
        wiring,
        dag_id,
        from_date,
        to_date,
        conf=dag_run_conf,
        max_active_runs=max_active_runs,
        reprocess_behavior=reprocess_behavior,
        run_backwards=run_backwards,
        ignore_dag_pause=False,
        dry_run=dry_run,
    )
    _give(wiring, command, output)


def _check_conf(wiring: Wiring, plan: Plan, conf: dict[str, Any]) -> None:
    if conf and wiring.settings.core.dag_run_conf_overrides_params:
        check_conf(plan, conf)


def _command(
    wiring: Wiring, dag_id: str, first: datetime, last: datetime, **rest: Any
) -> CreateBackfill:
    from_date, to_date = wiring.moment(first), wiring.moment(last)
    if to_date < from_date:
        raise click.BadParameter(f"the end {to_date.date()} is before the start {from_date.date()}")
    return CreateBackfill(
        dag_id=dag_id,
        from_date=from_date,
        to_date=to_date,
        triggering_user_name=getpass.getuser(),
        **rest,
    )


def _give(wiring: Wiring, command: CreateBackfill, output: str) -> None:
    if command.dry_run:
        _look_ahead(wiring, command, output)
        return
    answer = inbox.ask(wiring, command)
    if answer is None:
        say(inbox.NOBODY)
    else:
        facts = {"backfill_id": answer["backfill_id"], "dag_id": command.dag_id}
        dates = {"from_date": command.from_date, "to_date": command.to_date}
        show_one({**facts, **dates}, output=output)


def _look_ahead(wiring: Wiring, command: CreateBackfill, output: str) -> None:
    """Each run of the interval, the state of one that is there already, and what becomes of it."""
    answer = preview(wiring, command)
    interval = Range(gte=command.from_date, lte=command.to_date)
    filters = RunFilters(
        dag_ids=(command.dag_id,), search=Search(ranges={"logical_date": interval})
    )
    with wiring.database.read() as connection:
        there = {run.logical_date: run for run in list_runs(connection, filters)[0]}
    rows = []
    again = REPROCESSED[command.reprocess_behavior]
    for date, run_after in answer["runs"]:
        run = there.get(datetime.fromisoformat(date))
        action = "run" if run is None else "run again" if run.state in again else "leave as it is"
        state = run.state if run else None
        row = {"logical_date": date, "run_after": run_after, "state": state, "action": action}
        rows.append(row)
    columns = ("logical_date", "run_after", "state", "action")
    show(rows, columns=columns, output=output, empty="The schedule names no run in that time.")

"""`tradewind plan`: what will run, and when."""

import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from tradewind.cli.failures import say
from tradewind.cli.finding import did_you_mean
from tradewind.cli.forecast_page import as_data, write_page
from tradewind.cli.forecasting import UNREAD, Window, World, given_durations
from tradewind.cli.lazy import Command
from tradewind.cli.moments import DATE
from tradewind.cli.output import Row, output_option, show, show_one
from tradewind.cli.wiring import wire
from tradewind.forecast.comparison import Difference, compare
from tradewind.forecast.durations import GUESS_S, Durations
from tradewind.forecast.findings import LATE, RULES, Finding, findings, words
from tradewind.forecast.result import DagForecast, Forecast, RunForecast
from tradewind.model.errors import NotFound

ANY = "any"
DAG_COLUMNS = (
    "dag_id",
    "schedule",
    "runs",
    "first",
    "last_end",
    "longest",
    "most_at_once",
    "waited",
)
RUN_COLUMNS = ("dag_id", "run_id", "run_after", "first_task", "end", "state", "tasks", "waited")
SLOT_COLUMNS = ("slots_of", "slots", "peak", "peak_at", "busy", "tasks_waited")
FINDING_COLUMNS = ("rule", "what", "message")
DIFFERENCE_COLUMNS = ("dag_id", "added", "dropped", "moved", "ends_later_by")


@click.command(cls=Command)
@click.option(
    "-d",
    "--days",
    type=click.FloatRange(0, min_open=True),
    default=1.0,
    show_default=True,
    help="How far to look ahead.",
)
@click.option("--start", type=DATE, help="Begin then instead of now.")
@click.option(
    "-l",
    "--local",
    is_flag=True,
    help="Take the DAGs from their files as they are now, not from the database.",
)
@click.option(
    "--compare",
    "folder",
    metavar="FOLDER",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Show what would change if the DAG files were those in this folder.",
)
@click.option("--include-paused", is_flag=True, help="As if every DAG were unpaused.")
@click.option(
    "--dag-id",
    "pattern",
    metavar="REGEX",
    help="Show only DAGs whose id matches (all are played: they share slots).",
)
@click.option("--runs", "each_run", is_flag=True, help="List every run, not only every DAG.")
@click.option(
    "--duration",
    type=click.FloatRange(0),
    default=GUESS_S,
    show_default=True,
    help="Seconds for a task that has no history.",
)
@click.option(
    "--durations",
    "durations_file",
    metavar="FILE",
    help="JSON or YAML of {DAG_ID: SECONDS} or {DAG_ID: {TASK_ID: SECONDS}}.",
)
@click.option(
    "--quantile",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="Of the latest 20 durations of a task, which to take: 1 for the longest.",
)
@click.option(
    "--late",
    "late_min",
    type=click.FloatRange(0),
    metavar="MINUTES",
    default=LATE.total_seconds() / 60,
    show_default=True,
    help="A run that begins so long after its time is late.",
)
@click.option(
    "--fail-on",
    "fail_on",
    multiple=True,
    metavar="RULE",
    type=click.Choice((*RULES, UNREAD, ANY)),
    help=f"Exit with 1 if there is such a finding: {', '.join((*RULES, UNREAD, ANY))}.",
)
@click.option(
    "--html",
    "page",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also write a page with a timeline, in one file.",
)
@output_option
def plan(
    days: float,
    start: datetime | None,
    local: bool,
    folder: Path | None,
    include_paused: bool,
    pattern: str | None,
    each_run: bool,
    duration: float,
    durations_file: str | None,
    quantile: float,
    late_min: float,
    fail_on: tuple[str, ...],
    page: Path | None,
    output: str,
) -> None:
    """Show what will run: the scheduler's own rules, played ahead; nothing is executed.

    Every task is taken to succeed, in the time it took lately. What is running or waiting now is
    counted in.
    """
    wiring = wire()
    begin = wiring.now() if start is None else wiring.moment(start)
    window = Window(begin, begin + timedelta(days=days))
    wanted = _pattern(pattern)
    world = World(wiring)
    durations = Durations(given_durations(durations_file), world.history(quantile), duration)
    if local:
        world.use_folder(wiring.settings.core.dags_folder)
    if include_paused:
        world.unpause()
    found = world.play(window, durations)
    late = timedelta(minutes=late_min)
    known = [*world.unread, *findings(found, late=late)]
    before = None
    if folder is not None:
        before, old = found, {(one.rule, one.what) for one in known}
        world.use_folder(folder.absolute())
        if include_paused:
            world.unpause()
        found = world.play(window, durations)
        known = [*world.unread, *findings(found, late=late)]
        known = [one for one in known if (one.rule, one.what) not in old]
    if wanted is not None:
        known = [one for one in known if one.what not in found.dags or wanted.search(one.what)]
        _keep(found, wanted, pattern or "")
        if before is not None:
            before.dags = {k: dag for k, dag in before.dags.items() if wanted.search(k)}
    if page is not None:
        write_page(page, found, known)
        say(f"Written: {page}")
    differences = compare(before, found) if before is not None else None
    _show(found, known, differences, each_run=each_run, output=output)
    if any(one.rule in fail_on or ANY in fail_on for one in known):
        sys.exit(1)


def _pattern(text: str | None) -> re.Pattern[str] | None:
    try:
        return None if text is None else re.compile(text)
    except re.error as error:
        raise click.BadParameter(f"{text!r} is not a regular expression: {error}.") from error


def _keep(found: Forecast, wanted: re.Pattern[str], pattern: str) -> None:
    dags = {dag_id: dag for dag_id, dag in found.dags.items() if wanted.search(dag_id)}
    if not dags:
        raise NotFound(f"no DAG id matches {pattern!r}{did_you_mean(pattern, found.dags)}")
    found.dags = dags


def _show(
    found: Forecast,
    known: Sequence[Finding],
    differences: Sequence[Difference] | None,
    *,
    each_run: bool,
    output: str,
) -> None:
    if output in ("json", "yaml"):
        show_one(as_data(found, known, differences), output=output)
        return
    if differences is not None:
        rows = [_difference_row(one) for one in differences]
        show(rows, columns=DIFFERENCE_COLUMNS, output=output, empty="Nothing changes.")
    elif each_run:
        show(map(_run_row, found.runs()), columns=RUN_COLUMNS, output=output, empty="No runs.")
    else:
        rows = [_dag_row(name, dag) for name, dag in sorted(found.dags.items()) if dag.runs]
        show(rows, columns=DAG_COLUMNS, output=output, empty="No runs.")
    if output == "plain":
        return
    click.echo()
    show(_slot_rows(found), columns=SLOT_COLUMNS, output=output)
    click.echo()
    rows = [{"rule": one.rule, "what": one.what, "message": one.message} for one in known]
    show(rows, columns=FINDING_COLUMNS, output=output, empty="Nothing to worry about.")
    silent = sorted((dag_id, dag.left_out) for dag_id, dag in found.dags.items() if dag.left_out)
    paused = [dag_id for dag_id, why in silent if why == "the DAG is paused"]
    for dag_id, why in silent:
        if dag_id not in paused:
            say(f"{dag_id}: its schedule makes no runs: {why}")
    if paused:
        say(f"Paused, and left out: {', '.join(paused)} (--include-paused takes them in).")
    runs = sum(len(dag.runs) for dag in found.dags.values())
    say(
        f"{runs} runs, {found.tasks} tasks from {_short(found.start)} to {_short(found.until)} UTC; "
        f"{found.events} events were played."
    )


def _dag_row(dag_id: str, dag: DagForecast) -> Row:
    ends = [run.end for run in dag.runs if run.end is not None]
    spans = [run.end - run.start for run in dag.runs if run.end and run.start]
    return {
        "dag_id": dag_id,
        "schedule": dag.schedule,
        "runs": len(dag.runs),
        "first": _short(min(run.run_after for run in dag.runs)),
        "last_end": _short(max(ends)) if ends else None,
        "longest": words(max(spans)) if spans else None,
        "most_at_once": dag.peak_runs,
        "waited": _waited(sum((run.waited for run in dag.runs), timedelta(0))),
    }


def _run_row(run: RunForecast) -> Row:
    return {
        "dag_id": run.dag_id,
        "run_id": run.run_id,
        "run_after": _short(run.run_after),
        "first_task": _short(run.first_task),
        "end": _short(run.end),
        "state": run.state,
        "tasks": run.tasks,
        "waited": _waited(run.waited),
    }


def _slot_rows(found: Forecast) -> list[Row]:
    span = (found.until - found.start).total_seconds()
    return [
        {
            "slots_of": f"{kind} {name}",
            "slots": use.slots,
            "peak": use.peak,
            "peak_at": _short(use.peak_at),
            "busy": f"{100 * use.busy_s / (use.slots * span):.1f} %" if use.slots > 0 else None,
            "tasks_waited": use.waits,
        }
        for kind, uses in (("pool", found.pools), ("executor", found.executors))
        for name, use in uses.items()
    ]


def _difference_row(one: Difference) -> Row:
    return {
        "dag_id": one.dag_id,
        "added": len(one.added),
        "dropped": len(one.removed),
        "moved": len(one.moved),
        "ends_later_by": _signed(one.latest_by),
    }


def _short(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def _waited(span: timedelta) -> str | None:
    return words(span) if span >= timedelta(seconds=1) else None


def _signed(span: timedelta) -> str | None:
    if not span:
        return None
    return words(span) if span > timedelta(0) else f"-{words(-span)}"

"""What the context had in 1.10 and 2.x and has no more, for DAGs of profile 2."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tradewind.authoring import configuration
from tradewind.authoring.lazy_value import LazyValue
from tradewind.authoring.meanings import timetable_of
from tradewind.authoring.run_facts import DagRun, moment
from tradewind.authoring.templating import ds, ds_nodash
from tradewind.authoring.timezone import plain_utc
from tradewind.model.intervals import DataInterval, RunInfo

if TYPE_CHECKING:
    from tradewind.authoring.dag import DAG


def values(
    run: DagRun, dag: "DAG", params: Mapping[str, Any], last_success: Callable[[], Any]
) -> dict[str, Any]:
    """The old names of a run with a logical date; `last_success` gives the date of that run."""
    date = run.logical_date
    assert date is not None
    following = LazyValue(lambda: moment(_next(run, dag)))
    before = LazyValue(lambda: moment(_previous(run, dag)))
    yesterday, tomorrow = date - timedelta(days=1), date + timedelta(days=1)
    return {
        "END_DATE": ds(date),
        "conf": configuration.conf,
        "end_date": ds(date),
        "execution_date": date,
        "latest_date": ds(date),
        "next_ds": LazyValue(lambda: ds(following.value())),
        "next_ds_nodash": LazyValue(lambda: ds_nodash(following.value())),
        "next_execution_date": following,
        "prev_ds": LazyValue(lambda: ds(before.value())),
        "prev_ds_nodash": LazyValue(lambda: ds_nodash(before.value())),
        "prev_execution_date": before,
        "prev_execution_date_success": LazyValue(last_success),
        "tables": params.get("tables"),
        "tomorrow_ds": ds(tomorrow),
        "tomorrow_ds_nodash": ds_nodash(tomorrow),
        "triggering_dataset_events": {},
        "yesterday_ds": ds(yesterday),
        "yesterday_ds_nodash": ds_nodash(yesterday),
    }


def _next(run: DagRun, dag: "DAG") -> datetime | None:
    """When the schedule's next logical date is; of a run that a user made, its own."""
    if run.is_asked_for:
        return run.logical_date
    assert run.logical_date is not None
    assert run.run_after is not None
    start, end = run.data_interval_start, run.data_interval_end
    interval = None if start is None or end is None else DataInterval(*map(plain_utc, (start, end)))
    last = RunInfo(plain_utc(run.run_after), interval)
    info = timetable_of(dag).next_run(
        last=last, earliest=None, latest=None, catchup=True, now=last.run_after
    )
    return None if info is None else info.logical_date


def _previous(run: DagRun, dag: "DAG") -> datetime | None:
    if run.is_asked_for:
        return run.logical_date
    assert run.logical_date is not None
    return timetable_of(dag).previous(plain_utc(run.logical_date))

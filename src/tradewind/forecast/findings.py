"""What in a forecast somebody should know before the night: one small rule for each kind."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tradewind.forecast.result import DagForecast, Forecast, RunForecast
from tradewind.model.states import RunState, RunType

LATE = timedelta(minutes=10)
"""A run whose first task begins so long after its time is late."""
BURST = 10
"""As many runs of one DAG made at one moment are a burst."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know."""

    rule: str
    what: str
    """The DAG, pool or executor it is about."""
    message: str
    at: datetime | None = None


def findings(found: Forecast, *, late: timedelta = LATE) -> list[Finding]:
    """All of them, in the order of RULES."""
    return [finding for rule in RULES.values() for finding in rule(found, late)]


def _late(found: Forecast, late: timedelta) -> Iterator[Finding]:
    """Runs that begin long after their time, one finding per DAG."""
    for dag_id, dag in found.dags.items():
        runs = [run for run in _scheduled(dag) if not _is_of_the_past(run, found)]
        delays = [(_began(run, found) - run.run_after, run) for run in runs]
        worst = [(delay, run) for delay, run in delays if delay > late]
        if worst:
            delay, run = max(worst, key=lambda each: each[0])
            yield Finding(
                "late",
                dag_id,
                f"{len(worst)} of {_number(len(runs), 'run')} more than {words(late)} after their "
                f"time; {run.run_id} by {words(delay)}",
                run.run_after,
            )


def _backlog(found: Forecast, late: timedelta) -> Iterator[Finding]:
    """DAGs whose runs fall due faster than they finish."""
    for dag_id, dag in found.dags.items():
        behind = found.until - dag.next if dag.next is not None else timedelta(0)
        if behind > late:
            yield Finding(
                "backlog",
                dag_id,
                f"at the end its next run is {words(behind)} overdue: max_active_runs keeps it "
                "from being made",
                dag.next,
            )


def _fails(found: Forecast, _: timedelta) -> Iterator[Finding]:
    """Runs that fail although every task succeeds."""
    for dag_id, dag in found.dags.items():
        failed = [run for run in dag.runs if run.state == RunState.FAILED]
        if failed:
            yield Finding(
                "failure",
                dag_id,
                f"{_number(len(failed), 'run')} failed although every task succeeds "
                f"(dagrun_timeout, or no such executor), first {failed[0].run_id}",
                failed[0].end,
            )


def _burst(found: Forecast, _: timedelta) -> Iterator[Finding]:
    """Many runs of one DAG made together: catching up."""
    for dag_id, dag in found.dags.items():
        past = [run for run in _scheduled(dag) if _is_of_the_past(run, found) and not run.is_there]
        if len(past) >= BURST:
            yield Finding(
                "catchup",
                dag_id,
                f"{len(past)} runs of the past, from {past[0].run_id} to {past[-1].run_id}: "
                "catchup is on",
                past[0].made_at,
            )


def _full(found: Forecast, _: timedelta) -> Iterator[Finding]:
    """Pools and executors for whose slots tasks wait."""
    for kind, uses in (("pool", found.pools), ("executor", found.executors)):
        for name, use in uses.items():
            if use.waits:
                yield Finding(
                    "full",
                    f"{kind} {name}",
                    f"{_number(use.waits, 'task')} had to wait while its {use.slots} slots were used",
                    use.peak_at,
                )


def _clock_changes(found: Forecast, _: timedelta) -> Iterator[Finding]:
    """Runs doubled, left out or put off where a DAG's time zone goes to summer or winter time.

    A day is compared with those before and after it; schedules of every hour have nothing to lose.
    """
    for dag_id, dag in found.dags.items():
        zone = _zone(dag.timezone)
        if zone is None:
            continue
        by_day: dict[date, Counter[time]] = {}
        for run in _scheduled(dag):
            wall = run.run_after.astimezone(zone)
            by_day.setdefault(wall.date(), Counter())[wall.time()] += 1
        for day, times in by_day.items():
            before, after = (by_day.get(day + timedelta(days=by)) for by in (-1, 1))
            if before is None or after is None or not _clocks_change(day, zone):
                continue
            usual = before.keys() & after.keys()
            if any(_is_hourly(of_day) for of_day in (before, times, after)):
                continue
            odd = [
                *(f"not at {at:%H:%M}" for at in sorted(usual - times.keys())),
                *(f"at {at:%H:%M} instead" for at in sorted(times.keys() - usual)),
                *(f"twice at {at:%H:%M}" for at, count in sorted(times.items()) if count > 1),
            ]
            if odd:
                message = f"on {day}, when the clocks of {dag.timezone} change: {', '.join(odd)}"
                yield Finding("clock", dag_id, message, datetime.combine(day, time(12), zone))


RULES: dict[str, Callable[[Forecast, timedelta], Iterator[Finding]]] = {
    "failure": _fails,
    "backlog": _backlog,
    "late": _late,
    "full": _full,
    "catchup": _burst,
    "clock": _clock_changes,
}
"""By the names that `--fail-on` takes."""


def _is_hourly(times: Iterable[time]) -> bool:
    """Whether a day with these runs has one in every hour; the shortest has 23."""
    return len({at.hour for at in times}) >= 23


def _began(run: RunForecast, found: Forecast) -> datetime:
    """When its first task begins; one that does not is counted as if it did at the end."""
    return run.first_task or run.end or found.until


def _scheduled(dag: DagForecast) -> list[RunForecast]:
    return [run for run in dag.runs if run.run_type == RunType.SCHEDULED]


def _is_of_the_past(run: RunForecast, found: Forecast) -> bool:
    """Whether it was due before the forecast begins."""
    return run.run_after < found.start


def _clocks_change(day: date, zone: ZoneInfo) -> bool:
    noon = datetime.combine(day, time(12), zone)
    return noon.utcoffset() != (noon - timedelta(days=1)).utcoffset()


def _zone(name: str) -> ZoneInfo | None:
    try:
        return None if name == "UTC" else ZoneInfo(name)
    except (ValueError, KeyError):  # an offset such as +02:00, which never changes
        return None


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def words(span: timedelta) -> str:
    """A duration for people: `2 d 3 h`, `4 min 10 s`, `8 s`."""
    seconds = round(span.total_seconds())
    parts = []
    for name, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {name}")
    return " ".join(parts[:2]) or "0 s"

"""What a change of the DAG files changes in what will run."""

from dataclasses import dataclass
from datetime import timedelta

from tradewind.forecast.result import Forecast, RunForecast

SAME = timedelta(seconds=1)
"""Runs whose begin or end moves by less are as they were."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What becomes of one DAG."""

    dag_id: str
    added: tuple[RunForecast, ...]
    removed: tuple[RunForecast, ...]
    moved: tuple[tuple[RunForecast, RunForecast], ...]
    """(before, after) of runs that begin or end at another time."""

    @property
    def latest_by(self) -> timedelta:
        """How much later the run ends that is put off most; negative if all end earlier."""
        shifts = [
            after.end - before.end
            for before, after in self.moved
            if before.end is not None and after.end is not None
        ]
        return max(shifts, default=timedelta(0))


def compare(before: Forecast, after: Forecast) -> list[Difference]:
    """By DAG, those that differ, in alphabetical order."""
    found = []
    for dag_id in sorted(before.dags.keys() | after.dags.keys()):
        old = _by_id(before, dag_id)
        new = _by_id(after, dag_id)
        both = [(old[run_id], new[run_id]) for run_id in old if run_id in new]
        difference = Difference(
            dag_id,
            added=tuple(run for run_id, run in new.items() if run_id not in old),
            removed=tuple(run for run_id, run in old.items() if run_id not in new),
            moved=tuple(pair for pair in both if _differ(*pair)),
        )
        if difference.added or difference.removed or difference.moved:
            found.append(difference)
    return found


def _by_id(forecast: Forecast, dag_id: str) -> dict[str, RunForecast]:
    dag = forecast.dags.get(dag_id)
    return {run.run_id: run for run in dag.runs} if dag is not None else {}


def _differ(before: RunForecast, after: RunForecast) -> bool:
    if before.state != after.state or before.tasks != after.tasks:
        return True
    for old, new in ((before.first_task, after.first_task), (before.end, after.end)):
        if (old is None) != (new is None):
            return True
        if old is not None and new is not None and abs(old - new) >= SAME:
            return True
    return False

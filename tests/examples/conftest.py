"""What the tests of the examples share: their folder, files of their own, one run of a DAG."""

import io
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tradewind.config.load import load_settings
from tradewind.model.changes import Change, TaskChanged
from tradewind.model.states import TaskState
from tradewind.testing.engine import RunResult, run_dag

EXAMPLES = Path(__file__).parents[2] / "examples"
NYC_FLIGHTS = EXAMPLES / "nyc_flights"


@pytest.fixture(autouse=True)
def import_path() -> Iterator[None]:
    """The examples can be imported, and the import path is as before afterwards."""
    before = list(sys.path)
    sys.path.insert(0, str(EXAMPLES))
    yield
    sys.path[:] = before


@pytest.fixture
def flights_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the flights example keeps its files in this test."""
    home = tmp_path / "flights"
    monkeypatch.setenv("NYC_FLIGHTS_HOME", str(home))
    return home


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run and all that it logged."""

    result: RunResult
    log: str

    @property
    def states(self) -> dict[str, TaskState]:
        return {key.task_id: task.state for key, task in self.result.tasks.items()}

    def returned(self, task_id: str) -> object:
        return {key.task_id: values for key, values in self.result.xcoms.items()}[task_id][
            "return_value"
        ]


def run(
    path: Path,
    dag_id: str,
    home: Path,
    *,
    at: datetime | None = None,
    after: dict[str, Callable[[], None]] | None = None,
) -> Run:
    """Run a DAG of an example; `after` are things to do once the named task has succeeded."""
    left = dict(after or {})
    log = io.StringIO()

    def meddle(change: Change) -> None:
        if isinstance(change, TaskChanged) and change.task.state is TaskState.SUCCESS:
            left.pop(change.task.key.task_id, lambda: None)()

    settings = load_settings(
        {"TRADEWIND_HOME": str(home), "TRADEWIND__CORE__DAGS_FOLDER": str(EXAMPLES)}
    )
    result = run_dag(
        path,
        dag_id=dag_id,
        logical_date=at,
        settings=settings,
        on_change=meddle,
        log_to=log,
    )
    assert not left, f"these tasks did not succeed: {', '.join(left)}"
    return Run(result, log.getvalue())


def run_day(
    day: datetime, home: Path, *, after: dict[str, Callable[[], None]] | None = None
) -> Run:
    """Load one day of flights. A manual run takes the last whole day before its moment."""
    return run(
        NYC_FLIGHTS / "daily.py",
        "nyc_flights",
        home,
        at=day.replace(tzinfo=UTC) + timedelta(days=1),
        after=after,
    )

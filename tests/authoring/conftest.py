"""What authoring tests share: a host that answers from memory, and attempts to build contexts of."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tradewind.authoring import configuration, host, profile, scopes
from tradewind.model.attempts import Attempt, RunFacts
from tradewind.model.keys import TaskKey
from tradewind.model.requests import (
    DeleteVariable,
    GetConnection,
    GetVariable,
    PreviousRun,
    PullXCom,
    Request,
    SetVariable,
    TimetableQuestions,
    VariableKeys,
)
from tradewind.model.states import RunType

DAY = datetime(2024, 1, 31, tzinfo=UTC)


class MemoryHost:
    """Answers as storage would, from dicts."""

    def __init__(self) -> None:
        self.variables: dict[str, str] = {}
        self.connections: dict[str, dict[str, Any]] = {}
        self.xcoms: dict[tuple[str, int, str], Any] = {}
        self.pushed: dict[str, Any] = {}
        self.previous: dict[str, Any] | None = None
        self.asked: list[Request] = []

    def ask(self, request: Request) -> Any:
        self.asked.append(request)
        match request:
            case GetVariable(key=key):
                return self.variables.get(key)
            case SetVariable(key=key, value=value):
                self.variables[key] = value
            case DeleteVariable(key=key):
                self.variables.pop(key, None)
            case VariableKeys(prefix=prefix):
                return sorted(key for key in self.variables if key.startswith(prefix))
            case GetConnection(conn_id=conn_id):
                return self.connections.get(conn_id)
            case PreviousRun():
                return self.previous
            case TimetableQuestions():
                return {"until": None, "questions": []}
            case PullXCom(key=key, task_ids=task_ids):
                wanted = task_ids or sorted({task for task, _, _ in self.xcoms})
                return [
                    [task, index, value]
                    for wanted_task in wanted
                    for (task, index, name), value in sorted(self.xcoms.items())
                    if task == wanted_task and key in (name, None)
                ]
        return None

    def push_xcom(self, key: str, value: Any) -> None:
        self.pushed[key] = value


@pytest.fixture(autouse=True)
def reports() -> Iterator[None]:
    """What one test shows to be of 2.x counts for no other."""
    with profile.reports_of_one_file():
        yield


@pytest.fixture
def memory() -> Iterator[MemoryHost]:
    """A host for the length of a test."""
    answering = MemoryHost()
    with host.use(answering):
        yield answering


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No open DAG and default options, whatever another test left."""
    scopes.DagContext.clear()
    scopes.TaskGroupContext.clear()
    configuration.use(None)
    yield
    configuration.use(None)


def attempt(
    task_id: str = "t",
    dag_id: str = "d",
    *,
    logical_date: datetime | None = DAY,
    conf: dict[str, Any] | None = None,
    try_number: int = 1,
    run_type: RunType = RunType.MANUAL,
) -> Attempt:
    """An attempt, of a manual run if not told otherwise."""
    return Attempt(
        token="1-1",
        epoch=1,
        key=TaskKey(dag_id, "run-1", task_id),
        try_number=try_number,
        max_tries=0,
        fileloc="d.py",
        code_hash="h",
        queue="default",
        executor=None,
        run=RunFacts(
            run_type=run_type,
            run_after=DAY,
            logical_date=logical_date,
            data_interval_start=logical_date,
            data_interval_end=logical_date,
            start_date=DAY,
            conf=conf or {},
        ),
    )

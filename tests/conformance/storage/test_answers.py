"""Every question user code may ask, on both engines."""

from datetime import timedelta
from typing import Any

import pytest

from tests.conformance.storage.builders import NOW, a_run, put, put_run
from tradewind.model.changes import XComWritten
from tradewind.model.keys import TaskKey
from tradewind.model.requests import (
    REQUESTS,
    DeleteVariable,
    GetConnection,
    GetVariable,
    PreviousRun,
    PullXCom,
    Request,
    RunStateOf,
    SetVariable,
    TaskStatesOf,
    VariableKeys,
)
from tradewind.model.snapshots import TaskSnapshot
from tradewind.model.states import RunState, TaskState
from tradewind.storage import answers, connections
from tradewind.storage.database import Database
from tradewind.storage.secrets import Cipher, generate_key

CIPHER = Cipher(generate_key())


def ask(database: Database, request: Request) -> Any:
    with database.write() if answers.is_write(request) else database.read() as conn:
        return answers.answer(conn, request, CIPHER)


def test_every_request_has_an_answer() -> None:
    assert set(answers._ANSWERS) == set(REQUESTS.values())


def test_variables(database: Database) -> None:
    assert ask(database, GetVariable(key="region")) is None
    ask(database, SetVariable(key="region", value="north"))
    ask(database, SetVariable(key="region", value="süd"))
    ask(database, SetVariable(key="re%ion", value="x"))
    assert ask(database, GetVariable(key="region")) == "süd"
    assert ask(database, VariableKeys()) == ["re%ion", "region"]
    assert ask(database, VariableKeys(prefix="re%")) == ["re%ion"]
    ask(database, DeleteVariable(key="region"))
    ask(database, DeleteVariable(key="region"))
    assert ask(database, VariableKeys()) == ["re%ion"]


def test_connections(database: Database) -> None:
    fields = {"conn_id": "dwh", "conn_type": "postgres", "password": "s3cret", "extra": '{"a": 1}'}
    with database.write() as conn:
        connections.upsert(conn, fields, CIPHER)
    assert ask(database, GetConnection(conn_id="dwh")) == {
        **dict.fromkeys(connections.FIELDS),
        **fields,
    }
    assert ask(database, GetConnection(conn_id="nope")) is None


@pytest.fixture
def three_days(database: Database) -> Database:
    """Three runs; each task of each has pushed, except that the last run pushed only `b`."""
    for day in range(3):
        run_id = f"r{day}"
        put_run(
            database,
            a_run(
                run_id,
                logical_date=NOW + timedelta(days=day),
                state=RunState.FAILED if day == 1 else RunState.SUCCESS,
                end_date=NOW,
                tasks=(
                    TaskSnapshot(key=TaskKey("sales", run_id, "a"), state=TaskState.SUCCESS),
                    *(TaskSnapshot(key=TaskKey("sales", run_id, "b", index)) for index in range(2)),
                ),
            ),
        )
        for task_id, index in [("a", -1)] * (day < 2) + [("b", 1), ("b", 0)]:
            key = TaskKey("sales", run_id, task_id, index)
            put(database, XComWritten(key, "return_value", f"{task_id}{index} of day {day}"))
    return database


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"task_ids": ("a",)}, []),
        ({"task_ids": ("b",)}, [["b", 0, "b0 of day 2"], ["b", 1, "b1 of day 2"]]),
        ({"task_ids": ("b",), "map_indexes": (1,)}, [["b", 1, "b1 of day 2"]]),
        ({"task_ids": ("b",), "key": "other"}, []),
        ({"task_ids": ("a",), "include_prior_dates": True}, [["a", -1, "a-1 of day 1"]]),
        (
            {"task_ids": ("b", "a"), "run_id": "r0"},
            [["b", 0, "b0 of day 0"], ["b", 1, "b1 of day 0"], ["a", -1, "a-1 of day 0"]],
        ),
        (
            {"run_id": "r1"},
            [["a", -1, "a-1 of day 1"], ["b", 0, "b0 of day 1"], ["b", 1, "b1 of day 1"]],
        ),
    ],
)
def test_xcoms(three_days: Database, facts: dict[str, Any], expected: list[Any]) -> None:
    request = PullXCom(**{"dag_id": "sales", "run_id": "r2", **facts})
    assert ask(three_days, request) == expected


def test_the_previous_run(three_days: Database) -> None:
    before = NOW + timedelta(days=2)
    found = ask(three_days, PreviousRun(dag_id="sales", before=before))
    assert (found["run_id"], found["state"], found["run_type"]) == ("r1", "failed", "manual")
    assert found["logical_date"] == (NOW + timedelta(days=1)).isoformat()
    succeeded = ask(three_days, PreviousRun(dag_id="sales", before=before, state="success"))
    assert succeeded["run_id"] == "r0"
    assert ask(three_days, PreviousRun(dag_id="sales", before=NOW)) is None


def test_states(three_days: Database) -> None:
    assert ask(three_days, RunStateOf(dag_id="sales", run_id="r1")) == "failed"
    assert ask(three_days, RunStateOf(dag_id="sales", run_id="r9")) is None
    assert ask(three_days, TaskStatesOf(dag_id="sales", run_ids=("r0",))) == {
        "r0": {"a": "success", "b_0": "none", "b_1": "none"}
    }
    by_task = ask(three_days, TaskStatesOf(dag_id="sales", task_ids=("a",)))
    assert set(by_task) == {"r0", "r1", "r2"}

"""Every question user code may ask, on both engines."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.conformance.storage.builders import NOW, a_file, a_run, put, put_run, record
from tradewind.model.changes import XComWritten
from tradewind.model.errors import NotFound
from tradewind.model.keys import TaskKey
from tradewind.model.plan import GroupPlan, Plan, TaskPlan
from tradewind.model.requests import (
    REQUESTS,
    AnswerInput,
    AskInput,
    Breadcrumbs,
    ClearRun,
    DagOf,
    DeleteVariable,
    GetConnection,
    GetVariable,
    MakeRun,
    PreviousRun,
    PreviousTask,
    PullXCom,
    Request,
    RunCount,
    RunStateOf,
    SetVariable,
    TaskCount,
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
    # answered when the scheduler has carried them out
    by_command = {MakeRun, ClearRun, AskInput, AnswerInput}
    assert set(answers._ANSWERS) == set(REQUESTS.values()) - by_command


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


def test_without_a_key_the_xcom_pushed_last_counts(three_days: Database) -> None:
    any_key = PullXCom(dag_id="sales", run_id="r0", task_ids=("a",), key=None)
    task = TaskKey("sales", "r0", "a")
    put(three_days, XComWritten(task, "mine", "pushed meanwhile"))
    assert ask(three_days, any_key) == [["a", -1, "a-1 of day 0"]], "what it returns comes last"
    put(three_days, XComWritten(task, "mine", "pushed later"), at=NOW + timedelta(seconds=1))
    assert ask(three_days, any_key) == [["a", -1, "pushed later"]]
    of_yesterday = replace(any_key, run_id="r2", include_prior_dates=True)
    yesterday = TaskKey("sales", "r1", "a")
    put(three_days, XComWritten(yesterday, "mine", "pushed before"), at=NOW - timedelta(days=1))
    assert ask(three_days, of_yesterday) == [["a", -1, "a-1 of day 1"]]


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
        "r0": {"a": "success", "b_0": None, "b_1": None}
    }
    by_task = ask(three_days, TaskStatesOf(dag_id="sales", task_ids=("a",)))
    assert set(by_task) == {"r0", "r1", "r2"}
    by_date = ask(three_days, TaskStatesOf(dag_id="sales", logical_dates=(NOW,), map_index=1))
    assert by_date == {"r0": {"b_1": None}}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, 3),
        ({"states": ("success",)}, 2),
        ({"logical_dates": (NOW, NOW + timedelta(days=1)), "states": ("success",)}, 1),
        ({"run_ids": ("r1", "r9")}, 1),
        ({"dag_id": "other"}, 0),
    ],
)
def test_counts_of_runs(three_days: Database, facts: dict[str, Any], expected: int) -> None:
    assert ask(three_days, RunCount(**{"dag_id": "sales", **facts})) == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, 9),
        ({"task_ids": ("b",)}, 6),
        ({"task_ids": ("b",), "map_index": 0}, 3),
        ({"states": ("success",)}, 3),
        ({"states": ("none",), "logical_dates": (NOW,)}, 2),
        ({"run_ids": ("r0",), "task_ids": ("a",)}, 1),
    ],
)
def test_counts_of_task_instances(
    three_days: Database, facts: dict[str, Any], expected: int
) -> None:
    assert ask(three_days, TaskCount(**{"dag_id": "sales", **facts})) == expected


def test_the_previous_task_instance(three_days: Database) -> None:
    before = NOW + timedelta(days=2)
    found = ask(three_days, PreviousTask(dag_id="sales", task_id="a", before=before))
    assert (found["run_id"], found["state"], found["duration"]) == ("r1", "success", None)
    assert found["logical_date"] == (NOW + timedelta(days=1)).isoformat()
    latest = ask(three_days, PreviousTask(dag_id="sales", task_id="b", map_index=1))
    assert (latest["run_id"], latest["state"]) == ("r2", None)
    failed = PreviousTask(dag_id="sales", task_id="a", before=before, state="failed")
    assert ask(three_days, failed) is None


def test_breadcrumbs(three_days: Database) -> None:
    assert ask(three_days, Breadcrumbs(dag_id="sales", run_id="r0")) == [
        {
            "task_id": "a",
            "map_index": -1,
            "state": "success",
            "operator": "BaseOperator",
            "duration": None,
        }
    ]


@pytest.fixture
def grouped(three_days: Database) -> Database:
    """The DAG, as its file is now: `b` is in group `inner`, which is in `outer`."""
    plan = Plan(
        dag_id="sales",
        tasks=(TaskPlan(task_id="a"), TaskPlan(task_id="b", group_id="outer.inner")),
        groups=(GroupPlan(group_id="outer"), GroupPlan(group_id="outer.inner", parent_id="outer")),
    )
    with three_days.write() as conn:
        record(conn, a_file(plan))
    return three_days


@pytest.mark.parametrize("group_id", ["outer", "outer.inner"])
def test_task_instances_of_a_group(grouped: Database, group_id: str) -> None:
    request = TaskStatesOf(dag_id="sales", task_group_id=group_id, run_ids=("r0",))
    assert ask(grouped, request) == {"r0": {"b_0": None, "b_1": None}}
    assert ask(grouped, TaskCount(dag_id="sales", task_group_id=group_id)) == 6
    both = TaskCount(dag_id="sales", task_group_id=group_id, task_ids=("a",))
    assert ask(grouped, both) == 9


def test_a_group_that_is_not_there_is_refused(grouped: Database) -> None:
    with pytest.raises(NotFound, match="DAG sales has no task group x"):
        ask(grouped, TaskCount(dag_id="sales", task_group_id="x"))
    with pytest.raises(NotFound, match="there is no DAG other"):
        ask(grouped, TaskCount(dag_id="other", task_group_id="x"))


def test_a_dag(grouped: Database) -> None:
    assert ask(grouped, DagOf(dag_id="sales")) == {
        "dag_id": "sales",
        "is_paused": True,
        "bundle_name": "dags-folder",
        "relative_fileloc": "sales.py",
        "owners": [],
        "tags": [],
        "tasks": ["a", "b"],
        "groups": ["outer", "outer.inner"],
    }
    assert ask(grouped, DagOf(dag_id="other")) is None

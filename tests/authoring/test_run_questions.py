"""What `ti` can be asked about other runs: each question goes to the host as data."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from tests.authoring.conftest import DAY, MemoryHost, attempt
from tradewind import DAG
from tradewind.authoring.context import build
from tradewind.authoring.task_instance import RuntimeTaskInstance
from tradewind.integrations.standard.operators.bash import BashOperator
from tradewind.model.requests import (
    Breadcrumbs,
    PreviousTask,
    RunCount,
    RunStateOf,
    TaskCount,
    TaskStatesOf,
)

HERE = timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    ("method", "arguments", "request_"),
    [
        ("get_dagrun_state", {"run_id": "r"}, RunStateOf(dag_id="x", run_id="r")),
        (
            "get_dr_count",
            {"logical_dates": [datetime(2024, 1, 31, 2, tzinfo=HERE)], "states": ["success"]},
            RunCount(dag_id="x", logical_dates=(DAY,), states=("success",)),
        ),
        (
            "get_ti_count",
            {"task_ids": ["a"], "states": ["failed", None, "null"], "map_index": 2},
            TaskCount(dag_id="x", task_ids=("a",), states=("failed", "none", "none"), map_index=2),
        ),
        (
            "get_task_states",
            {"task_group_id": "g", "run_ids": ["r"]},
            TaskStatesOf(dag_id="x", task_group_id="g", run_ids=("r",)),
        ),
        ("get_task_breadcrumbs", {"run_id": "r"}, Breadcrumbs(dag_id="x", run_id="r")),
    ],
)
def test_questions(
    memory: MemoryHost,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    arguments: dict[str, Any],
    request_: Any,
) -> None:
    asked = []

    def ask(request: Any) -> int:
        asked.append(request)
        return 7

    monkeypatch.setattr(memory, "ask", ask)
    assert getattr(RuntimeTaskInstance, method)("x", **arguments) == 7
    assert asked == [request_]


def test_the_previous_task_instance(memory: MemoryHost, monkeypatch: pytest.MonkeyPatch) -> None:
    found = {
        "dag_id": "d",
        "task_id": "t",
        "run_id": "before",
        "map_index": -1,
        "try_number": 2,
        "state": "success",
        "duration": 1.5,
        "logical_date": "2024-01-30T00:00:00+00:00",
        "start_date": None,
        "end_date": None,
    }
    asked = []

    def ask(request: Any) -> Any:
        asked.append(request)
        return found

    monkeypatch.setattr(memory, "ask", ask)
    with DAG("d") as dag:
        task = BashOperator(task_id="t", bash_command="")
    ti = build(attempt(), task, dag, host=memory)["ti"]

    previous = ti.get_previous_ti(state="success")

    assert asked == [PreviousTask(dag_id="d", task_id="t", before=DAY, state="success")]
    assert (previous.run_id, previous.duration) == ("before", 1.5)
    assert previous.logical_date == datetime(2024, 1, 30, tzinfo=UTC)
    assert previous.start_date is None
    with pytest.raises(AttributeError, match="has no hostname"):
        _ = previous.hostname

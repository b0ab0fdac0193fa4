"""BaseXCom: XComs by DAG, run and task, from within a task."""

import asyncio

import pytest

from tests.authoring.conftest import MemoryHost, attempt
from tradewind import DAG, BaseXCom
from tradewind.authoring import context as task_context
from tradewind.integrations.standard import EmptyOperator

PLACE = {"dag_id": "d", "task_id": "up", "run_id": "run-1"}


def test_values_are_read_as_they_were_pushed(memory: MemoryHost) -> None:
    memory.xcoms = {("up", -1, "k"): [1], ("up", 0, "m"): "a", ("up", 1, "m"): "b"}
    assert BaseXCom.get_one(key="k", **PLACE) == [1]
    assert BaseXCom.get_one(key="nothing", **PLACE) is None
    assert BaseXCom.get_all(key="m", **PLACE) == ["a", "b"]
    assert asyncio.run(BaseXCom.aget_one(key="k", **PLACE)) == [1]


def test_a_task_pushes_its_own(memory: MemoryHost) -> None:
    with DAG("d") as dag:
        task = EmptyOperator(task_id="t")
    context = task_context.build(attempt(), task, dag)
    with task_context.activate(context):
        BaseXCom.set("k", 3, dag_id="d", task_id="t", run_id="run-1")
        with pytest.raises(ValueError, match="a task pushes its own"):
            BaseXCom.set("k", 3, dag_id="d", task_id="other", run_id="run-1")
    assert memory.pushed == {"k": 3}

"""Tasks that ask a person, in the real product: asked over REST, answered there, over a death of the
scheduler and of the API server's caller."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.product import READY_WITHIN_S, Standalone, descendants
from tests.acceptance.project import Api

pytestmark = [pytest.mark.acceptance, pytest.mark.xdist_group("human_input")]

DAGS = """
from datetime import timedelta

from airflow.sdk import DAG, BaseOperator, Param, task, timezone
from airflow.sdk.bases.notifier import BaseNotifier
from airflow.sdk.execution_time.hitl import upsert_hitl_detail
from airflow.providers.standard.operators.hitl import (
    ApprovalOperator,
    HITLBranchOperator,
    HITLEntryOperator,
    HITLOperator,
)
from airflow.providers.standard.triggers.hitl import HITLTrigger


class Defers(BaseOperator):
    def execute(self, context):
        ti_id = context["ti"].id
        upsert_hitl_detail(ti_id=ti_id, options=["x", "y"], subject="?", defaults=["y"])
        until = timezone.utcnow() + timedelta(seconds=0.2)
        trigger = HITLTrigger(ti_id=ti_id, options=["x", "y"], params={}, defaults=["y"],
                              timeout_datetime=until)
        self.defer(trigger=trigger, method_name="told")

    def told(self, context, event):
        print("told:", event["chosen_options"], event["timedout"])


class Say(BaseNotifier):
    template_fields = ("message",)

    def __init__(self, message):
        super().__init__()
        self.message = message

    def notify(self, context):
        link = HITLOperator.generate_link_to_ui_from_context(context=context)
        self.log.info("%s at %s", self.message, link)


@task
def left(): ...


@task
def right(entered): print("seats:", entered["params_input"]["seats"])


with DAG("asks", schedule=None):
    enter = HITLEntryOperator(
        task_id="enter",
        subject="How many in {{ dag.dag_id }}?",
        params={"seats": Param(1, type="integer", minimum=1)},
        notifiers=[Say("asked: {{ task.subject }}")],
    )
    default = HITLOperator(task_id="default", subject="?", options=["x", "y"], defaults="y",
                           response_timeout=timedelta(seconds=0.2))
    approve = ApprovalOperator(
        task_id="approve",
        subject="{{ ti.xcom_pull(task_ids='enter')['params_input']['seats'] }} seats?",
        on_success_callback=Say("approved"),
        assigned_users=[{"id": "admin", "name": "The admin"}],
    )
    choose = HITLBranchOperator(task_id="choose", subject="Where?", options=["left", "right"])
    [enter, default, Defers(task_id="defers")] >> approve >> choose >> [left(), right(enter.output)]
"""


class Asking:
    """The product with a run whose tasks ask."""

    def __init__(self, product: Standalone) -> None:
        self.product = product
        self.api = Api(product)
        self.run = f"/api/v2/dags/asks/dagRuns/{self.api.trigger('asks')}"

    def open_ones(self) -> dict[str, dict[str, Any]]:
        """What waits for an answer, by task_id."""
        path = f"{self.run}/hitlDetails?response_received=false&state=awaiting_input"
        found = self.api.call("GET", path)["hitl_details"]
        return {one["task_instance"]["task_id"]: one for one in found}

    def wait_until_asked(self, task_id: str) -> dict[str, Any]:
        self.wait_for(lambda: task_id in self.open_ones())
        return self.open_ones()[task_id]

    def answer(self, task_id: str, *options: str, **params: Any) -> dict[str, Any]:
        path = f"{self.run}/taskInstances/{task_id}/-1/hitlDetails"
        told: dict[str, Any] = self.api.call(
            "PATCH", path, {"chosen_options": list(options), "params_input": params}
        )
        return told

    def states(self) -> dict[str, str]:
        found = self.api.call("GET", f"{self.run}/taskInstances")["task_instances"]
        return {row["task_id"]: row["state"] for row in found}

    def log(self, task_id: str) -> str:
        run_id = self.run.rpartition("/")[2]
        return self.product.run("tasks", "logs", "asks", run_id, task_id).stdout

    def wait_for(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + READY_WITHIN_S
        while not condition():
            assert time.monotonic() < deadline, self.states()
            time.sleep(0.05)

    def kill_scheduler(self) -> None:
        (victim,) = self.schedulers()
        os.kill(victim, signal.SIGKILL)
        self.wait_for(lambda: bool(self.schedulers() - {victim}))

    def schedulers(self) -> set[int]:
        found = set()
        for pid in descendants(self.product.pid):
            try:
                title = Path(f"/proc/{pid}/cmdline").read_text()
            except OSError:
                continue
            if title.rstrip("\0") == "tradewind: scheduler":
                found.add(pid)
        return found


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    home = tmp_path_factory.mktemp("human_input") / "home"
    (home / "dags").mkdir(parents=True)
    (home / "dags" / "asks.py").write_text(DAGS)
    with Standalone(home, TRADEWIND__CORE__DAGS_ARE_PAUSED_AT_CREATION="false") as product:
        product.wait_for_dags("asks")
        running = Asking(product)
        yield running
        running.api.close()


def test_a_run_that_people_lead(asking: Asking) -> None:
    detail = asking.wait_until_asked("enter")
    assert detail["subject"] == "How many in asks?"
    assert detail["params"]["seats"]["schema"] == {"type": "integer", "minimum": 1}
    asking.wait_for(lambda: asking.states()["default"] == "success")

    asking.kill_scheduler()
    assert set(asking.open_ones()) == {"enter"}
    asking.wait_for(
        lambda: asking.api.call("GET", "/api/v2/monitor/health")["scheduler"]["status"] == "healthy"
    )
    told = asking.answer("enter", "OK", seats=12)
    assert told["responded_by"] == {"id": "admin", "name": "admin"}

    assert asking.wait_until_asked("approve")["subject"] == "12 seats?"
    asking.answer("approve", "Approve")
    asking.wait_until_asked("choose")
    asking.answer("choose", "right")
    asking.wait_for(lambda: asking.api.call("GET", asking.run)["end_date"] is not None)

    states = asking.states()
    assert {task_id for task_id, state in states.items() if state != "success"} == {"left"}
    assert states["left"] == "skipped"
    path = f"{asking.run}/taskInstances/enter/xcomEntries/return_value"
    assert "admin" in str(asking.api.call("GET", path)["value"])
    assert "seats: 12" in asking.log("right")
    assert "asked: How many in asks? at http" in asking.log("enter")
    assert "approved at http" in asking.log("approve")
    assert "told: ['y'] True" in asking.log("defers")

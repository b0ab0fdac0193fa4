"""Deferred tasks in the real product: they wait without a process, and go on where they left off."""

import json
import os
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.product import READY_WITHIN_S, Standalone, descendants

pytestmark = [pytest.mark.acceptance, pytest.mark.xdist_group("deferral")]

TRIGGERS = """
import asyncio
import os
from pathlib import Path

from airflow.models import Variable
from airflow.triggers.base import BaseTrigger, TaskSuccessEvent, TriggerEvent


class Named(BaseTrigger):
    def __init__(self, folder, what="event"):
        super().__init__()
        self.folder = folder
        self.what = what

    def serialize(self):
        return "my_triggers.Named", {"folder": self.folder, "what": self.what}

    async def run(self):
        print("waiting for", self.what)
        (Path(self.folder) / f"{self.what} runs in {os.getpid()}").touch()
        self.log.info("asked %s", Variable.get("greeting", default_var="nothing"))
        if self.what == "error":
            raise ValueError("no such day")
        if self.what == "nothing":
            return
        while not (Path(self.folder) / "go").exists():
            await asyncio.sleep(0.05)
        yield TaskSuccessEvent(xcoms={"a": 1}) if self.what == "end" else TriggerEvent("went")

    async def on_kill(self):
        (Path(self.folder) / f"killed {self.what}").touch()

    async def cleanup(self):
        (Path(self.folder) / f"cleaned {self.what}").touch()
"""
DAGS = """
from datetime import datetime, timedelta, timezone
from pathlib import Path

from airflow.sdk import DAG, BaseOperator
from airflow.providers.standard.triggers.temporal import TimeDeltaTrigger
from airflow.triggers.base import StartTriggerArgs
from my_triggers import Named

FOLDER = str(Path(__file__).parent)


class Waits(BaseOperator):
    def __init__(self, what, timeout=None, **kwargs):
        super().__init__(**kwargs)
        self.what = what
        self.timeout = timeout

    def execute(self, context):
        print("before the wait")
        trigger = Named(FOLDER, self.what)
        if self.what == "moment":
            trigger = TimeDeltaTrigger(timedelta(seconds=0.2))
        self.defer(trigger=trigger, method_name="go_on", kwargs={"since": datetime.now(timezone.utc)},
                   timeout=self.timeout)

    def go_on(self, context, since, event):
        print("after the wait")
        assert isinstance(since, datetime)
        return [str(event)[:4], context["ti"].try_number]


class Starts(BaseOperator):
    start_from_trigger = True

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.start_trigger_args = StartTriggerArgs(
            trigger_cls="my_triggers.Named", trigger_kwargs={"folder": FOLDER, "what": "start"},
            next_method="go_on", next_kwargs={"more": 2})

    def execute(self, context):
        raise RuntimeError("never called")

    def go_on(self, context, event, more):
        return [event, more]


def told(context):
    (Path(FOLDER) / f"told of {context['ti'].state}").touch()


for what in ("event", "moment", "error", "nothing", "end", "late", "killed"):
    with DAG(f"waits_{what}", schedule=None):
        Waits(task_id="it", what=what, timeout=0.3 if what == "late" else None,
              on_success_callback=told if what == "end" else None)
with DAG("starts", schedule=None):
    Starts(task_id="it")
"""


class Running:
    """The product with DAGs whose tasks wait."""

    def __init__(self, product: Standalone, dags: Path) -> None:
        self.product = product
        self.dags = dags

    def trigger(self, *dag_ids: str) -> None:
        for dag_id in dag_ids:
            self.product.run("dags", "trigger", dag_id, "-r", "r")

    def task(self, dag_id: str) -> dict[str, Any]:
        (row,) = self.product.listed("tasks", "states-for-dag-run", dag_id, "r")
        return row

    def wait(self, dag_id: str, *states: str) -> dict[str, Any]:
        """Until its task is in one of these states."""
        deadline = time.monotonic() + READY_WITHIN_S
        while (row := self.task(dag_id))["state"] not in states:
            assert time.monotonic() < deadline, row
        return row

    def wait_for(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + READY_WITHIN_S
        while not condition():
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def runs_in(self, what: str, pid: int | None) -> bool:
        """Whether a trigger has begun in that process."""
        return (self.dags / f"{what} runs in {pid}").exists()

    def value(self, dag_id: str) -> Any:
        """What its task returned."""
        with closing(sqlite3.connect(self.product.home / "tradewind.db")) as connection:
            query = "SELECT value FROM xcom WHERE dag_id = ? AND key = 'return_value'"
            return json.loads(connection.execute(query, (dag_id,)).fetchone()[0])

    def log(self, dag_id: str) -> str:
        return self.product.run("tasks", "logs", dag_id, "r", "it").stdout

    def pid_of(self, name: str) -> int | None:
        for pid in descendants(self.product.pid):
            try:
                title = Path(f"/proc/{pid}/cmdline").read_text()
            except OSError:
                continue
            if title.rstrip("\0") == f"tradewind: {name}":
                return pid
        return None


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    home = tmp_path_factory.mktemp("deferral") / "home"
    dags = home / "dags"
    dags.mkdir(parents=True)
    (dags / "my_triggers.py").write_text(TRIGGERS)
    (dags / "waits.py").write_text(DAGS)
    with Standalone(home, TRADEWIND__CORE__DAGS_ARE_PAUSED_AT_CREATION="false") as product:
        product.run("variables", "set", "greeting", "hello")
        product.wait_for_dags("starts", "waits_event")
        yield Running(product, dags)


@pytest.fixture(scope="module")
def done(running: Running) -> Running:
    """All have waited, and their triggerer was killed meanwhile."""
    assert running.pid_of("triggerer") is not None
    assert running.pid_of("triggers") is None
    running.trigger("waits_moment")
    running.wait("waits_moment", "success")
    assert running.pid_of("triggers") is None
    running.trigger("waits_event", "starts", "waits_end", "waits_killed")
    for dag_id in ("waits_event", "starts", "waits_end", "waits_killed"):
        running.wait(dag_id, "deferred")
    running.trigger("waits_error", "waits_nothing", "waits_late")
    for dag_id in ("waits_error", "waits_nothing", "waits_late"):
        running.wait(dag_id, "failed")
    for name in ("triggers", "triggerer"):
        pid = running.pid_of(name)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        running.wait_for(lambda name=name, pid=pid: running.pid_of(name) not in (None, pid))
    running.wait_for(lambda: running.runs_in("killed", running.pid_of("triggers")))
    running.product.run("tasks", "clear", "waits_killed", "-y")
    running.wait_for((running.dags / "killed killed").exists)
    assert not (running.dags / "killed event").exists()
    (running.dags / "go").touch()
    for dag_id in ("waits_event", "starts", "waits_end", "waits_killed"):
        running.wait(dag_id, "success")
    running.wait_for((running.dags / "told of success").exists)
    return running


def test_where_they_go_on(done: Running) -> None:
    assert done.value("waits_event") == ["went", 1]
    assert done.value("starts") == ["went", 2]
    assert done.value("waits_killed") == ["went", 2]
    assert done.value("waits_moment")[1] == 1


def test_logs(done: Running) -> None:
    told = done.log("waits_event")
    order = ["before the wait", "waiting for event", "asked hello", "after the wait"]
    assert [told.index(line) for line in order] == sorted(told.index(line) for line in order)
    assert "no such day" in done.log("waits_error")
    assert "TaskDeferralError" in done.log("waits_error")
    assert "ended without an event" in done.log("waits_nothing")
    assert "TaskDeferralTimeout" in done.log("waits_late")


def test_nothing_is_left(done: Running) -> None:
    with closing(sqlite3.connect(done.product.home / "tradewind.db")) as connection:
        assert connection.execute("SELECT count(*) FROM waiting").fetchone() == (0,)

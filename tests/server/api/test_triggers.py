"""What deferred task instances wait for, over REST: the trigger, and who runs it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.scheduler.harness import chain
from tests.server.crew import Crew
from tradewind.model.attempts import Result
from tradewind.model.commands import TriggerSaid
from tradewind.model.deferral import Deferral, Word
from tradewind.model.keys import TaskKey
from tradewind.storage import components, waiting
from tradewind.storage.components import Component
from tradewind.storage.database import Database

RUN = "/api/v2/dags/chain/dagRuns/r"
TRIGGER = Deferral(classpath="my.Trigger", kwargs={"password": "x"}, method="go_on", queue="east")


def defer(crew: Crew, api: Any, deferral: Deferral = TRIGGER) -> None:
    """A task of run r waits."""
    crew.load(chain("a", "b"))
    made = api.post("/api/v2/dags/chain/dagRuns", json={"dag_run_id": "r", "logical_date": None})
    assert made.status_code == 200, made.text
    crew.starts("a")
    crew.ends("a", Result.DEFERRED, deferral=deferral)


def triggerer(database: Database, crew: Crew, pid: int, *queues: str, age_s: float = 0.0) -> None:
    """One has said so long ago that it lives."""
    now = crew.ship.clock.now()
    me = Component(
        id=f"triggerer h {pid}",
        kind="triggerer",
        hostname="h",
        pid=pid,
        started_at=now - timedelta(hours=1),
        queues=queues,
    )
    with database.write() as conn:
        components.beat(conn, me, now - timedelta(seconds=age_s))


def shown(api: Any) -> dict[str, Any]:
    """The task instance, which lists show as it is shown alone."""
    one: dict[str, Any] = api.get(f"{RUN}/taskInstances/a").json()
    listed = api.get(f"{RUN}/taskInstances", params={"task_id_pattern": "a"}).json()
    assert one == next(task for task in listed["task_instances"] if task["task_id"] == "a")
    return one


def test_a_trigger_and_its_triggerer(api: Any, crew: Crew, database: Database) -> None:
    defer(crew, api)
    task = shown(api)
    assert (task["state"], task["triggerer_job"]) == ("deferred", None)
    created = crew.ship.clock.now().isoformat().replace("+00:00", "Z")
    trigger = task["trigger"]
    assert trigger.pop("id") > 0
    assert trigger == {
        "classpath": "my.Trigger",
        "kwargs": "{}",
        "created_date": created,
        "queue": "east",
        "triggerer_id": None,
    }

    triggerer(database, crew, 1)  # of no queue
    triggerer(database, crew, 2, "east", age_s=3600)  # gone
    assert shown(api)["triggerer_job"] is None
    triggerer(database, crew, 3, "west", "east")
    task = shown(api)
    job = task["triggerer_job"]
    assert (job["job_type"], job["state"], job["hostname"]) == ("TriggererJob", "running", "h")
    assert job["latest_heartbeat"] == created
    assert job["id"] == task["trigger"]["triggerer_id"]

    with database.read() as conn:
        (row,) = waiting.of_tasks(conn, [TaskKey("chain", "r", "a")])
    crew.command(TriggerSaid(trigger=row.trigger, key=row.key, word=Word()))
    task = shown(api)
    assert (task["state"], task["trigger"], task["triggerer_job"]) == ("queued", None, None)


def test_a_moment_is_run_by_no_triggerer(api: Any, crew: Crew, database: Database) -> None:
    at = crew.ship.clock.now() + timedelta(hours=1)
    triggerer(database, crew, 1)
    defer(crew, api, replace(TRIGGER, at=at, queue=None))
    task = shown(api)
    assert (task["trigger"]["classpath"], task["triggerer_job"]) == ("my.Trigger", None)
    clear = {"dry_run": True, "only_failed": False, "dag_run_id": "r", "task_ids": ["a"]}
    cleared = api.post("/api/v2/dags/chain/clearTaskInstances", json=clear).json()
    assert [one["trigger"] for one in cleared["task_instances"]] == [task["trigger"]]

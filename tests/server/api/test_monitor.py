"""Health and version."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.scheduler.harness import START
from tests.server.crew import Crew
from tradewind.model.version import VERSION
from tradewind.storage import components
from tradewind.storage.components import Component
from tradewind.storage.database import Database

HEALTH = "/api/v2/monitor/health"
PROCESSOR = Component(id="p", kind="dag_processor", hostname="here", pid=1, started_at=START)


def test_a_part_that_is_missing_is_named(signed_in: Callable[..., Any], crew: Crew) -> None:
    health = signed_in(None).get(HEALTH)
    assert health.status_code == 200
    assert health.json() == {
        "metadatabase": {"status": "healthy"},
        "scheduler": {
            "status": "healthy",
            "latest_scheduler_heartbeat": "2026-01-02T00:00:00+00:00",
        },
        "triggerer": {"status": None, "latest_triggerer_heartbeat": None},
        "dag_processor": {"status": "unhealthy", "latest_dag_processor_heartbeat": None},
        "ready": False,
        "problems": ["no dag processor is running: start `tradewind dag-processor`"],
    }


def test_ready_when_all_are_up(
    signed_in: Callable[..., Any], crew: Crew, database: Database
) -> None:
    with database.write() as conn:
        components.beat(conn, PROCESSOR, crew.ship.clock.now())
    health = signed_in(None).get(HEALTH).json()
    assert health["ready"] is True
    assert health["problems"] == []
    assert health["dag_processor"]["status"] == "healthy"


def test_a_problem_is_shown(signed_in: Callable[..., Any], crew: Crew, database: Database) -> None:
    now = crew.ship.clock.now()
    with database.write() as conn:
        components.beat(conn, PROCESSOR, now, "the disk is full")
    assert signed_in(None).get(HEALTH).json()["problems"] == ["the disk is full"]
    crew.ship.clock.move_to(now + timedelta(seconds=60))
    health = signed_in(None).get(HEALTH).json()
    assert health["scheduler"]["status"] == "unhealthy"
    assert "silent for 60 s" in health["problems"][0]


def test_a_database_that_is_gone(
    signed_in: Callable[..., Any], api: Any, crew: Crew, sqlite_url: str
) -> None:
    stranger = signed_in(None)
    database = stranger.app.state.services.database
    if database.path is None:
        return
    crew.rest()
    database.close()
    path: Path = database.path
    for part in (path, *path.parent.glob(f"{path.name}-*")):
        part.rename(part.with_name(f"{part.name}.away"))
    health = stranger.get(HEALTH)
    assert health.status_code == 200
    assert health.json()["metadatabase"] == {"status": "unhealthy"}
    assert health.json()["ready"] is False
    assert api.get("/api/v2/dags").status_code == 503
    for part in path.parent.glob("*.away"):
        part.rename(part.with_suffix(""))


def test_version(signed_in: Callable[..., Any]) -> None:
    answer = signed_in(None).get("/api/v2/version")
    assert answer.json() == {"version": VERSION, "git_version": None}


def test_what_this_server_cannot_write_is_told(
    signed_in: Callable[..., Any], crew: Crew, database: Database
) -> None:
    """A full disk keeps the scheduler from saying so in the database."""
    client = signed_in(None)
    client.app.state.services.writes.problem = "nothing can be written: disk is full"
    health = client.get(HEALTH).json()
    assert health["metadatabase"] == {"status": "unhealthy"}
    assert health["scheduler"]["status"] == "healthy"
    assert not health["ready"]
    assert "nothing can be written: disk is full" in health["problems"]

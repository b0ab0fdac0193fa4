"""Backfills: create, list, look at, pause, go on, cancel."""

from typing import Any

from tests.scheduler.harness import START, chain
from tests.server.crew import Crew
from tradewind.model.plan import Plan
from tradewind.timetables import CronDataIntervalTimetable

BODY = {
    "dag_id": "daily",
    "from_date": "2025-12-01T00:00:00Z",
    "to_date": "2025-12-03T00:00:00Z",
    "max_active_runs": 1,
    "dag_run_conf": {"why": "test"},
}


def daily() -> Plan:
    return Plan(
        dag_id="daily",
        tasks=chain("a").tasks,
        start_date=START,
        schedule=CronDataIntervalTimetable("0 0 * * *", "UTC").to_spec(),
    )


def test_a_backfill_lives(api: Any, crew: Crew) -> None:
    crew.load(daily())
    answer = api.post("/api/v2/backfills", json=BODY)
    assert answer.status_code == 200, answer.text
    backfill = answer.json()
    assert backfill["dag_id"] == "daily"
    assert backfill["dag_run_conf"] == {"why": "test"}
    assert backfill["is_paused"] is False
    assert backfill["completed_at"] is None
    one = f"/api/v2/backfills/{backfill['id']}"
    assert api.get(one).json() == backfill
    listed = api.get("/api/v2/backfills", params={"dag_id": "daily"}).json()
    assert listed == {"backfills": [backfill], "total_entries": 1}
    assert api.get("/api/v2/backfills").status_code == 422
    assert api.put(f"{one}/pause").json()["is_paused"] is True
    assert api.put(f"{one}/unpause").json()["is_paused"] is False
    assert api.post("/api/v2/backfills", json=BODY).status_code == 409
    cancelled = api.put(f"{one}/cancel")
    assert cancelled.status_code == 200, cancelled.text
    assert api.put("/api/v2/backfills/999/pause").status_code == 404


def test_a_dry_run_makes_nothing(api: Any, crew: Crew) -> None:
    crew.load(daily())
    answer = api.post("/api/v2/backfills/dry_run", json=BODY)
    assert answer.status_code == 200, answer.text
    assert [run["logical_date"] for run in answer.json()["backfills"]] == [
        "2025-12-01T00:00:00Z",
        "2025-12-02T00:00:00Z",
        "2025-12-03T00:00:00Z",
    ]
    assert answer.json()["total_entries"] == 3
    assert api.get("/api/v2/backfills", params={"dag_id": "daily"}).json()["total_entries"] == 0


def test_bad_backfills(api: Any, crew: Crew) -> None:
    crew.load(daily(), chain("a"))
    for change, statuses in (
        ({"dag_id": "nosuch"}, (404,)),
        ({"dag_id": "chain"}, (400, 409, 422)),
        ({"from_date": "2026-12-04T00:00:00Z"}, (422,)),
        ({"reprocess_behavior": "sometimes"}, (422,)),
        ({"max_active_runs": 0}, (422,)),
        ({"colour": "red"}, (422,)),
        ({"to_date": "2030-01-01T00:00:00Z"}, (400, 422)),
    ):
        answer = api.post("/api/v2/backfills", json={**BODY, **change})
        assert answer.status_code in statuses, (change, answer.text)

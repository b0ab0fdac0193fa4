"""DAGs: list, look at, pause."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.scheduler.harness import START, chain
from tests.server.crew import Crew
from tradewind.model.parsed import ParsedFile
from tradewind.model.plan import Plan, ScheduleSpec, TaskPlan
from tradewind.storage import dags
from tradewind.storage.database import Database
from tradewind.timetables import CronTriggerTimetable

SALES = Plan(
    dag_id="sales",
    display_name="Sales of the day",
    description="Loads sales",
    tags=("nightly", "money"),
    owners=("ann", "bob"),
    schedule=CronTriggerTimetable("0 0 * * *", "UTC").to_spec(),
    start_date=START,
    dagrun_timeout_s=90,
    params={"region": {"value": "eu", "schema": {"type": "string"}}},
    tasks=(TaskPlan(task_id="load", max_active_tis_per_dag=1), TaskPlan(task_id="sum")),
)


def record(database: Database, crew: Crew, *plans: Plan, paused: bool = True) -> None:
    """Store each Plan as a file of its own."""
    with database.write() as conn:
        for plan in plans:
            parsed = ParsedFile(
                fileloc=f"/dags/{plan.dag_id}.py",
                relative_fileloc=f"{plan.dag_id}.py",
                plans=(plan,),
                code_hash=f"hash-of-{plan.dag_id}",
                source_code=f"# {plan.dag_id}\n",
            )
            dags.record_file(conn, parsed, now=crew.ship.clock.now(), paused_at_creation=paused)


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [dag["dag_id"] for dag in answer.json()["dags"]]


def test_a_dag_says_which_runs_it_allows(api: Any, crew: Crew, database: Database) -> None:
    record(database, crew, replace(SALES, allowed_run_types=("manual", "scheduled")))
    dag = api.get("/api/v2/dags/sales").json()
    assert dag["allowed_run_types"] == ["manual", "scheduled"]
    assert (dag["timetable_periodic"], dag["is_backfillable"]) == (True, False)


def test_one_dag(api: Any, crew: Crew, database: Database) -> None:
    record(database, crew, SALES)
    dag = api.get("/api/v2/dags/sales").json()
    assert dag["dag_display_name"] == "Sales of the day"
    assert dag["is_paused"] is True
    assert dag["timetable_summary"] == "0 0 * * *"
    assert dag["timetable_description"] == "At 00:00"
    assert dag["timetable_periodic"] is dag["is_backfillable"] is True
    assert dag["has_task_concurrency_limits"] is True
    assert [tag["name"] for tag in dag["tags"]] == ["money", "nightly"]
    assert dag["owners"] == ["ann", "bob"]
    assert dag["fileloc"] == "/dags/sales.py"
    assert dag["last_parsed_time"] == "2026-01-02T00:00:00Z"
    assert dag["allowed_run_types"] is None
    details = api.get("/api/v2/dags/sales/details").json()
    assert details["dag_run_timeout"] == "PT1M30S"
    assert (details["not_yet_possible"], details["asset_expression"]) == ([], None)
    assert details["params"] == {"region": {"value": "eu", "schema": {"type": "string"}}}
    assert details["latest_dag_version"]["version_number"] == 1
    assert details["start_date"] == "2026-01-01T00:00:00Z"
    assert (details["profile"], details["profile_reason"]) == (3, "")
    assert dag.items() <= details.items()
    for path in ("nosuch", "nosuch/details"):
        missing = api.get(f"/api/v2/dags/{path}")
        assert missing.status_code == 404
        assert missing.json() == {"detail": "there is no DAG 'nosuch'"}


def test_details_name_the_line_that_decided_the_profile(
    api: Any, crew: Crew, database: Database
) -> None:
    line = "old.py:3 passes schedule_interval to DAG"
    record(database, crew, Plan(dag_id="old", profile=2, profile_reason=line))
    details = api.get("/api/v2/dags/old/details").json()
    assert (details["profile"], details["profile_reason"]) == (2, line)


def test_lists_are_filtered_ordered_and_paged(api: Any, crew: Crew, database: Database) -> None:
    record(database, crew, SALES, Plan(dag_id="audit", tags=("money",), owners=("anna",)))
    record(database, crew, chain("a", dag_id="chain"), paused=False)
    api.post("/api/v2/dags/chain/dagRuns", json={"logical_date": None})
    crew.runs("a")
    assert ids(api.get("/api/v2/dags")) == ["audit", "chain", "sales"]
    page = api.get("/api/v2/dags", params={"order_by": "-dag_id", "limit": 1, "offset": 1})
    assert ids(page) == ["chain"]
    assert page.json()["total_entries"] == 3
    for asked, expected in (
        ({"tags": ["money"]}, ["audit", "sales"]),
        ({"tags": ["money", "nightly"]}, ["audit", "sales"]),
        ({"tags": ["money", "nightly"], "tags_match_mode": "all"}, ["sales"]),
        ({"owners": ["ann"]}, ["sales"]),
        ({"paused": False}, ["chain"]),
        ({"dag_id_pattern": "A%T"}, ["audit"]),
        ({"dag_id_prefix_pattern": "sa|ch"}, ["chain", "sales"]),
        ({"dag_display_name_pattern": "of the"}, ["sales"]),
        ({"has_import_errors": True}, []),
        ({"last_dag_run_state": "success"}, ["chain"]),
        ({"dag_run_state": ["failed"]}, []),
        ({"dag_run_state": ["failed", "success"]}, ["chain"]),
        ({"dag_run_start_date_gte": "2026-01-03T00:00:00Z"}, []),
        ({"dag_run_start_date_gte": "2026-01-02T00:00:00Z"}, ["chain"]),
        ({"has_asset_schedule": True}, []),
        ({"is_favorite": False}, ["audit", "chain", "sales"]),
        ({"order_by": ["-last_run_state", "-dag_id"]}, ["chain", "sales", "audit"]),
    ):
        assert ids(api.get("/api/v2/dags", params=asked)) == expected, asked


def test_a_dag_that_left_its_file_is_listed_when_asked_for(
    api: Any, crew: Crew, database: Database
) -> None:
    record(database, crew, SALES, Plan(dag_id="audit"))
    with database.write() as conn:
        dags.forget_files(conn, ["/dags/audit.py"], crew.ship.clock.now())
    assert ids(api.get("/api/v2/dags")) == ["audit"]
    assert ids(api.get("/api/v2/dags", params={"exclude_stale": False})) == ["audit", "sales"]
    assert api.get("/api/v2/dags/sales").json()["is_stale"] is True


BAD_LISTS: list[Any] = [
    ({"order_by": "beauty"}, 400, "dag_display_name"),
    ({"tags_match_mode": "some"}, 422, "tags_match_mode"),
    ({"paused": "maybe"}, 422, "paused"),
    ({"offset": -1}, 422, "offset"),
]


def test_bad_lists(api: Any) -> None:
    for asked, status, says in BAD_LISTS:
        answer = api.get("/api/v2/dags", params=asked)
        assert answer.status_code == status, answer.text
        assert says in answer.text


def test_pausing(api: Any, crew: Crew, database: Database) -> None:
    record(database, crew, SALES, Plan(dag_id="audit"))
    answer = api.patch("/api/v2/dags/sales", json={"is_paused": False})
    assert answer.status_code == 200
    assert answer.json()["is_paused"] is False
    assert api.get("/api/v2/dags/audit").json()["is_paused"] is True
    with database.read() as conn:
        assert dags.heads(conn)["sales"].is_paused is False
    assert api.patch("/api/v2/dags/nosuch", json={"is_paused": True}).status_code == 404
    extra = api.patch("/api/v2/dags/sales", json={"is_paused": True, "owner": "eve"})
    assert extra.status_code == 422
    assert extra.json()["detail"][0]["type"] == "extra_forbidden"
    mask = api.patch(
        "/api/v2/dags/sales", json={"is_paused": True}, params={"update_mask": "owner"}
    )
    assert mask.status_code == 400


def test_pausing_many(api: Any, crew: Crew, database: Database) -> None:
    record(database, crew, SALES, Plan(dag_id="audit"), Plan(dag_id="sales_eu"))
    answer = api.patch(
        "/api/v2/dags", json={"is_paused": False}, params={"dag_id_pattern": "sales"}
    )
    assert ids(answer) == ["sales", "sales_eu"]
    assert {dag["is_paused"] for dag in answer.json()["dags"]} == {False}
    assert api.get("/api/v2/dags/audit").json()["is_paused"] is True


def test_sources_and_versions(api: Any, crew: Crew, database: Database) -> None:
    record(database, crew, SALES)
    source = api.get("/api/v2/dagSources/sales").json()
    assert source == {
        "content": "# sales\n",
        "dag_id": "sales",
        "version_number": 1,
        "dag_display_name": "Sales of the day",
    }
    text = api.get("/api/v2/dagSources/sales", headers={"Accept": "text/plain"})
    assert text.text == "# sales\n"
    assert api.get("/api/v2/dagSources/sales", params={"version_number": 7}).status_code == 404
    assert api.get("/api/v2/dagSources/nosuch").status_code == 404
    versions = api.get("/api/v2/dags/sales/dagVersions").json()
    assert [version["version_number"] for version in versions["dag_versions"]] == [1]
    assert api.get("/api/v2/dags/sales/dagVersions/1").json() == versions["dag_versions"][0]
    assert api.get("/api/v2/dags/sales/dagVersions/2").status_code == 404


def test_tasks(api: Any, crew: Crew, database: Database) -> None:
    plan = Plan(
        dag_id="sales",
        tasks=(
            TaskPlan(task_id="load", retries=2, retry_delay_s=90.5, operator="BashOperator"),
            TaskPlan(task_id="add", upstream=("load",), display_name="Add up"),
        ),
    )
    record(database, crew, plan)
    answer = api.get("/api/v2/dags/sales/tasks").json()
    assert [task["task_id"] for task in answer["tasks"]] == ["add", "load"]
    assert answer["total_entries"] == 2
    load = api.get("/api/v2/dags/sales/tasks/load").json()
    assert load["downstream_task_ids"] == ["add"]
    assert load["retry_delay"] == {
        "__type": "TimeDelta",
        "days": 0,
        "seconds": 90,
        "microseconds": 500_000,
    }
    assert load["trigger_rule"] == "all_success"
    assert load["class_ref"]["class_name"] == "BashOperator"
    assert api.get("/api/v2/dags/sales/tasks/nosuch").status_code == 404
    assert api.get("/api/v2/dags/nosuch/tasks").status_code == 404
    tasks = "/api/v2/dags/sales/tasks"
    ordered = api.get(tasks, params={"order_by": "-retries"}).json()["tasks"]
    assert [task["task_id"] for task in ordered] == ["load", "add"]
    assert api.get(tasks, params={"order_by": "beauty"}).status_code == 400


def test_what_unpausing_would_start(api: Any, crew: Crew, database: Database) -> None:
    daily = CronTriggerTimetable("0 0 * * *", "UTC").to_spec()
    past = replace(SALES, start_date=START - timedelta(days=4), schedule=daily)
    record(
        database,
        crew,
        replace(past, dag_id="all", catchup=True),
        replace(past, dag_id="latest"),
        replace(past, dag_id="by_hand", schedule=ScheduleSpec()),
    )

    def ask(dag_id: str, **query: Any) -> Any:
        answer = api.get(f"/api/v2/dags/{dag_id}/upcomingRuns", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    everything = ask("all", limit=2)
    assert everything["is_paused"] is True
    assert everything["total_overdue"] == 6
    assert [run["run_id"] for run in everything["overdue"]] == [
        "scheduled__2025-12-28T00:00:00+00:00",
        "scheduled__2025-12-29T00:00:00+00:00",
    ]
    assert [run["run_after"] for run in everything["upcoming"]] == [
        "2026-01-03T00:00:00Z",
        "2026-01-04T00:00:00Z",
    ]
    latest = ask("latest")
    assert [run["logical_date"] for run in latest["overdue"]] == ["2026-01-02T00:00:00Z"]
    assert len(latest["upcoming"]) == 10
    by_hand = ask("by_hand")
    assert (by_hand["why_none"], by_hand["overdue"]) == ("the DAG has no schedule", [])
    assert api.get("/api/v2/dags/nosuch/upcomingRuns").status_code == 404
    assert api.get("/api/v2/dags/all/upcomingRuns?limit=-1").status_code == 422

"""Assets: list them, make events, see what is queued and which run took what."""

from typing import Any

import pytest

from tests.scheduler.harness import chain
from tests.server.crew import Crew
from tradewind.model.assets import AssetUpdate
from tradewind.model.constructs import AssetSpec
from tradewind.model.plan import Plan, ScheduleSpec, TaskPlan

API = "/api/v2"


def one(name: str) -> dict[str, Any]:
    return {"asset": {"name": name, "uri": f"x://{name}", "group": "asset"}}


def spec(name: str, **facts: Any) -> AssetSpec:
    return AssetSpec(name=name, uri=f"x://{name}", **facts)


@pytest.fixture
def loaded(crew: Crew) -> Crew:
    """`load` writes a; `both` waits for a and b, and reads a."""
    condition = {"all": [one("a"), one("b"), {"alias": {"name": "late", "group": "asset"}}]}
    crew.load(
        Plan(
            dag_id="load",
            tasks=(TaskPlan(task_id="t", outlets=(one("a"),)),),
            assets=(spec("a", extra={"owner": "me"}),),
        ),
        Plan(
            dag_id="both",
            tasks=(TaskPlan(task_id="t", inlets=({"asset_ref": {"name": "a"}},)),),
            schedule=ScheduleSpec("asset_triggered", {"assets": {"any": [condition, one("c")]}}),
            assets=(spec("a", extra={"owner": "me"}), spec("b"), spec("c")),
        ),
        chain("x"),
    )
    return crew


def asset_id(api: Any, name: str) -> int:
    found = api.get(f"{API}/assets", params={"name_pattern": name}).json()["assets"]
    return int(found[0]["id"])


def test_assets_say_who_names_them(api: Any, loaded: Crew) -> None:
    found = api.get(f"{API}/assets", params={"order_by": "name"}).json()
    assert [row["name"] for row in found["assets"]] == ["a", "b", "c"]
    assert found["total_entries"] == 3
    first = found["assets"][0]
    assert (first["uri"], first["group"], first["extra"]) == ("x://a", "asset", {"owner": "me"})
    assert [item["dag_id"] for item in first["scheduled_dags"]] == ["both"]
    assert [(i["dag_id"], i["task_id"]) for i in first["producing_tasks"]] == [("load", "t")]
    assert [(i["dag_id"], i["task_id"]) for i in first["consuming_tasks"]] == [("both", "t")]
    assert first["last_asset_event"] is None
    assert api.get(f"{API}/assets/{first['id']}").json() == first
    of_load = api.get(f"{API}/assets", params={"dag_ids": ["load"]}).json()
    assert [row["name"] for row in of_load["assets"]] == ["a"]
    assert api.get(f"{API}/assets/999").status_code == 404
    (alias,) = api.get(f"{API}/assets/aliases").json()["asset_aliases"]
    assert alias["name"] == "late"
    assert api.get(f"{API}/assets/aliases/{alias['id']}").json() == alias


def test_a_dag_says_what_it_waits_for(api: Any, loaded: Crew) -> None:
    shown = api.get(f"{API}/dags/both/details").json()
    assert shown["asset_expression"]["any"][1] == one("c")
    assert shown["not_yet_possible"] == []


def test_an_event_is_made_queued_and_taken(api: Any, loaded: Crew) -> None:
    a = asset_id(api, "a")
    made = api.post(f"{API}/assets/events", json={"asset_id": a, "extra": {"rows": 3}})
    assert made.status_code == 200, made.text
    event = made.json()
    assert event["extra"] == {"rows": 3, "from_rest_api": True}
    assert (event["name"], event["source_dag_id"], event["created_dagruns"]) == ("a", None, [])
    (queued,) = api.get(f"{API}/dags/both/assets/queuedEvents").json()["queued_events"]
    assert (queued["dag_id"], queued["asset_id"]) == ("both", a)
    for where in (f"/assets/{a}/queuedEvents", f"/dags/both/assets/{a}/queuedEvents"):
        assert api.get(API + where).json()["queued_events"] == [queued]
    api.post(f"{API}/assets/events", json={"asset_id": asset_id(api, "c")})
    (run,) = api.get(f"{API}/dags/both/dagRuns").json()["dag_runs"]
    assert (run["run_type"], run["triggered_by"], run["logical_date"]) == (
        "asset_triggered",
        "asset",
        None,
    )
    where = f"{API}/dags/both/dagRuns/{run['dag_run_id']}/upstreamAssetEvents"
    taken = api.get(where).json()
    assert [item["name"] for item in taken["asset_events"]] == ["a", "c"]
    (created,) = taken["asset_events"][0]["created_dagruns"]
    assert (created["dag_id"], created["run_id"]) == ("both", run["dag_run_id"])
    assert api.get(f"{API}/dags/both/assets/queuedEvents").json()["total_entries"] == 0
    listed = api.get(f"{API}/assets/events", params={"asset_id": a, "order_by": "-timestamp"})
    assert [item["id"] for item in listed.json()["asset_events"]] == [event["id"]]
    assert api.get(f"{API}/assets/{a}").json()["last_asset_event"]["id"] == event["id"]


def test_a_task_makes_an_event(api: Any, loaded: Crew) -> None:
    answer = api.post(f"{API}/dags/load/dagRuns", json={"dag_run_id": "r", "logical_date": None})
    assert answer.status_code == 200, answer.text
    loaded.runs("t", asset_updates=(AssetUpdate(name="a", uri="x://a"),))
    found = api.get(f"{API}/assets/events", params={"source_run_id": "r"}).json()
    (event,) = found["asset_events"]
    assert (event["source_dag_id"], event["source_task_id"]) == ("load", "t")
    assert event["source_map_index"] == -1


@pytest.mark.parametrize("way", ["asset", "dag", "both"])
def test_what_is_queued_is_forgotten(api: Any, loaded: Crew, way: str) -> None:
    a = asset_id(api, "a")
    api.post(f"{API}/assets/events", json={"asset_id": a})
    where = {
        "asset": f"{API}/assets/{a}/queuedEvents",
        "dag": f"{API}/dags/both/assets/queuedEvents",
        "both": f"{API}/dags/both/assets/{a}/queuedEvents",
    }[way]
    early = {"before": "2000-01-01T00:00:00Z"}
    assert api.get(where, params=early).json()["total_entries"] == 0
    assert api.delete(where, params=early).status_code == 204
    assert api.get(where).json()["total_entries"] == 1
    assert api.delete(where).status_code == 204
    assert api.get(where).json()["total_entries"] == 0


def test_an_asset_is_materialized_by_the_one_dag_that_writes_it(api: Any, loaded: Crew) -> None:
    a = asset_id(api, "a")
    answer = api.post(f"{API}/assets/{a}/materialize")
    assert answer.status_code == 200, answer.text
    run = answer.json()
    assert (run["dag_id"], run["run_type"]) == ("load", "asset_materialization")
    assert run["dag_run_id"].startswith("asset_materialization__")
    named = api.post(f"{API}/assets/{a}/materialize", json={"dag_run_id": "mine", "conf": {"k": 1}})
    assert (named.json()["dag_run_id"], named.json()["conf"]) == ("mine", {"k": 1})
    assert api.post(f"{API}/assets/{asset_id(api, 'b')}/materialize").status_code == 404


def test_bad_requests_are_refused(api: Any, loaded: Crew) -> None:
    assert api.post(f"{API}/assets/events", json={"asset_id": 999}).status_code == 404
    a = asset_id(api, "a")
    partition = {"asset_id": a, "partition_key": "2024"}
    assert api.post(f"{API}/assets/events", json=partition).status_code == 400
    assert api.get(f"{API}/dags/nobody/assets/queuedEvents").status_code == 404
    assert api.get(f"{API}/assets", params={"order_by": "extra"}).status_code == 400

"""Task instances: list, look at, their tries, clear."""

import json
from typing import Any

import pytest

from tests.scheduler.harness import chain
from tests.server.crew import Crew
from tradewind.model.attempts import Result
from tradewind.model.plan import GroupPlan, Plan, TaskPlan

RUN = "/api/v2/dags/chain/dagRuns/r"
TASKS = f"{RUN}/taskInstances"


@pytest.fixture
def halfway(api: Any, crew: Crew) -> Crew:
    """A run whose first task succeeded, whose second failed once and whose third waits."""
    crew.load(chain("a", "b", "c", retries=1, retry_delay_s=0))
    api.post("/api/v2/dags/chain/dagRuns", json={"logical_date": None, "dag_run_id": "r"})
    crew.runs("a", xcoms=(("return_value", {"rows": 3}),))
    crew.runs("b", Result.FAILED, reason="ValueError: no")
    return crew


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [task["task_id"] for task in answer.json()["task_instances"]]


def test_one_task_instance(api: Any, halfway: Crew) -> None:
    task = api.get(f"{TASKS}/a").json()
    assert task["state"] == "success"
    assert task["try_number"] == 1
    assert task["dag_run_id"] == "r"
    assert task["map_index"] == -1
    assert task["pool"] == "default_pool"
    assert task["rendered_fields"] == {}
    assert task["dag_version"]["version_number"] == 1
    assert task["note"] is None
    waiting = api.get(f"{TASKS}/c").json()
    assert waiting["state"] is None
    assert waiting["start_date"] is None
    assert waiting["id"] != task["id"]
    for path in (f"{TASKS}/nosuch", f"{TASKS}/a/3", f"{RUN}x/taskInstances/a"):
        missing = api.get(path)
        assert missing.status_code == 404
        assert "has no task instance" in missing.json()["detail"]
    assert api.get(f"{TASKS}/a/-1").json() == task


def test_lists(api: Any, halfway: Crew) -> None:
    assert ids(api.get(TASKS)) == ["a", "b", "c"]
    everywhere = "/api/v2/dags/~/dagRuns/~/taskInstances"
    for asked, expected in (
        ({}, ["a", "b", "c"]),
        ({"state": "success"}, ["a"]),
        ({"state": ["success", "none"]}, ["a", "c"]),
        ({"task_id": "b"}, ["b"]),
        ({"pool": "nosuch"}, []),
        ({"pool_name_pattern": "DEFAULT"}, ["a", "b", "c"]),
        ({"try_number": 0}, ["c"]),
        ({"map_index": -1, "order_by": "-task_id"}, ["c", "b", "a"]),
        ({"operator": "BaseOperator", "limit": 2}, ["a", "b"]),
        ({"start_date_gte": "2030-01-01T00:00:00Z"}, []),
        ({"task_display_name_pattern": "B"}, ["b"]),
        ({"task_group_id": "nosuch"}, []),
        ({"version_number": 1}, ["a", "b", "c"]),
        ({"executor": "other"}, []),
        ({"queue_name_prefix_pattern": "def"}, ["a", "b", "c"]),
    ):
        if "task_group_id" not in asked:
            assert ids(api.get(everywhere, params=asked)) == expected, asked
        assert ids(api.get(TASKS, params=asked)) == expected, asked
    batch = api.post(f"{everywhere}/list", json={"state": [None], "dag_run_ids": ["r"]})
    assert ids(batch) == ["c"]
    assert api.get(f"{RUN}x/taskInstances").status_code == 404
    bad = api.get(TASKS, params={"order_by": "beauty"})
    assert bad.status_code == 400
    assert "rendered_map_index" in bad.json()["detail"]
    assert api.get(TASKS, params={"state": "happy"}).status_code == 422
    assert ids(api.get(f"{TASKS}/a/listMapped")) == []


def test_tries(api: Any, halfway: Crew) -> None:
    halfway.runs("b")
    answer = api.get(f"{TASKS}/b/tries").json()
    tries = [(entry["try_number"], entry["state"]) for entry in answer["task_instances"]]
    assert tries[0][0] == 1
    assert tries[-1] == (2, "success")
    assert answer["total_entries"] == 2
    first = api.get(f"{TASKS}/b/tries/1").json()
    assert first["exit_reason"] == "ValueError: no"
    assert api.get(f"{TASKS}/b/-1/tries/2").json()["state"] == "success"
    assert api.get(f"{TASKS}/b/tries/3").status_code == 404
    assert api.get(f"{TASKS}/nosuch/tries").status_code == 404


def test_clearing(api: Any, halfway: Crew) -> None:
    clear = "/api/v2/dags/chain/clearTaskInstances"
    dry = api.post(clear, json={"dag_run_id": "r", "only_failed": False, "task_ids": ["a"]})
    assert ids(dry) == ["a"]
    assert api.get(f"{TASKS}/a").json()["state"] == "success"
    below = {"dag_run_id": "r", "only_failed": False, "task_ids": [["a", -1]]}
    dry = api.post(clear, json={**below, "include_downstream": True})
    assert ids(dry) == ["a", "b", "c"]
    done = api.post(clear, json={**below, "dry_run": False})
    assert ids(done) == ["a"]
    assert api.get(f"{TASKS}/a").json()["state"] != "success"


BAD_CLEARS: list[Any] = [
    ({"only_running": True}, 422),
    ({"include_past": True}, 422),
    ({"task_ids": []}, 422),
    ({"dag_run_id": "nosuch"}, 404),
    ({"dag_run_id": "r", "task_ids": [["a", 3]]}, 404),
    ({"start_date": "2026-01-02T00:00:00Z", "end_date": "2026-01-01T00:00:00Z"}, 422),
    ({"colour": "red"}, 422),
]


def test_bad_clears(api: Any, halfway: Crew) -> None:
    for body, status in BAD_CLEARS:
        answer = api.post("/api/v2/dags/chain/clearTaskInstances", json=body)
        assert answer.status_code == status, answer.text


def test_a_running_task_can_be_spared(api: Any, crew: Crew) -> None:
    crew.load(chain("a"))
    api.post("/api/v2/dags/chain/dagRuns", json={"logical_date": None, "dag_run_id": "r"})
    crew.starts("a")
    body = {"dag_run_id": "r", "only_failed": False, "dry_run": False}
    clear = "/api/v2/dags/chain/clearTaskInstances"
    spared = api.post(clear, json={**body, "prevent_running_task": True})
    assert spared.status_code == 409
    assert "r a" in spared.json()["detail"]
    assert api.get(f"{TASKS}/a").json()["state"] == "running"


def test_xcoms(api: Any, halfway: Crew) -> None:
    entries = f"{TASKS}/a/xcomEntries"
    listed = api.get(entries).json()
    assert listed["total_entries"] == 1
    assert listed["xcom_entries"][0]["key"] == "return_value"
    assert "value" not in listed["xcom_entries"][0]
    entry = api.get(f"{entries}/return_value").json()
    assert entry["value"] == {"rows": 3}
    assert entry["run_id"] == "r"
    text = api.get(f"{entries}/return_value", params={"stringify": True}).json()
    assert text["value"] == '{"rows": 3}'
    everywhere = "/api/v2/dags/~/dagRuns/~/taskInstances/~/xcomEntries"
    for asked, expected in (
        ({}, 1),
        ({"xcom_key": "other"}, 0),
        ({"xcom_key_pattern": "RETURN"}, 1),
        ({"task_id_prefix_pattern": "b"}, 0),
        ({"map_index": 0}, 0),
        ({"run_after_gte": "2030-01-01T00:00:00Z"}, 0),
    ):
        assert api.get(everywhere, params=asked).json()["total_entries"] == expected, asked
    missing = api.get(f"{entries}/nosuch")
    assert missing.status_code == 404
    assert api.get(everywhere, params={"order_by": "beauty"}).status_code == 400


def test_xcoms_that_json_cannot_say(api: Any, crew: Crew) -> None:
    crew.load(chain("a"))
    api.post("/api/v2/dags/chain/dagRuns", json={"logical_date": None, "dag_run_id": "r"})
    value = {"nan": float("nan"), "half": "\ud800", "zero": "a\0b", "umlaut": "ü"}
    crew.runs("a", xcoms=(("odd", value),))
    answer = api.get(f"{TASKS}/a/xcomEntries/odd")
    assert answer.status_code == 200
    assert answer.json()["value"] == {
        "nan": None,
        "half": "\\ud800",
        "zero": "a\0b",
        "umlaut": "ü",
    }


def test_an_xcom_that_is_very_deep_is_shown_as_text_below(api: Any, crew: Crew) -> None:
    value: Any = 1
    for _ in range(300):
        value = [value]
    crew.load(chain("a"))
    api.post("/api/v2/dags/chain/dagRuns", json={"logical_date": None, "dag_run_id": "r"})
    crew.runs("a", xcoms=(("deep", value),))
    shown = api.get(f"{TASKS}/a/xcomEntries/deep").json()["value"]
    for _ in range(100):
        (shown,) = shown
    assert json.loads(shown) == json.loads("[" * 200 + "1" + "]" * 200)


def test_one_is_marked(api: Any, halfway: Crew) -> None:
    would = api.patch(f"{TASKS}/b/dry_run", json={"new_state": "success"})
    assert ids(would) == ["b"]
    assert api.get(f"{TASKS}/b").json()["state"] != "success"
    assert ids(api.patch(f"{TASKS}/b", json={"new_state": "success"})) == ["b"]
    assert api.get(f"{TASKS}/b").json()["state"] == "success"
    again = api.patch(f"{TASKS}/b", json={"new_state": "success"})
    assert again.status_code == 409
    assert "already in state success" in again.json()["detail"]
    assert ids(api.patch(f"{TASKS}/b/dry_run", json={"new_state": "success"})) == []
    assert ids(api.patch(f"{TASKS}/c/-1", json={"new_state": "skipped"})) == ["c"]
    assert api.get(RUN).json()["state"] == "success"


def test_one_is_marked_with_its_relatives(api: Any, halfway: Crew) -> None:
    body = {"new_state": "failed", "include_upstream": True, "include_downstream": True}
    assert sorted(ids(api.patch(f"{TASKS}/b/dry_run", json=body))) == ["a", "b", "c"]
    assert sorted(ids(api.patch(f"{TASKS}/b", json=body))) == ["a", "b", "c"]
    assert {task["state"] for task in api.get(TASKS).json()["task_instances"]} == {"failed"}


def test_a_note_on_one(api: Any, halfway: Crew) -> None:
    assert ids(api.patch(f"{TASKS}/a", json={"note": "look at this"})) == ["a"]
    assert api.get(f"{TASKS}/a").json()["note"] == "look at this"
    assert api.get(f"{TASKS}/a").json()["state"] == "success"
    both = {"note": "by hand", "new_state": "skipped"}
    (shown,) = api.patch(f"{TASKS}/b", json=both).json()["task_instances"]
    assert (shown["note"], shown["state"]) == ("by hand", "skipped")
    masked = api.patch(f"{TASKS}/b", json=both | {"note": "x"}, params={"update_mask": "new_state"})
    assert masked.status_code == 409
    assert api.get(f"{TASKS}/b").json()["note"] == "by hand"
    assert ids(api.patch(f"{TASKS}/a", json={"note": None})) == ["a"]
    assert api.get(f"{TASKS}/a").json()["note"] is None


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("a", {"new_state": "running"}, 422),
        ("a", {"new_state": "nonsense"}, 422),
        ("a", {"state": "success"}, 422),
        ("a", {}, 400),
        ("nosuch", {"new_state": "success"}, 404),
        ("a/4", {"new_state": "success"}, 404),
    ],
)
def test_what_cannot_be_marked(
    api: Any, halfway: Crew, path: str, body: dict[str, Any], status: int
) -> None:
    for form in (path, f"{path}/dry_run"):
        assert api.patch(f"{TASKS}/{form}", json=body).status_code == status


def test_a_group_is_marked(api: Any, crew: Crew) -> None:
    tasks = tuple(
        TaskPlan(task_id=f"g.{name}", group_id="g", upstream=upstream)
        for name, upstream in (("x", ()), ("y", ("g.x",)))
    )
    after = TaskPlan(task_id="z", upstream=("g.y",))
    crew.load(Plan(dag_id="chain", tasks=(*tasks, after), groups=(GroupPlan(group_id="g"),)))
    api.post("/api/v2/dags/chain/dagRuns", json={"logical_date": None, "dag_run_id": "r"})
    group = f"{RUN}/taskGroupInstances/g"
    assert ids(api.patch(f"{group}/dry_run", json={"new_state": "success"})) == ["g.x", "g.y"]
    assert ids(api.patch(group, json={"new_state": "success"})) == ["g.x", "g.y"]
    assert api.get(f"{TASKS}/z").json()["state"] == "queued"
    assert ids(api.patch(group, json={"note": "both"})) == ["g.x", "g.y"]
    missing = api.patch(f"{RUN}/taskGroupInstances/h", json={"new_state": "success"})
    assert missing.status_code == 404


def test_links_to_pages_elsewhere(api: Any, crew: Crew) -> None:
    links = (("Job", "_link_Job"), ("Bill", "_link_Bill"))
    crew.load(Plan(dag_id="chain", tasks=(TaskPlan(task_id="a", extra_links=links),)))
    api.post("/api/v2/dags/chain/dagRuns", json={"logical_date": None, "dag_run_id": "r"})
    untold = {"extra_links": {"Job": None, "Bill": None}, "total_entries": 2}
    assert api.get(f"{TASKS}/a/links").json() == untold
    crew.runs("a", xcoms=(("_link_Job", "https://jobs/7"),))
    told = api.get(f"{TASKS}/a/links").json()
    assert told["extra_links"] == {"Job": "https://jobs/7", "Bill": None}
    assert api.get(f"{TASKS}/a/links", params={"try_number": 1}).json() == told
    assert api.get(f"{TASKS}/a/links", params={"try_number": 9}).json() == untold
    assert api.get(f"{TASKS}/b/links").status_code == 404
    assert api.get("/api/v2/dags/chain/tasks/a").json()["extra_links"] == ["Job", "Bill"]

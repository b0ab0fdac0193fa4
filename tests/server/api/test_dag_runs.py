"""Runs: trigger, list, look at, mark, clear."""

import base64
from dataclasses import replace
from typing import Any

import pytest

from tests.scheduler.harness import chain
from tests.server.crew import Crew
from tradewind.model.attempts import Result
from tradewind.model.plan import Plan

DAY = "2026-01-01T00:00:00Z"


def trigger(api: Any, dag_id: str = "chain", **body: Any) -> Any:
    return api.post(f"/api/v2/dags/{dag_id}/dagRuns", json={"logical_date": None, **body})


def test_a_triggered_run_is_answered_with_its_row(api: Any, crew: Crew) -> None:
    crew.load(chain("a", "b"))
    answer = trigger(
        api, dag_run_id="first", logical_date="2026-01-01T02:00:00+02:00", conf={"x": 1}, note="n"
    )
    assert answer.status_code == 200, answer.text
    run = answer.json()
    assert {key: run[key] for key in ("dag_id", "dag_run_id", "logical_date", "run_type")} == {
        "dag_id": "chain",
        "dag_run_id": "first",
        "logical_date": DAY,
        "run_type": "manual",
    }
    assert run["conf"] == {"x": 1}
    assert run["note"] == "n"
    assert run["triggered_by"] == "rest_api"
    assert run["triggering_user_name"] == "admin"
    assert run["state"] in ("queued", "running")
    assert [version["version_number"] for version in run["dag_versions"]] == [1]
    assert api.get("/api/v2/dags/chain/dagRuns/first").json()["dag_run_id"] == "first"


def test_a_run_without_a_name_gets_one(api: Any, crew: Crew) -> None:
    crew.load(chain("a"))
    nameless = trigger(api).json()
    assert nameless["dag_run_id"].startswith("manual__2026-01-02T00:00:00+00:00_")
    assert nameless["logical_date"] is None
    dated = trigger(api, logical_date=DAY).json()
    assert dated["dag_run_id"] == "manual__2026-01-01T00:00:00+00:00"


def test_where_runs_always_have_a_date_it_names_them(api: Any, crew: Crew) -> None:
    plan = replace(chain("a"), manual_run_is_dated=True, runs_are_named_by_date=True)
    crew.load(plan)
    made = trigger(api).json()
    assert made["dag_run_id"] == "manual__2026-01-02T00:00:00+00:00"
    assert made["logical_date"] == "2026-01-02T00:00:00Z"
    dated = trigger(api, logical_date=DAY, run_after="2026-01-01T05:00:00Z").json()
    assert dated["dag_run_id"] == "manual__2026-01-01T00:00:00+00:00"


def test_a_run_cannot_be_made_twice(api: Any, crew: Crew) -> None:
    crew.load(chain("a"))
    assert trigger(api, dag_run_id="r", logical_date=DAY).status_code == 200
    assert trigger(api, dag_run_id="r").status_code == 409
    again = trigger(api, dag_run_id="other", logical_date=DAY)
    assert again.status_code == 409
    assert isinstance(again.json()["detail"], str)


BAD_TRIGGERS: list[Any] = [
    ({"dag_run_id": "scheduled__x"}, 400, "reserved"),
    ({"dag_run_id": "no spaces"}, 400, "does not match"),
    ({"partition_key": "k"}, 400, "not partitioned"),
    ({"logical_date": "yesterday"}, 422, "logical_date"),
    ({"data_interval_start": DAY}, 422, "data_interval_end"),
    ({"unknown": 1}, 422, "unknown"),
    ({"conf": {"size": "big"}}, 400, "size"),
    ({"conf": {}}, 400, "'size' has no default"),
]


def test_bad_triggers(api: Any, crew: Crew) -> None:
    params = {"size": {"schema": {"type": "integer"}}}
    crew.load(Plan(dag_id="chain", tasks=chain("a").tasks, params=params))
    for body, status, says in BAD_TRIGGERS:
        answer = trigger(api, **{"conf": {"size": 3}, **body})
        assert answer.status_code == status, answer.text
        assert says in answer.text
        assert api.get("/api/v2/dags/chain/dagRuns").json()["total_entries"] == 0


def test_the_logical_date_must_be_said(api: Any, crew: Crew) -> None:
    crew.load(chain("a"))
    answer = api.post("/api/v2/dags/chain/dagRuns", json={})
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", "logical_date"]
    assert answer.json()["detail"][0]["type"] == "missing"


def test_a_dag_that_is_not_there(api: Any, crew: Crew) -> None:
    assert trigger(api, "nosuch").status_code == 404
    assert api.get("/api/v2/dags/nosuch/dagRuns").status_code == 404
    crew.load(chain("a"))
    gone = api.get("/api/v2/dags/chain/dagRuns/nosuch")
    assert gone.status_code == 404
    assert gone.json() == {"detail": "DAG 'chain' has no run 'nosuch'"}


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [run["dag_run_id"] for run in answer.json()["dag_runs"]]


def test_lists_are_filtered_ordered_and_paged(api: Any, crew: Crew) -> None:
    crew.load(chain("a"), chain("b", dag_id="other"))
    for day in (3, 1, 2):
        trigger(
            api, dag_run_id=f"r{day}", logical_date=f"2026-01-0{day}T00:00:00Z", conf={"d": day}
        )
    trigger(api, "other", dag_run_id="o1")
    crew.runs("a")
    runs = "/api/v2/dags/chain/dagRuns"
    assert ids(api.get(runs, params={"order_by": "-logical_date"})) == ["r3", "r2", "r1"]
    page = api.get(runs, params={"order_by": "run_id", "limit": 1, "offset": 1})
    assert ids(page) == ["r2"]
    assert page.json()["total_entries"] == 3
    everywhere = "/api/v2/dags/~/dagRuns"
    assert sorted(ids(api.get(everywhere))) == ["o1", "r1", "r2", "r3"]
    for asked, expected in (
        ({"logical_date_gt": DAY}, ["r2", "r3"]),
        ({"logical_date_gte": DAY, "logical_date_lt": "2026-01-02T00:00:00Z"}, ["r1"]),
        ({"run_id_pattern": "R_"}, ["r1", "r2", "r3"]),
        ({"run_id_pattern": "1|o"}, ["o1", "r1"]),
        ({"run_id_prefix_pattern": "r"}, ["r1", "r2", "r3"]),
        ({"run_id_prefix_pattern": "R"}, []),
        ({"dag_id_pattern": "~"}, ["o1", "r1", "r2", "r3"]),
        ({"dag_id_pattern": "THE"}, ["o1"]),
        ({"conf_contains": '"d":2'}, ["r2"]),
        ({"state": ["success", "failed"]}, ["r2"]),
        ({"run_type": "backfill"}, []),
        ({"duration_gte": 0.5}, []),
        ({"duration_lt": 0.5}, ["r2"]),
        ({"dag_version": 1}, ["o1", "r1", "r2", "r3"]),
        ({"dag_version": 2}, []),
    ):
        assert sorted(ids(api.get(everywhere, params=asked))) == expected, asked
    batch = api.post(f"{everywhere}/list", json={"dag_ids": ["chain"], "order_by": "-run_id"})
    assert ids(batch) == ["r3", "r2", "r1"]


BAD_LISTS: list[Any] = [
    ({"order_by": "beauty"}, 400, "run_after"),
    ({"limit": -1}, 422, "limit"),
    ({"limit": 10**12}, 422, "limit"),
    ({"run_after_gte": "soon"}, 422, "run_after_gte"),
    ({"state": "happy"}, 422, "state"),
    ({"logical_date_gte": "0001-01-01T00:00:00+05:00"}, 422, "out of range"),
]


def test_bad_lists(api: Any) -> None:
    for asked, status, says in BAD_LISTS:
        answer = api.get("/api/v2/dags/~/dagRuns", params=asked)
        assert answer.status_code == status, answer.text
        assert says in answer.text


def test_cursors_lead_from_page_to_page(api: Any, crew: Crew) -> None:
    crew.load(chain("a"))
    for number in range(5):
        trigger(api, dag_run_id=f"r{number}")
    runs = "/api/v2/dags/chain/dagRuns"
    asked = {"order_by": "run_id", "limit": 2, "offset": 3}
    assert api.get(runs, params=asked).json()["next_cursor"] is None
    found, cursor, pages = [], "", []
    while cursor is not None:
        page = api.get(runs, params={**asked, "cursor": cursor})
        found += ids(page)
        pages.append(page.json())
        cursor = page.json()["next_cursor"]
    assert found == ["r0", "r1", "r2", "r3", "r4"]
    assert [page["previous_cursor"] is None for page in pages] == [True, False, False]
    back = api.get(runs, params={**asked, "cursor": pages[2]["previous_cursor"]})
    assert ids(back) == ["r2", "r3"]
    tasks = "/api/v2/dags/chain/dagRuns/~/taskInstances"
    first = api.get(tasks, params={"cursor": "", "limit": 4}).json()
    rest = api.get(tasks, params={"cursor": first["next_cursor"], "limit": 4}).json()
    assert len(rest["task_instances"]) == 1
    for wrong in ("nonsense", "e30=", "WyJ4Il0=", "Wy0xXQ=="):
        assert api.get(runs, params={"cursor": wrong}).status_code == 400


def test_a_page_is_never_larger_than_the_largest(api: Any, crew: Crew, settings: Any) -> None:
    crew.load(chain("a"))
    for number in range(3):
        trigger(api, dag_run_id=f"r{number}")
    assert settings.api.maximum_page_limit == 100
    assert len(ids(api.get("/api/v2/dags/chain/dagRuns", params={"limit": 1000}))) == 3


def test_a_run_is_marked_and_noted(api: Any, crew: Crew) -> None:
    crew.load(chain("a"))
    trigger(api, dag_run_id="r")
    run = "/api/v2/dags/chain/dagRuns/r"
    assert api.patch(run, json={"note": "look"}).json()["note"] == "look"
    failed = api.patch(run, json={"state": "failed", "note": "x"}, params={"update_mask": "state"})
    assert failed.json()["state"] == "failed", failed.text
    assert failed.json()["note"] == "look"
    assert api.patch(run, json={"state": "running"}).status_code == 422
    masked = api.patch(run, json={"state": "failed"}, params={"update_mask": "start_date"})
    assert masked.status_code == 400
    assert api.patch(f"{run}x", json={"note": "x"}).status_code == 404


def test_a_run_is_cleared(api: Any, crew: Crew) -> None:
    crew.load(chain("a", "b"))
    trigger(api, dag_run_id="r")
    crew.runs("a")
    crew.runs("b", Result.FAILED)
    run = "/api/v2/dags/chain/dagRuns/r"
    assert api.get(run).json()["state"] == "failed"
    dry = api.post(f"{run}/clear", json={}).json()
    assert [task["task_id"] for task in dry["task_instances"]] == ["a", "b"]
    assert dry["total_entries"] == 2
    assert api.get(run).json()["state"] == "failed"
    only = api.post(f"{run}/clear", json={"only_failed": True}).json()
    assert [task["task_id"] for task in only["task_instances"]] == ["b"]
    both = api.post(f"{run}/clear", json={"only_new": True, "only_failed": True})
    assert both.status_code == 422, both.text
    crew.load(chain("a", "b", "c"))
    new = api.post(f"{run}/clear", json={"only_new": True}).json()
    assert [(task["task_id"], task["state"]) for task in new["task_instances"]] == [("c", None)]
    assert api.get(run).json()["state"] == "failed"
    done = api.post(f"{run}/clear", json={"dry_run": False})
    assert done.json()["state"] in ("queued", "running"), done.text


def test_a_run_is_forked(api: Any, crew: Crew) -> None:
    crew.load(chain("a", "b", "c"))
    trigger(api, dag_run_id="r", conf={"x": 1})
    for name in "abc":
        crew.runs(name)
    fork = "/api/v2/dags/chain/dagRuns/r/fork"
    body = {"task_ids": ["b"], "new_dag_run_id": "f"}
    would = api.post(fork, json=body)
    assert would.status_code == 200, would.text
    assert would.json() == {
        "dag_id": "chain",
        "dag_run_id": "f",
        "forked_from": "r",
        "task_ids": ["b", "c"],
        "shared": [{"task_id": "a", "map_index": -1}],
        "dry_run": True,
    }
    assert api.get("/api/v2/dags/chain/dagRuns/f").status_code == 404
    done = api.post(fork, json={**body, "dry_run": False, "note": "again"})
    assert done.json() == {**would.json(), "dry_run": False}
    made = api.get("/api/v2/dags/chain/dagRuns/f").json()
    assert (made["conf"], made["note"], made["logical_date"]) == ({"x": 1}, "again", None)
    for name in "bc":
        crew.runs(name)
    assert api.get("/api/v2/dags/chain/dagRuns/f").json()["state"] == "success"
    assert api.post(fork, json={**body, "dry_run": False}).status_code == 409
    assert api.post(fork, json={"task_ids": ["x"]}).status_code == 404
    assert api.post(fork, json={"task_ids": []}).status_code == 422
    assert api.post(fork.replace("/r/", "/x/"), json=body).status_code == 404


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def test_a_conf_that_is_too_deep_is_refused(api: Any, crew: Crew) -> None:
    crew.load(chain("a"))
    assert trigger(api, conf={"x": deep(99)}).status_code == 200
    refused = trigger(api, conf={"x": deep(100)})
    assert refused.status_code == 422
    assert "at most 100 lists and objects" in refused.text
    assert trigger(api, conf={"x": deep(500)}).status_code == 422


def test_what_cannot_be_sent_back_is_refused_all_the_same(api: Any, crew: Crew) -> None:
    crew.load(chain("a"))
    for body, kind, status in (
        (b'{"note": "\\ud800", "logical_date": null}', "application/json", 422),
        (b'{"conf": NaN, "logical_date": null}', "application/json", 422),
        (b"\xff", "application/json", 400),
        (b"\xff", "text/plain", 422),
    ):
        answer = api.post(
            "/api/v2/dags/chain/dagRuns", content=body, headers={"Content-Type": kind}
        )
        assert answer.status_code == status, answer.text


@pytest.mark.parametrize("run_id", ["~", ".", ".."])
def test_a_run_cannot_have_a_name_that_addresses_something_else(
    api: Any, crew: Crew, run_id: str
) -> None:
    crew.load(chain("a"))
    refused = trigger(api, dag_run_id=run_id)
    assert refused.status_code == 400
    assert "means something else" in refused.json()["detail"]


@pytest.mark.parametrize(
    "query",
    [
        "dagRuns?dag_version=99999999999999999999",
        "dagRuns/~/taskInstances?map_index=99999999999999999999",
        "dagRuns/~/taskInstances?try_number=99999999999999999999",
        "dagRuns/~/taskInstances?version_number=99999999999999999999",
    ],
)
def test_a_number_no_database_can_hold_is_refused(api: Any, query: str) -> None:
    assert api.get(f"/api/v2/dags/~/{query}").status_code == 422


def test_a_cursor_that_is_no_cursor_is_refused(api: Any) -> None:
    cursor = base64.urlsafe_b64encode(b"[" * 30_000).decode()
    assert api.get("/api/v2/dags/~/dagRuns", params={"cursor": cursor}).status_code == 400

"""What tasks ask people: seen, filtered and answered over REST, by those who may."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.scheduler.harness import chain
from tests.server.crew import Crew
from tradewind.model.attempts import Result
from tradewind.model.commands import AskPerson
from tradewind.model.deferral import Deferral
from tradewind.model.human_input import Form, Person
from tradewind.server.auth.roles import Role

RUN = "/api/v2/dags/chain/dagRuns/r"
DETAIL = f"{RUN}/taskInstances/a/-1/hitlDetails"
WAIT = Deferral(classpath=None, kwargs=None, method="told")
FORM = Form(
    subject="Deploy to production?",
    body="**Really?**",
    options=("Approve", "Reject"),
    defaults=("Reject",),
    params={
        "seats": {"value": 1, "description": "How many", "schema": {"type": "integer"}},
        "plain": "x",
    },
)


@pytest.fixture
def asking(crew: Crew, api: Any) -> Callable[..., None]:
    """Has a task of the run r ask, and wait."""
    crew.load(chain("a", "b", retries=1))
    made = api.post("/api/v2/dags/chain/dagRuns", json={"dag_run_id": "r", "logical_date": None})
    assert made.status_code == 200, made.text

    def ask(form: Form = FORM, task_id: str = "a", *, waits: bool = True) -> None:
        crew.starts(task_id)
        crew.command(AskPerson(token=crew.ship.executor.attempt(task_id).token, form=form))
        if waits:
            crew.ends(task_id, Result.DEFERRED, deferral=WAIT)

    return ask


def test_what_is_asked_can_be_seen(api: Any, asking: Callable[..., None]) -> None:
    asking()
    shown = api.get(DETAIL)
    assert shown.status_code == 200, shown.text
    detail = shown.json()
    assert detail["subject"] == "Deploy to production?"
    assert (detail["options"], detail["defaults"]) == (["Approve", "Reject"], ["Reject"])
    assert (detail["multiple"], detail["assigned_users"]) == (False, [])
    assert detail["params"]["seats"]["schema"] == {"type": "integer"}
    assert detail["params"]["plain"] == {"value": "x", "description": None, "schema": {}}
    assert detail["response_received"] is False
    assert (detail["responded_at"], detail["chosen_options"]) == (None, None)
    assert detail["task_instance"]["state"] == "awaiting_input"
    listed = api.get(f"{RUN}/hitlDetails").json()
    assert (listed["total_entries"], listed["hitl_details"]) == (1, [detail])
    of_try = api.get(f"{DETAIL}/tries/1").json()
    assert of_try["task_instance"]["try_number"] == 1
    assert of_try["subject"] == detail["subject"]


def test_an_answer_lets_the_task_go_on(
    api: Any, asking: Callable[..., None], crew: Crew, signed_in: Callable[..., Any]
) -> None:
    asking()
    body = {"chosen_options": ["Approve"], "params_input": {"seats": 3, "plain": "y"}}
    answered = signed_in(Role.USER).patch(DETAIL, json=body)
    assert answered.status_code == 200, answered.text
    told = answered.json()
    assert told["responded_by"] == {"id": "user", "name": "user"}
    assert (told["chosen_options"], told["params_input"]) == (["Approve"], body["params_input"])
    detail = api.get(DETAIL).json()
    assert detail["response_received"] is True
    assert detail["responded_by_user"] == {"id": "user", "name": "user"}
    assert detail["responded_at"] == told["responded_at"]
    assert crew.ship.executor.attempt("a").next_method == "told"
    again = api.patch(DETAIL, json=body)
    assert (again.status_code, "waits for nobody's answer" in again.text) == (409, True)


@pytest.mark.parametrize(
    ("body", "status", "why"),
    [
        ({"chosen_options": ["Maybe"]}, 400, "no such option: Maybe; there are Approve, Reject"),
        ({"chosen_options": ["Approve", "Reject"]}, 400, "only one option"),
        ({"chosen_options": []}, 422, "chosen_options"),
        ({}, 422, "chosen_options"),
        ({"chosen_options": ["Approve"], "params_input": {"x": 1}}, 400, "no param 'x'"),
        ({"chosen_options": ["Approve"], "params_input": {"seats": 1}}, 400, "param 'plain' too"),
        (
            {"chosen_options": ["Approve"], "params_input": {"seats": "many", "plain": 1}},
            400,
            "'many' is not of type 'integer'",
        ),
    ],
)
def test_answers_that_do_not_fit(
    api: Any, asking: Callable[..., None], body: Any, status: int, why: str
) -> None:
    asking()
    refused = api.patch(DETAIL, json=body)
    assert (refused.status_code, why in refused.text) == (status, True), refused.text
    assert api.get(DETAIL).json()["response_received"] is False


def test_only_assigned_users_answer(
    asking: Callable[..., None], signed_in: Callable[..., Any]
) -> None:
    asking(replace(FORM, assigned_users=(Person(id="op", name="The operator"),)))
    body = {"chosen_options": ["Reject"]}
    refused = signed_in(Role.ADMIN).patch(DETAIL, json=body)
    assert (refused.status_code, "The operator may answer" in refused.text) == (403, True)
    assert signed_in(Role.VIEWER).patch(DETAIL, json=body).status_code == 403
    assert signed_in(Role.OP).patch(DETAIL, json=body).status_code == 200


def test_nothing_is_asked(api: Any, asking: Callable[..., None], crew: Crew) -> None:
    body = {"chosen_options": ["Approve"]}
    for path in (DETAIL, f"{DETAIL}/tries/1"):
        assert api.get(path).status_code == 404
    assert api.patch(DETAIL, json=body).status_code == 404
    assert api.patch(DETAIL.replace("/a/", "/nosuch/"), json=body).status_code == 404
    assert api.get(f"{RUN}/hitlDetails").json() == {"hitl_details": [], "total_entries": 0}
    assert api.get("/api/v2/dags/nosuch/dagRuns/~/hitlDetails").status_code == 404


def test_earlier_tries_stay(api: Any, asking: Callable[..., None], crew: Crew) -> None:
    asking()
    clear = {"dry_run": False, "only_failed": False, "task_ids": ["a"], "dag_run_id": "r"}
    assert api.post("/api/v2/dags/chain/clearTaskInstances", json=clear).status_code == 200
    assert api.get(DETAIL).status_code == 404
    assert api.patch(DETAIL, json={"chosen_options": ["Approve"]}).status_code == 404
    asking(replace(FORM, subject="And now?"), waits=False)
    assert api.get(DETAIL).json()["subject"] == "And now?"
    assert api.get(f"{DETAIL}/tries/1").json()["subject"] == "Deploy to production?"
    assert api.get(f"{DETAIL}/tries/2").json()["subject"] == "And now?"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["a", "b"]),
        ({"order_by": "-task_instance_state"}, ["a", "b"]),
        ({"order_by": "-ti_id"}, ["b", "a"]),
        ({"limit": 1, "offset": 1}, ["b"]),
        ({"state": "awaiting_input"}, ["b"]),
        ({"response_received": "true"}, ["a"]),
        ({"response_received": "false"}, ["b"]),
        ({"responded_by_user_id": "admin"}, ["a"]),
        ({"responded_by_user_name": "nobody"}, []),
        ({"subject_search": "second"}, ["b"]),
        ({"body_search": "really"}, ["a", "b"]),
        ({"task_id": "b"}, ["b"]),
        ({"task_id_pattern": "%a%"}, ["a"]),
        ({"dag_id_prefix_pattern": "cha"}, ["a", "b"]),
        ({"map_index": 3}, []),
        ({"created_at_gte": "2000-01-01T00:00:00Z"}, ["a", "b"]),
        ({"created_at_lt": "2000-01-01T00:00:00Z"}, []),
    ],
)
def test_lists(
    api: Any, asking: Callable[..., None], crew: Crew, asked: Any, found: list[str]
) -> None:
    asking()
    assert api.patch(DETAIL, json={"chosen_options": ["Approve"]}).status_code == 200
    crew.runs("a")
    crew.wait_a_minute()
    asking(replace(FORM, subject="A second question"), "b")
    for run in ("~", "r"):
        listed = api.get(f"/api/v2/dags/chain/dagRuns/{run}/hitlDetails", params=asked)
        assert listed.status_code == 200, listed.text
        shown = listed.json()["hitl_details"]
        assert [one["task_instance"]["task_id"] for one in shown] == found
    wrong = api.get(f"{RUN}/hitlDetails", params={"order_by": "colour"})
    assert wrong.status_code == 400

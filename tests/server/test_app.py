"""The application as a whole: who may do what, what it says of itself, what costs memory."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.routing import Route

from tests.patience import PATIENCE_S
from tradewind.server import app as application
from tradewind.server.auth import routes as auth_routes
from tradewind.server.auth.access import Needs
from tradewind.server.auth.roles import LEAST_ROLE, Permission, Role

OPEN = {
    ("GET", "/api/v2/monitor/health"),
    ("GET", "/api/v2/version"),
    ("POST", "/auth/token"),
    ("POST", "/auth/token/cli"),
}
PARTS = {
    "dag_id": "d",
    "dag_run_id": "r",
    "task_id": "t",
    "map_index": "0",
    "try_number": "1",
    "task_try_number": "1",
    "version_number": "1",
    "import_error_id": "1",
    "backfill_id": "1",
    "asset_id": "1",
    "asset_alias_id": "1",
    "group_id": "g",
    "pool_name": "p",
    "variable_key": "v",
    "connection_id": "c",
    "xcom_key": "x",
}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Nothing here depends on the database."""
    return sqlite_url


def rules(dependant: Dependant) -> Iterator[Needs]:
    for part in dependant.dependencies:
        if isinstance(part.call, Needs):
            yield part.call
        yield from rules(part)


def operations(api: Any) -> list[tuple[str, str]]:
    """Every (method, path) that the API says it has, with the path filled in."""
    paths = api.get("/openapi.json").json()["paths"]
    return [
        (method.upper(), path.format(**PARTS).replace(":path", ""))
        for path, methods in paths.items()
        for method in methods
    ]


def test_every_route_wants_a_login(api: Any, signed_in: Callable[..., Any]) -> None:
    stranger = signed_in(None)
    asked = operations(api)
    assert len(asked) > 50
    for method, path in asked:
        answer = stranger.request(method, path)
        if (method, path) in OPEN:
            assert answer.status_code != 401, (method, path)
        else:
            assert answer.status_code == 401, (method, path)
            assert answer.headers["www-authenticate"] == "Bearer"
            assert isinstance(answer.json()["detail"], str)


def test_viewers_change_nothing(api: Any, signed_in: Callable[..., Any]) -> None:
    viewer = signed_in(Role.VIEWER)
    for method, path in operations(api):
        reads = method == "GET" or path.endswith("/list")
        secret = path.startswith(("/api/v2/variables", "/api/v2/connections"))
        if (method, path) not in OPEN:
            answer = viewer.request(method, path)
            expected = reads and not secret
            assert (answer.status_code != 403) is expected, (method, path, answer.text)


def test_each_role_may_do_more_than_the_one_below() -> None:
    assert set(LEAST_ROLE) == set(Permission)
    assert Role.VIEWER < Role.USER < Role.OP < Role.ADMIN


def test_a_user_triggers_but_does_not_read_secrets(signed_in: Callable[..., Any]) -> None:
    user = signed_in(Role.USER)
    assert user.post("/api/v2/dags/x/dagRuns", json={"logical_date": None}).status_code == 404
    assert user.get("/api/v2/variables").status_code == 403
    refused = user.post("/api/v2/pools", json={"name": "p", "slots": 1})
    assert refused.json() == {"detail": "user is user and may not create, change and delete pools"}
    assert signed_in(Role.OP).get("/api/v2/variables").status_code == 200


def test_unknown_paths_and_methods(api: Any) -> None:
    assert api.get("/api/v2/nosuch").json() == {"detail": "Not Found"}
    assert api.delete("/api/v2/dags").status_code == 405
    assert api.post("/api/v2/pools", content=b"{").status_code == 422


def test_openapi_and_docs(api: Any) -> None:
    spec = api.get("/openapi.json").json()
    trigger = spec["paths"]["/api/v2/dags/{dag_id}/dagRuns"]["post"]
    assert trigger["operationId"] == "trigger_dag_run"
    names = [
        operation["operationId"] for path in spec["paths"].values() for operation in path.values()
    ]
    assert len(names) == len(set(names))


def test_what_a_browser_finds_is_self_contained(signed_in: Callable[..., Any]) -> None:
    stranger = signed_in(None)
    front, docs = stranger.get("/"), stranger.get("/docs")
    assert "/docs" in front.text
    assert "/api/v2/dags/{dag_id}/dagRuns" in docs.text
    for page in (front, docs):
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert "<script" not in page.text and "//" not in page.text


def test_an_idle_server_has_not_loaded_what_it_may_never_need() -> None:
    heavy = (
        "jwt cryptography jsonschema jinja2 pendulum alembic argon2 httptools uvloop rich psycopg"
    )
    code = f"import sys, tradewind.server.process; print(*set({heavy.split()}) & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=PATIENCE_S
    )
    assert done.stdout.split() == []


def test_every_route_has_a_rule() -> None:
    routers = [auth_routes.router, *(resource.router for resource in application.RESOURCES)]
    found = [route for router in routers for route in router.routes]
    assert len(found) > 50
    for route in found:
        assert isinstance(route, APIRoute)
        needs_no_login = route.path in (
            "/monitor/health",
            "/version",
            "/auth/token",
            "/auth/token/cli",
        )
        assert bool(list(rules(route.dependant))) is not needs_no_login, route.path


def test_nothing_else_is_served(api: Any) -> None:
    bare = {route.path for route in api.app.router.routes if type(route) is Route}
    assert bare == {"/openapi.json"}

"""Pools, variables, connections and import errors."""

from typing import Any

from tests.scheduler.harness import chain
from tests.server.crew import Crew
from tradewind.model.parsed import ParsedFile
from tradewind.storage import connections, dags, pools, variables
from tradewind.storage.database import Database

POOLS, VARIABLES, CONNECTIONS = "/api/v2/pools", "/api/v2/variables", "/api/v2/connections"


def test_pools(api: Any) -> None:
    made = api.post(POOLS, json={"name": "db/eu", "slots": 3, "description": "few"})
    assert made.status_code == 201, made.text
    assert made.json()["open_slots"] == 3
    assert api.post(POOLS, json={"name": "db/eu", "slots": 3}).status_code == 409
    assert api.get(f"{POOLS}/db%2Feu").json() == made.json()
    listed = api.get(POOLS, params={"order_by": "-name"}).json()
    assert [pool["name"] for pool in listed["pools"]] == ["default_pool", "db/eu"]
    found = api.get(POOLS, params={"pool_name_pattern": "EU"}).json()
    assert found["total_entries"] == 1
    patched = api.patch(f"{POOLS}/db%2Feu", json={"slots": -1, "include_deferred": True})
    assert patched.json()["slots"] == patched.json()["open_slots"] == -1
    assert patched.json()["description"] == "few"
    masked = api.patch(
        f"{POOLS}/db%2Feu",
        json={"slots": 7, "description": "many"},
        params={"update_mask": ["description"]},
    )
    assert (masked.json()["slots"], masked.json()["description"]) == (-1, "many")
    assert api.delete(f"{POOLS}/db%2Feu").status_code == 204
    assert api.get(f"{POOLS}/db%2Feu").status_code == 404
    assert api.delete(f"{POOLS}/db%2Feu").status_code == 404


def test_bad_pools(api: Any) -> None:
    assert api.post(POOLS, json={"name": "p", "slots": -2}).status_code == 422
    assert api.post(POOLS, json={"name": "", "slots": 2}).status_code == 422
    assert api.post(POOLS, json={"name": "p"}).status_code == 422
    assert api.patch(f"{POOLS}/nosuch", json={"slots": 2}).status_code == 404
    renamed = api.patch(f"{POOLS}/default_pool", json={"name": "other"})
    assert renamed.status_code == 400
    kept = api.delete(f"{POOLS}/default_pool")
    assert kept.status_code == 400
    assert "cannot be deleted" in kept.json()["detail"]
    assert api.get(POOLS, params={"order_by": "beauty"}).status_code == 400


def test_a_pool_counts_its_slots(api: Any, crew: Crew) -> None:
    crew.load(chain("a", pool_slots=2), chain("b", dag_id="other", pool_slots=3))
    for dag_id in ("chain", "other"):
        api.post(f"/api/v2/dags/{dag_id}/dagRuns", json={"logical_date": None})
    crew.starts("a")
    pool = api.get(f"{POOLS}/default_pool").json()
    assert (pool["running_slots"], pool["queued_slots"]) == (2, 3)
    assert (pool["occupied_slots"], pool["open_slots"]) == (5, 123)


def test_a_pool_that_shrinks_is_seen_by_the_scheduler(api: Any, crew: Crew) -> None:
    crew.load(chain("a"))
    api.post(POOLS, json={"name": "one", "slots": 1})
    with crew.ship.database.read() as conn:
        assert pools.get(conn, "one") is not None


def test_variables(api: Any) -> None:
    made = api.post(VARIABLES, json={"key": "region", "value": "eu", "description": "d"})
    assert made.status_code == 201, made.text
    assert made.json() == {
        "key": "region",
        "value": "eu",
        "description": "d",
        "is_encrypted": True,
        "team_name": None,
    }
    assert api.post(VARIABLES, json={"key": "region", "value": "us"}).status_code == 409
    api.post(VARIABLES, json={"key": "limits", "value": {"rows": 3}})
    assert api.get(f"{VARIABLES}/limits").json()["value"] == '{"rows": 3}'
    listed = api.get(VARIABLES, params={"variable_key_pattern": "REG"}).json()
    assert [variable["key"] for variable in listed["variables"]] == ["region"]
    patched = api.patch(
        f"{VARIABLES}/region",
        json={"key": "region", "value": "us", "description": "x"},
        params={"update_mask": "value"},
    )
    assert (patched.json()["value"], patched.json()["description"]) == ("us", "d")
    renamed = api.patch(f"{VARIABLES}/region", json={"key": "other", "value": "x"})
    assert renamed.status_code == 400
    assert api.delete(f"{VARIABLES}/region").status_code == 204
    assert api.get(f"{VARIABLES}/region").status_code == 404
    assert api.patch(f"{VARIABLES}/region", json={"key": "region", "value": 1}).status_code == 404
    assert api.post(VARIABLES, json={"key": "k" * 251, "value": "x"}).status_code == 422


def test_secret_variables_are_masked_and_kept(api: Any) -> None:
    api.post(VARIABLES, json={"key": "api_key", "value": "s3cret"})
    assert api.get(f"{VARIABLES}/api_key").json()["value"] == "***"
    api.patch(f"{VARIABLES}/api_key", json={"key": "api_key", "value": "***", "description": "d"})
    service = api.app.state.services
    with service.database.read() as conn:
        assert variables.get(conn, "api_key", service.cipher) == "s3cret"
    api.post(VARIABLES, json={"key": "target", "value": {"host": "h", "password": "s3cret"}})
    shown = api.get(f"{VARIABLES}/target").json()["value"]
    assert shown == '{"host": "h", "password": "***"}'
    api.patch(
        f"{VARIABLES}/target",
        json={"key": "target", "value": {"host": "other", "password": "***"}},
    )
    with service.database.read() as conn:
        stored = variables.get(conn, "target", service.cipher)
    assert stored == '{"host": "other", "password": "s3cret"}'


CONNECTION = {
    "connection_id": "warehouse",
    "conn_type": "postgres",
    "host": "db",
    "login": "me",
    "schema": "public",
    "port": 5432,
    "password": "s3cret",
    "extra": '{"sslmode": "require", "private_key": "s3cret"}',
}


def test_connections(api: Any) -> None:
    made = api.post(CONNECTIONS, json=CONNECTION)
    assert made.status_code == 201, made.text
    assert made.json() == {
        **CONNECTION,
        "description": None,
        "team_name": None,
        "password": "***",
        "extra": '{"sslmode": "require", "private_key": "***"}',
    }
    assert api.post(CONNECTIONS, json=CONNECTION).status_code == 409
    assert "s3cret" not in api.get(CONNECTIONS).text
    found = api.get(CONNECTIONS, params={"connection_id_pattern": "WARE", "order_by": "-host"})
    assert found.json()["total_entries"] == 1
    assert api.delete(f"{CONNECTIONS}/warehouse").status_code == 204
    assert api.get(f"{CONNECTIONS}/warehouse").status_code == 404
    assert api.delete(f"{CONNECTIONS}/warehouse").status_code == 404


def test_writing_a_mask_back_keeps_the_secret(api: Any) -> None:
    shown = api.post(CONNECTIONS, json=CONNECTION).json()
    answer = api.patch(
        f"{CONNECTIONS}/warehouse",
        json={**shown, "host": "other", "extra": '{"sslmode": "off", "private_key": "***"}'},
    )
    assert answer.status_code == 200, answer.text
    service = api.app.state.services
    with service.database.read() as conn:
        stored = connections.get(conn, "warehouse", service.cipher)
    assert stored is not None
    assert stored["host"] == "other"
    assert stored["password"] == "s3cret"
    assert stored["extra"] == '{"sslmode": "off", "private_key": "s3cret"}'
    masked = api.patch(
        f"{CONNECTIONS}/warehouse",
        json={"connection_id": "warehouse", "conn_type": "mysql", "schema": "other"},
        params={"update_mask": ["schema"]},
    )
    assert (masked.json()["conn_type"], masked.json()["schema"]) == ("postgres", "other")


def test_bad_connections(api: Any) -> None:
    for change in (
        {"connection_id": "no spaces"},
        {"connection_id": ""},
        {"conn_type": ""},
        {"port": 70000},
        {"port": "door"},
        {"extra": "not json"},
        {"extra": "[1]"},
        {"colour": "red"},
    ):
        answer = api.post(CONNECTIONS, json={**CONNECTION, **change})
        assert answer.status_code == 422, change
    renamed = api.patch(f"{CONNECTIONS}/other", json=CONNECTION)
    assert renamed.status_code == 400
    missing = api.patch(f"{CONNECTIONS}/warehouse", json=CONNECTION)
    assert missing.status_code == 404


def test_import_errors(api: Any, crew: Crew, database: Database) -> None:
    with database.write() as conn:
        for name in ("one", "two"):
            parsed = ParsedFile(
                fileloc=f"/dags/{name}.py",
                relative_fileloc=f"{name}.py",
                error=f"{name}.py:3: invalid syntax",
            )
            dags.record_file(conn, parsed, now=crew.ship.clock.now(), paused_at_creation=True)
    listed = api.get("/api/v2/importErrors", params={"order_by": "-filename"}).json()
    assert [error["filename"] for error in listed["import_errors"]] == [
        "/dags/two.py",
        "/dags/one.py",
    ]
    two = listed["import_errors"][0]
    assert two["stack_trace"] == "two.py:3: invalid syntax"
    assert api.get(f"/api/v2/importErrors/{two['import_error_id']}").json() == two
    for asked, expected in (
        ({"filename_pattern": "TWO"}, 1),
        ({"filename_prefix_pattern": "/dags"}, 2),
        ({"filename": "/dags/one.py"}, 1),
        ({"bundle_name": "other"}, 0),
    ):
        answer = api.get("/api/v2/importErrors", params=asked)
        assert answer.json()["total_entries"] == expected, asked
    assert api.get("/api/v2/importErrors/999").status_code == 404
    assert api.get("/api/v2/importErrors/x").status_code == 422
    assert api.get("/api/v2/importErrors", params={"order_by": "beauty"}).status_code == 400


def test_text_that_a_database_cannot_hold(api: Any) -> None:
    answer = api.get(f"{VARIABLES}/a%00b")
    assert answer.status_code in (400, 404)
    answer = api.post(POOLS, json={"name": "a\0b", "slots": 1})
    assert answer.status_code in (201, 400)

"""What users set: variables, connections, pools, users; and who is alive. On both engines."""

from datetime import timedelta

import pytest

from tests.conformance.storage.builders import LATER, NOW, rows
from tradewind.model.errors import NotFound, Refused, UserError
from tradewind.storage import components, connections, pools, tables, users, variables
from tradewind.storage.components import Component
from tradewind.storage.database import Database
from tradewind.storage.secrets import Cipher, generate_key

CIPHER = Cipher(generate_key())


def test_secrets_are_not_stored_as_text(database: Database) -> None:
    with database.write() as conn:
        variables.upsert(conn, "token", "s3cret", cipher=CIPHER)
        connections.upsert(
            conn,
            {"conn_id": "c", "conn_type": "http", "password": "s3cret", "extra": '{"x": "s3cret"}'},
            CIPHER,
        )
    stored = repr(rows(database, tables.variable) + rows(database, tables.connection))
    assert "s3cret" not in stored


def test_another_key_cannot_read_them(database: Database) -> None:
    with database.write() as conn:
        variables.upsert(conn, "token", "s3cret", cipher=CIPHER)
        with pytest.raises(UserError, match=r"NEW,OLD"):
            variables.get(conn, "token", Cipher(generate_key()))


def test_a_variable_keeps_its_description_unless_given_another(database: Database) -> None:
    with database.write() as conn:
        variables.upsert(conn, "k", "1", description="first", cipher=CIPHER)
        variables.upsert(conn, "k", "2", cipher=CIPHER)
    assert rows(database, tables.variable)[0].description == "first"
    with database.write() as conn:
        assert variables.get(conn, "k", CIPHER) == "2"
        variables.delete(conn, "k")
        with pytest.raises(NotFound, match="no variable 'k'"):
            variables.delete(conn, "k")
        with pytest.raises(Refused, match="1 to 250"):
            variables.upsert(conn, "", "x", cipher=CIPHER)


def test_a_connection_is_written_whole(database: Database) -> None:
    with database.write() as conn:
        connections.upsert(
            conn, {"conn_id": "c", "conn_type": "http", "host": "old", "port": 1}, CIPHER
        )
        connections.upsert(conn, {"conn_id": "c", "conn_type": "ftp", "host": "new"}, CIPHER)
        found = connections.get(conn, "c", CIPHER)
        assert found is not None
        assert (found["conn_type"], found["host"], found["port"]) == ("ftp", "new", None)
        assert connections.conn_ids(conn) == ["c"]
        connections.delete(conn, "c")
        with pytest.raises(NotFound, match="no connection 'c'"):
            connections.delete(conn, "c")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"conn_id": "c"}, "needs a conn_type"),
        ({"conn_type": "http"}, "conn_id of a connection"),
        ({"conn_id": "c", "conn_type": "http", "hots": "x"}, "a connection has no hots"),
    ],
)
def test_a_connection_that_cannot_be(
    database: Database, fields: dict[str, str], message: str
) -> None:
    with database.write() as conn, pytest.raises(Refused, match=message):
        connections.upsert(conn, fields, CIPHER)


def test_pools(database: Database) -> None:
    with database.write() as conn:
        pools.upsert(conn, "small", slots=2)
        pools.upsert(conn, "small", slots=-1, include_deferred=True)
        assert pools.get(conn, "small") == pools.PoolSnapshot("small", -1, True)
        pools.delete(conn, "small")
        assert pools.get(conn, "small") is None
        with pytest.raises(NotFound, match="no pool 'small'"):
            pools.delete(conn, "small")
        with pytest.raises(Refused, match="cannot be deleted"):
            pools.delete(conn, "default_pool")
        with pytest.raises(Refused, match="not -2"):
            pools.upsert(conn, "small", slots=-2)


def test_users(database: Database) -> None:
    with database.write() as conn:
        assert not users.any_user(conn)
        users.upsert(conn, "ada", password_hash="h1", role="viewer", now=NOW)
        users.upsert(conn, "ada", password_hash="h2", role="admin", now=LATER)
        assert users.any_user(conn)
        (found,) = users.all_users(conn)
        assert found == users.get(conn, "ada")
        assert (found.password_hash, found.role, found.created_at) == ("h2", "admin", NOW)
        users.delete(conn, "ada")
        assert users.get(conn, "ada") is None
        with pytest.raises(NotFound, match="no user 'ada'"):
            users.delete(conn, "ada")


def test_components(database: Database) -> None:
    one = Component(id="s1", kind="scheduler", hostname="h", pid=1, started_at=NOW)
    two = Component(id="a1", kind="api_server", hostname="h", pid=2, started_at=NOW)
    with database.write() as conn:
        components.beat(conn, one, NOW)
        components.beat(conn, two, NOW, "no disk\0")
        components.beat(conn, one, LATER)
        found = components.living(conn)
        assert [(row.id, row.heartbeat_at, row.problem) for row in found] == [
            ("a1", NOW, "no disk\\x00"),
            ("s1", LATER, None),
        ]
        assert components.remove_silent(conn, LATER - timedelta(seconds=1)) == 1
        components.remove(conn, "s1")
        components.remove(conn, "s1")
        assert components.living(conn) == []

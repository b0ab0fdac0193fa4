"""Connection and Variable: from the environment, from the host, as URI and as JSON."""

import json
from typing import Any

import pytest

from tests.authoring.conftest import MemoryHost
from tradewind import BaseHook, Connection, Variable
from tradewind.authoring.errors import (
    AirflowException,
    AirflowNotFoundException,
    AirflowRuntimeError,
    ErrorType,
)
from tradewind.authoring.host import NoHost

FIELDS = ("conn_type", "login", "password", "host", "port", "schema", "extra_dejson")


def fields(connection: Connection) -> tuple[Any, ...]:
    return tuple(getattr(connection, name) for name in FIELDS)


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        (
            "postgresql://me:p%40ss@db.Example:5432/ware%2Fhouse?a=1&b=x%20y",
            ("postgres", "me", "p@ss", "db.Example", 5432, "ware/house", {"a": "1", "b": "x y"}),
        ),
        ("my-type://h", ("my_type", None, None, "h", None, "", {})),
        ("http://https://host/path", ("http", None, None, "https://host", None, "path", {})),
        ("http://me:pw@https%3A%2F%2Fhost", ("http", "me", "pw", "https://host", None, "", {})),
        ("sqlite:///path/x.db", ("sqlite", None, None, "", None, "path/x.db", {})),
        ("type://:p@", ("type", "", "p", "", None, "", {})),
        ("type://me:@h", ("type", "me", "", "h", None, "", {})),
        (
            "type://h/?__extra__=%7B%22a%22%3A+%5B1%5D%7D",
            ("type", None, None, "h", None, "", {"a": [1]}),
        ),
        ("aws://key:se%2Fcret@", ("aws", "key", "se/cret", "", None, "", {})),
    ],
)
def test_a_uri_is_read(uri: str, expected: tuple[Any, ...]) -> None:
    assert fields(Connection(conn_id="c", uri=uri)) == expected


@pytest.mark.parametrize("uri", ["no-uri", "a://b://c://d", "a://h:port"])
def test_a_uri_that_cannot_be_is_refused(uri: str) -> None:
    with pytest.raises(AirflowException):
        Connection(conn_id="c", uri=uri)


@pytest.mark.parametrize(
    "connection",
    [
        Connection(
            conn_type="postgres", host="h", login="a b", password="p/:@", port=1, schema="s"
        ),
        Connection(conn_type="my_type", host="https://h", extra={"a": "1", "ü": "?&="}),
        Connection(conn_type="x", host="h", extra={"nested": {"a": [1, None]}}),
        Connection(conn_type="x", host="h", schema="a/b", extra="plain text"),
        Connection(conn_type="x", password="only"),
    ],
    ids=lambda connection: connection.conn_type,
)
def test_a_connection_survives_its_uri(connection: Connection) -> None:
    back = Connection(uri=connection.get_uri())
    assert (back.extra_dejson, back.host or None, back.schema or None) == (
        connection.extra_dejson,
        connection.host,
        connection.schema,
    )
    assert (back.login or None, back.password, back.port) == (
        connection.login,
        connection.password,
        connection.port,
    )
    assert back.conn_type == connection.conn_type


def test_a_uri_without_a_type_begins_with_its_slashes() -> None:
    assert Connection(host="host", port=1).get_uri() == "//host:1"


def test_json_has_fields_or_a_uri() -> None:
    text = json.dumps({"conn_type": "postgresql", "host": "h", "port": "5", "extra": {"a": [1]}})
    assert fields(Connection.from_json(text)) == ("postgres", None, None, "h", 5, None, {"a": [1]})
    assert Connection.from_json('{"uri": "x://h"}').host == "h"
    assert json.loads(Connection.from_json(text).as_json())["extra"] == {"a": [1]}
    with pytest.raises(TypeError, match="unknown fields \\['hots'\\]"):
        Connection.from_json('{"hots": "h"}')


def test_uri_and_fields_exclude_each_other() -> None:
    with pytest.raises(AirflowException, match="either uri or the single fields"):
        Connection(conn_id="c", uri="x://h", host="h")


def test_the_environment_comes_first_and_ours_before_airflows(
    memory: MemoryHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory.connections["c"] = {"conn_id": "c", "conn_type": "stored"}
    assert BaseHook.get_connection("c").conn_type == "stored"
    monkeypatch.setenv("AIRFLOW_CONN_C", '{"conn_type": "json"}')
    assert Connection.get("c").conn_type == "json"
    monkeypatch.setenv("TRADEWIND_CONN_C", "uri://h")
    assert Connection.get("c").conn_type == "uri"


def test_an_unknown_connection_is_named(memory: MemoryHost) -> None:
    with pytest.raises(AirflowNotFoundException, match="`nope`"):
        Connection.get("nope")


def test_outside_tradewind_a_connection_is_not_defined_either() -> None:
    with pytest.raises(AirflowNotFoundException, match=r"`c` isn't defined: .*TRADEWIND_CONN_"):
        BaseHook.get_connection("c")


class TestVariable:
    def test_it_is_read_written_and_removed(self, memory: MemoryHost) -> None:
        Variable.set("a", {"x": 1}, serialize_json=True)
        assert Variable.get("a", deserialize_json=True) == {"x": 1}
        assert Variable.setdefault("b", 2) == 2
        assert Variable.get("b") == "2"
        assert Variable.keys() == ["a", "b"]
        Variable.delete("a")
        assert Variable.get("a", "gone") == Variable.get("a", default_var="gone") == "gone"

    def test_the_environment_comes_first(
        self, memory: MemoryHost, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        memory.variables["a"] = "stored"
        monkeypatch.setenv("AIRFLOW_VAR_A", "env")
        assert Variable.get("a") == "env"

    def test_without_a_value_or_default_it_is_an_error(self, memory: MemoryHost) -> None:
        with pytest.raises(AirflowRuntimeError, match="Variable 'a' does not exist") as caught:
            Variable.get("a")
        assert caught.value.error.error is ErrorType.VARIABLE_NOT_FOUND

    def test_bad_json_is_named(self, memory: MemoryHost) -> None:
        memory.variables["a"] = "{"
        with pytest.raises(ValueError, match="Variable 'a' is not valid JSON"):
            Variable.get("a", deserialize_json=True)

    def test_without_a_process_around_it_says_so(self) -> None:
        with pytest.raises(NoHost, match="TRADEWIND_VAR_"):
            Variable.get("a")
        assert Variable.get("a", default=None) is None
        assert Variable.get("a", default_var="by hand", deserialize_json=True) == "by hand"

"""Connections as URIs and JSON."""

import json

import pytest

from tradewind.cli.connection_text import from_json, from_uri, to_uri
from tradewind.model.errors import UserError


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("postgresql://u:p@db:5432/sales", ("postgres", "db", "sales", "u", "p", 5432, None)),
        (
            "http://https://Host.example/x",
            ("http", "https://Host.example", "x", None, None, None, None),
        ),
        ("my-type://", ("my_type", None, None, None, None, None, None)),
        ("sqlite:///path/x.db", ("sqlite", None, "path/x.db", None, None, None, None)),
        ("t://a%40b:p%2Fw@h", ("t", "h", None, "a@b", "p/w", None, None)),
        ("t://u:@h", ("t", "h", None, "u", "", None, None)),
        ("t://[::1]:5", ("t", "::1", None, None, None, 5, None)),
    ],
)
def test_a_uri_is_read(uri: str, expected: tuple[object, ...]) -> None:
    fields = from_uri(uri)
    names = ("conn_type", "host", "schema", "login", "password", "port", "extra")
    assert tuple(fields[name] for name in names) == expected


def test_values_of_the_query_are_read_as_json() -> None:
    extra = from_uri("postgresql://h?a=1&b=true&c=x")["extra"]
    assert json.loads(extra) == {"a": 1, "b": True, "c": "x"}


@pytest.mark.parametrize(
    "fields",
    [
        {"conn_type": "postgres", "host": "db", "login": "u", "password": "p@:/", "port": 1},
        {"conn_type": "http", "host": "https://db", "schema": "a/b"},
        {"conn_type": "aws", "extra": '{"region": "eu", "n": {"x": 1}}'},
        {"conn_type": "aws", "extra": '{"region": "eu"}'},
        {"conn_type": "aws", "extra": '{"n": "1"}'},
        {"conn_type": "x", "extra": "not json"},
        {"conn_type": "x_y", "login": "u", "password": ""},
        {"conn_type": "x", "host": "::1", "port": 7},
    ],
)
def test_a_uri_is_read_back_the_same(fields: dict[str, object]) -> None:
    again = from_uri(to_uri(fields))
    assert {name: value for name, value in again.items() if value is not None} == fields


@pytest.mark.parametrize(
    ("uri", "said"),
    [("db:5432", "write TYPE://"), ("t://h:port", "port"), ("a://b://c://d", "more than two")],
)
def test_what_is_no_uri_is_refused(uri: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        from_uri(uri)


def test_json_names_unknown_fields() -> None:
    assert from_json({"conn_type": "t", "port": "5", "extra": {"a": 1}}, "x")["port"] == 5
    with pytest.raises(UserError, match="has no hostname: it has conn_type"):
        from_json({"hostname": "h"}, "--conn-json")

"""Connections as URIs and JSON."""

import json

import pytest

from tradewind.cli.connection_text import from_json, from_uri, to_uri
from tradewind.model.errors import UserError


def test_a_uri_is_read() -> None:
    fields = from_uri("postgresql://u:p%2Fw@Db:5432/sales?a=1")
    assert fields["conn_type"] == "postgres"
    assert (fields["host"], fields["port"], fields["schema"]) == ("Db", 5432, "sales")
    assert (fields["login"], fields["password"]) == ("u", "p/w")
    assert json.loads(fields["extra"]) == {"a": "1"}


@pytest.mark.parametrize(
    "fields",
    [
        {"conn_type": "postgres", "host": "db", "login": "u", "password": "p@:/", "port": 1},
        {"conn_type": "http", "host": "https://db", "schema": "a/b"},
        {"conn_type": "aws", "extra": '{"region": "eu", "n": {"x": 1}}'},
        {"conn_type": "aws", "extra": '{"region": "eu"}'},
        {"conn_type": "aws", "extra": '{"n": "1"}'},
        {"conn_type": "x", "extra": "not json"},
        {"conn_type": "x", "host": "::1", "port": 7},
    ],
)
def test_a_uri_is_read_back_the_same(fields: dict[str, object]) -> None:
    again = from_uri(to_uri(fields))
    assert {name: value for name, value in again.items() if value not in (None, "")} == fields


@pytest.mark.parametrize(
    ("uri", "said"),
    [("db:5432", "looks like type://"), ("t://h:port", "port"), ("a://b://c://d", "looks like")],
)
def test_what_is_no_uri_is_refused(uri: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        from_uri(uri)


def test_json_names_unknown_fields() -> None:
    assert from_json({"conn_type": "t", "port": "5", "extra": {"a": 1}}, "x")["port"] == 5
    with pytest.raises(UserError, match="has no hostname: it has conn_type"):
        from_json({"hostname": "h"}, "--conn-json")

"""The four forms of a listing, and colours only where they are wanted."""

import json
from datetime import UTC, datetime

import click
import pytest
import yaml
from click.testing import CliRunner

from tradewind.cli.output import MARKS, STYLES, columns_option, show, show_one
from tradewind.model.states import TaskState

ROWS = [
    {"task_id": "extract", "state": TaskState.SUCCESS, "at": datetime(2024, 1, 1, tzinfo=UTC)},
    {"task_id": "[load]", "state": None, "at": None, "more": "not asked for"},
]
COLUMNS = ("task_id", "state", "at")
AS_DATA = [
    {"task_id": "extract", "state": "success", "at": "2024-01-01T00:00:00+00:00"},
    {"task_id": "[load]", "state": None, "at": None},
]


def test_json_and_yaml_hold_the_same_data(capsys: pytest.CaptureFixture[str]) -> None:
    show(ROWS, columns=COLUMNS, output="json")
    assert json.loads(capsys.readouterr().out) == AS_DATA
    show(ROWS, columns=COLUMNS, output="yaml")
    assert yaml.safe_load(capsys.readouterr().out) == AS_DATA


def test_plain_columns_line_up(capsys: pytest.CaptureFixture[str]) -> None:
    show(ROWS, columns=COLUMNS, output="plain")
    assert capsys.readouterr().out.splitlines() == [
        "task_id  state    at",
        "extract  success  2024-01-01T00:00:00+00:00",
        "[load]",
    ]


def test_a_plain_row_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    show([{"a": "one\ntwo", "b": 1}], columns=("a", "b"), output="plain")
    assert capsys.readouterr().out == "a         b\none\\ntwo  1\n"


def test_a_table_in_a_pipe_has_no_colour_and_no_padding(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"state": TaskState.FAILED, "text": "one\ntwo", "n": 1}, {"text": "x" * 300, "n": 22}]
    show(rows, columns=("state", "text", "n"), output="table")
    assert capsys.readouterr().out.splitlines() == [
        "state   text  n",
        "-" * 120,
        "failed  one   1",
        "        two",
        f"        {'x' * 300}  22",
    ]


def test_nothing_is_said_in_words_or_as_an_empty_list(capsys: pytest.CaptureFixture[str]) -> None:
    show([], columns=COLUMNS, output="table", empty="No tasks.")
    assert capsys.readouterr().out == "No tasks.\n"
    show([], columns=COLUMNS, output="json")
    assert json.loads(capsys.readouterr().out) == []


def test_one_thing_is_an_object(capsys: pytest.CaptureFixture[str]) -> None:
    show_one({"dag_id": "d", "tags": ["a", "b"]}, output="json")
    assert json.loads(capsys.readouterr().out) == {"dag_id": "d", "tags": ["a", "b"]}
    show_one({"dag_id": "d", "tags": ["a", "b"]}, output="plain")
    assert capsys.readouterr().out.splitlines()[2].split() == ["tags", "a,", "b"]


def test_every_state_has_a_colour_and_a_mark() -> None:
    assert set(STYLES) == set(MARKS) == set(TaskState)


def test_columns_are_chosen_from_those_there_are() -> None:
    @click.command()
    @columns_option(("a", "b"), "c")
    def listing(columns: tuple[str, ...]) -> None:
        click.echo(columns)

    def said(*arguments: str) -> str:
        return CliRunner().invoke(listing, arguments).output

    assert said() == "('a', 'b')\n"
    assert said("--columns", "c, a") == "('c', 'a')\n"
    assert "'d' is none of a, b, c" in said("--columns", "d")

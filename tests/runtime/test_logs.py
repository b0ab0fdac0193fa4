"""What a task's log holds of prints, logging, programs and errors."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runtime.partner import Partner
from tradewind.authoring import callables
from tradewind.authoring.errors import AirflowException
from tradewind.model.attempts import Result
from tradewind.model.events import FieldsRendered
from tradewind.runtime.logs import LineWriter, LogHandler, TaskLog, last_line, user_traceback

DAG = """
import logging, os, sys, warnings
from tradewind import DAG, task
from tradewind.authoring import host
from tradewind.model.requests import GetConnection

log = logging.getLogger("mine")

with DAG("d", schedule=None):
    @task
    def talks():
        print("hello", "wörld ✓")
        print("half", end="")
        print(" a line", file=sys.stdout)
        print("to stderr", file=sys.stderr)
        log.info("logged %s", 1)
        log.debug("not at this level")
        os.system("echo from a program")
        os.write(2, b"raw\\n")
        print("no newline at the end", end="")

    @task
    def fails():
        log.warning("about to")
        def inner():
            raise ValueError("no such day")
        inner()

    @task
    def knows():
        password = host.current().ask(GetConnection(conn_id="c"))["password"]
        print("it is", password)
        log.info("really %s", password)

    @task(templates_dict={"shown": "{{ conn.c.password }} {{ var.value.api_key }}"})
    def tells(templates_dict=None):
        token = host.current().ask(GetConnection(conn_id="c"))["extra"]
        raise ValueError(f"{templates_dict['shown']} and {token}")

    talks(), fails(), knows(), tells()
"""


@pytest.fixture
def dag(partner: Partner) -> Path:
    return partner.write_dag("d.py", DAG)


def test_everything_a_task_says_is_there_in_order(partner: Partner, dag: Path) -> None:
    token = partner.dispatch(dag, "talks")
    assert partner.end_of(token).result is Result.SUCCESS
    said = [line for line in partner.log(token) if not line["event"].startswith("Done")]
    assert [(line.get("level"), line.get("logger"), line["event"]) for line in said] == [
        ("info", "task.stdout", "hello wörld ✓"),
        ("info", "task.stdout", "half a line"),
        ("error", "task.stderr", "to stderr"),
        ("info", "mine", "logged 1"),
        (None, None, "from a program"),
        (None, None, "raw"),
        ("info", "task.stdout", "no newline at the end"),
    ]
    assert said[0]["timestamp"].endswith("+00:00")
    assert said[3]["filename"] == "d.py"


def test_error_shows_the_users_traceback_only(partner: Partner, dag: Path) -> None:
    token = partner.dispatch(dag, "fails")
    assert partner.end_of(token).reason == "ValueError: no such day"
    (event,) = (line["event"] for line in partner.log(token) if line["logger"] == "task")
    assert event.startswith("Task failed: ValueError: no such day\nTraceback")
    assert "in inner" in event and event.endswith("ValueError: no such day")
    assert "/tradewind/runtime/" not in event


def test_passwords_are_masked(partner: Partner, dag: Path) -> None:
    partner.answers["GetConnection"] = {"conn_id": "c", "password": "s3cret"}
    token = partner.dispatch(dag, "knows")
    partner.end_of(token)
    assert {"it is ***", "really ***"} <= set(partner.events_in_log(token))
    assert "s3cret" not in partner.log_file(token).read_text()


def test_secrets_are_masked_in_what_a_task_reports(partner: Partner, dag: Path) -> None:
    partner.answers["GetConnection"] = {
        "conn_id": "c",
        "conn_type": "http",
        "password": "s3cret",
        "extra": '{"token": "t0ken", "region": "north"}',
    }
    partner.answers["GetVariable"] = "k3y"
    token = partner.dispatch(dag, "tells")

    rendered = partner.wait_for(FieldsRendered, token)
    outcome = partner.end_of(token)

    assert rendered.fields["templates_dict"] == {"shown": "*** ***"}
    expected = 'ValueError: *** *** and {"token": "***", "region": "north"}'
    assert outcome.reason == expected
    text = partner.log_file(token).read_text()
    assert not any(secret in text for secret in ("s3cret", "t0ken", "k3y"))


@pytest.fixture
def log(tmp_path: Path) -> Iterator[tuple[TaskLog, Path]]:
    """A log that writes to a file, without touching this process's own streams."""
    path = tmp_path / "log"
    log = TaskLog()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    log._handle = handle
    yield log, path
    os.close(handle)


def test_lines_are_cut_as_they_end(log: tuple[TaskLog, Path]) -> None:
    writer = LineWriter(log[0], 1, "info", "x")
    writer.write("a\nb")
    assert log[1].read_text().count("\n") == 1
    writer.write("c\r\n\n")
    events = [line.split('"event": ')[1] for line in log[1].read_text().splitlines()]
    assert events == ['"a"}', '"bc"}', '""}']


def test_surrogates_and_control_characters_do_not_break_a_line(log: tuple[TaskLog, Path]) -> None:
    LineWriter(log[0], 1, "info", "x").write("\udce9\x1b[31m\u2028\n")
    assert len(log[1].read_bytes().split(b"\n")) == 2


def test_record_that_cannot_be_formatted_is_not_fatal(
    log: tuple[TaskLog, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    record = logging.LogRecord("x", logging.INFO, "f.py", 1, "%d", ("no number",), None)
    LogHandler(log[0]).handle(record)
    assert "Logging error" in capsys.readouterr().err


def test_last_line_of_an_error() -> None:
    assert last_line(ValueError("one\ntwo")) == "two"
    assert last_line(KeyError()) == "KeyError"
    assert last_line(SystemExit(0)) == "SystemExit: 0"


def test_traceback_names_causes() -> None:
    try:
        try:
            raise KeyError("inner")
        except KeyError as error:
            raise ValueError("outer") from error
    except ValueError as error:
        text = user_traceback(error)
    assert "KeyError: 'inner'" in text and text.endswith("ValueError: outer")


def test_traceback_is_through_the_users_lines_alone() -> None:
    def users(item: str) -> None:
        raise KeyError(item)

    try:
        callables.call(users, ["x"], {}, {})
    except KeyError as error:
        text = user_traceback(error)
    assert "in users" in text
    assert "callables.py" not in text


def test_traceback_through_nothing_but_ours() -> None:
    def raised(error: Exception) -> str:
        lines = compile("raise error", f"{Path(callables.__file__).parent}/x.py", "exec")
        try:
            exec(lines, {"error": error})
        except Exception as failed:
            failed.__traceback__ = failed.__traceback__.tb_next  # type: ignore[union-attr]
            return user_traceback(failed)
        raise AssertionError

    assert "x.py" in raised(ZeroDivisionError("a mistake of ours"))
    assert "x.py" not in raised(AirflowException("the command failed"))

"""`dags test` and `tasks test`: no server, no database, only a file."""

from pathlib import Path

import pytest

from tests.acceptance.product import command

pytestmark = pytest.mark.acceptance

GOOD = """
from datetime import datetime
from tradewind import DAG, task
from tradewind import Variable

with DAG("good", start_date=datetime(2024, 1, 1), schedule="@daily"):
    @task
    def say(ds, **context):
        print("today is", ds, context["dag_run"].conf.get("word"))
        return len(ds)

    @task
    def double(number):
        return 2 * number

    double(say())
"""
BAD = """
from datetime import datetime, timedelta
from tradewind import DAG, task

with DAG("bad", start_date=datetime(2024, 1, 1)):
    @task(retries=1, retry_delay=timedelta(hours=1))
    def fail():
        raise ValueError("no luck today")

    fail()
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    dags = tmp_path / "dags"
    dags.mkdir()
    (dags / "good.py").write_text(GOOD)
    (dags / "bad.py").write_text(BAD)
    (dags / "broken.py").write_text("import tradewind  # a dag\nthis is no Python")
    return tmp_path


def test_a_dag_runs_in_the_terminal(home: Path) -> None:
    done = command(home, "dags", "test", "good", "2024-05-06", "-c", '{"word": "hi"}')
    assert "today is 2024-05-06 hi" in done.stdout
    assert "✔ say success" in done.stdout
    assert "The run of good succeeded" in done.stderr
    assert not (home / "tradewind.db").exists()
    assert "\x1b" not in done.stdout + done.stderr


def test_a_failed_run_exits_1_and_skips_the_retry_delay(home: Path) -> None:
    done = command(home, "dags", "test", "bad", exit_code=1)
    assert "no luck today" in done.stdout
    assert "did not succeed" in done.stderr
    assert 'bad.py", line 8, in fail' in done.stderr
    assert "tradewind/" not in done.stderr, "frames that are not the user's"


def test_a_crashing_file_takes_nothing_down(home: Path) -> None:
    (home / "dags" / "crash.py").write_text("import ctypes, tradewind  # dag\nctypes.string_at(0)")
    (home / "dags" / "leave.py").write_text("import os, tradewind  # dag\nos._exit(3)")
    (home / "dags" / "made.py").write_text(GOOD.replace('"good"', '"go" + "ne"'))
    command(home, "dags", "test", "gone")
    command(home, "tasks", "test", "gone", "say")
    said = command(home, "dags", "test", "crash", exit_code=1).stderr
    assert said.startswith("Error: there is no DAG 'crash' in ")
    assert "(3 of its files cannot be read: `dags list-import-errors -l` says why)" in said
    (home / "dags" / "crash.py").write_text("import ctypes, tradewind  # dag wanted\n1/0")
    (home / "dags" / "again.py").write_text("import tradewind  # dag wanted")
    said = command(home, "dags", "test", "wanted", exit_code=1).stderr
    assert "crash.py:2: ZeroDivisionError" in said


def test_a_stored_dag_is_found_where_it_was(home: Path) -> None:
    (home / "dags" / "made.py").write_text(GOOD.replace('"good"', '"go" + "ne"'))
    command(home, "db", "migrate")
    listed = command(home, "dags", "reserialize", exit_code=1).stdout
    assert "broken.py:2: SyntaxError" in listed
    (home / "dags" / "crash.py").write_text("import ctypes, tradewind  # dag\nctypes.string_at(0)")
    command(home, "dags", "test", "gone")
    (home / "dags" / "made.py").rename(home / "dags" / "moved.py")
    command(home, "dags", "test", "gone")


def test_a_file_that_never_ends_is_given_up(home: Path) -> None:
    (home / "dags" / "endless.py").write_text("import tradewind  # dag\nwhile True: pass")
    limit = {"TRADEWIND__CORE__DAGBAG_IMPORT_TIMEOUT": "1"}
    file = str(home / "dags" / "endless.py")
    said = command(home, "dags", "test", "x", "-f", file, exit_code=1, **limit).stderr
    assert "endless.py:2: TimeoutError: reading the file took longer than 1 s" in said
    said = command(home, "dags", "test", "x", exit_code=1, **limit).stderr
    assert "2 of its files cannot be read" in said


def test_a_foreign_airflow_is_refused(home: Path) -> None:
    (home / "airflow").mkdir()
    (home / "airflow" / "__init__.py").write_text("raise SystemExit('imported')")
    for arguments in (["dags", "test", "good"], ["dags", "list", "-l"], ["standalone"]):
        said = command(home, *arguments, exit_code=1, PYTHONPATH=str(home)).stderr
        assert f"`import airflow` gives {home}/airflow/__init__.py" in said
        assert len(said.splitlines()) == 1


def test_a_file_may_be_named(home: Path) -> None:
    elsewhere = home / "elsewhere.py"
    (home / "dags" / "good.py").rename(elsewhere)
    command(home, "dags", "test", "good", "-f", str(elsewhere))
    command(home, "dags", "test", "good", "-f", "/none.py", exit_code=1)


def test_an_unknown_dag_gets_a_hint(home: Path) -> None:
    said = command(home, "dags", "test", "goood", exit_code=1).stderr
    assert "did you mean good?" in said
    assert len(said.splitlines()) == 1


def test_a_broken_file_says_what_is_wrong_with_it(home: Path) -> None:
    said = command(
        home, "dags", "test", "x", "-f", str(home / "dags" / "broken.py"), exit_code=1
    ).stderr
    assert "broken.py:2: SyntaxError" in said
    assert "Traceback" not in said


def test_one_task_alone(home: Path) -> None:
    done = command(home, "tasks", "test", "good", "say", "2024-05-06", "-t", '{"word": "yo"}')
    assert "today is 2024-05-06 yo" in done.stdout
    assert "ended with success" in done.stderr
    failed = command(home, "tasks", "test", "bad", "fail", exit_code=1)
    assert "no luck today" in failed.stderr
    assert "has no task" in command(home, "tasks", "test", "bad", "nope", exit_code=1).stderr


def test_dags_are_listed_from_their_files(home: Path) -> None:
    done = command(home, "dags", "list", "-l", "-o", "plain")
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["dag_id", "bad", "good"]
    assert "1 DAG file cannot be read" in done.stderr
    said = command(home, "dags", "list-import-errors", "-l", exit_code=1).stdout
    assert said.splitlines()[0] == f"{home}/dags/broken.py:2"
    assert said.splitlines()[1].startswith("  SyntaxError: ")

"""The program itself: help, versions, errors and exit codes."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from tests.cli.conftest import Run
from tests.patience import PATIENCE_S
from tradewind.cli import main
from tradewind.cli.lazy import LazyGroup
from tradewind.cli.main import cli
from tradewind.model.errors import DatabaseNotMigrated, NotFound
from tradewind.model.version import VERSION

HEAVY = ("sqlalchemy", "fastapi", "rich", "jinja2", "pendulum", "yaml", "tradewind.storage")


def test_version(run: Run) -> None:
    assert run("version").stdout.strip() == VERSION == version("tradewind")
    assert run("--version").stdout == f"Tradewind {VERSION}\n"


def test_the_command_airflow_says_which_tradewind_it_is() -> None:
    result = CliRunner().invoke(cli, ["version"], prog_name="airflow")
    assert result.stdout.startswith(f"Tradewind {VERSION}")


@pytest.mark.parametrize("arguments", [["--help"], ["version"], ["dags", "--help"]])
def test_help_and_version_import_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys\n"
        "from tradewind.cli.main import cli\n"
        f"try: cli.main({arguments!r}, prog_name='tradewind')\n"
        "except SystemExit: pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE_S
    )
    assert done.stderr.strip() == "[]"


def _groups() -> list[tuple[LazyGroup, click.Context]]:
    root = click.Context(cli, info_name="tradewind")
    assert isinstance(cli, LazyGroup)
    found = [(cli, root)]
    for name in cli.list_commands(root):
        command = cli.get_command(root, name)
        if isinstance(command, LazyGroup):
            found.append((command, click.Context(command, info_name=name, parent=root)))
    return found


def test_one_line_helps_say_how_each_command_begins() -> None:
    for group, context in _groups():
        for name, entry in group.table.items():
            command = group.get_command(context, name)
            assert command is not None
            assert command.name == name, entry.target
            first = (command.help or "").splitlines()[0]
            assert first.startswith(entry.help.rstrip(".").split(",")[0]), (name, entry.help, first)


def test_every_command_and_option_is_explained() -> None:
    for group, context in _groups():
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command is not None and command.help, name
            for option in command.params:
                assert isinstance(option, click.Argument) or getattr(option, "help", None), (
                    f"{context.command_path} {name} {option.name}"
                )


def test_an_unknown_command_gets_a_hint(run: Run) -> None:
    assert "Did you mean dags?" in run("dag", exit_code=2).stderr
    assert "Today it is `tradewind api-server`" in run("webserver", exit_code=2).stderr
    assert "Did you mean trigger?" in run("dags", "triger", exit_code=2).stderr


def test_wrong_usage_exits_2(run: Run) -> None:
    assert "Missing argument 'DAG_ID'" in run("dags", "pause", exit_code=2).stderr
    assert "YYYY-MM-DD" in run("dags", "trigger", "d", "-l", "01/02/2024", exit_code=2).stderr
    assert "not JSON" in run("dags", "trigger", "d", "-c", "{oops", exit_code=2).stderr
    assert "JSON object" in run("dags", "trigger", "d", "-c", "[1]", exit_code=2).stderr


def test_a_missing_database_is_one_line_with_the_way_out(run: Run) -> None:
    said = run("dags", "list", exit_code=1).stderr
    assert "tradewind db migrate" in said
    assert len(said.splitlines()) == 1


@click.command()
@click.argument("how")
def _fail(how: str) -> None:
    raise {
        "user": NotFound("there is no such thing"),
        "environment": DatabaseNotMigrated("the database is empty"),
        "bug": ZeroDivisionError("oops"),
        "interrupt": KeyboardInterrupt(),
    }[how]


@pytest.fixture
def failing(run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setitem(cli.commands, "fail", _fail)
    monkeypatch.setitem(main.cli.commands, "fail", _fail)
    return run


def test_mistakes_and_surroundings_are_one_line(failing: Run) -> None:
    assert failing("fail", "user", exit_code=1).stderr == "Error: there is no such thing\n"
    said = failing("fail", "environment", exit_code=1).stderr
    assert said == "Error: the database is empty Run `tradewind db migrate`.\n"
    assert failing("fail", "interrupt", exit_code=1).stderr.strip() == "Stopped."


def test_a_bug_of_ours_is_short_and_its_traceback_kept(failing: Run, home: Path) -> None:
    said = failing("fail", "bug", exit_code=1).stderr
    assert "a mistake in Tradewind" in said
    assert "ZeroDivisionError: oops" in said
    assert "Traceback" not in said
    kept = (home / "logs" / "cli.log").read_text()
    assert "Traceback" in kept
    assert "_fail" in kept


def test_a_wrong_setting_is_a_users_mistake(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADEWIND__CORE__PARALLELISM", "many")
    said = run("config", "list", exit_code=1).stderr
    assert "TRADEWIND__CORE__PARALLELISM" in said
    assert len(said.splitlines()) == 1

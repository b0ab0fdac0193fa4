"""A home of its own for each test, and the command line run in this process."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tradewind.cli.main import cli

Run = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """TRADEWIND_HOME, empty; nothing of the surrounding configuration is seen."""
    for name in list(os.environ):
        if name.startswith(("TRADEWIND", "AIRFLOW")):
            monkeypatch.delenv(name)
    folder = tmp_path / "home"
    monkeypatch.setenv("TRADEWIND_HOME", str(folder))
    return folder


@pytest.fixture
def run(home: Path) -> Run:
    """Run `tradewind ARGUMENTS...`; asserts the exit code."""

    def run_(*arguments: str, exit_code: int = 0, stdin: str | None = None) -> Result:
        result = CliRunner().invoke(cli, arguments, input=stdin, prog_name="tradewind")
        assert result.exit_code == exit_code, f"{result.output}\n{result.exception!r}"
        return result

    return run_


@pytest.fixture
def migrated(run: Run) -> None:
    """A database that has been migrated."""
    run("db", "migrate")

"""Variables, connections, pools, configuration and the database, through their commands."""

import json
from pathlib import Path

import pytest
import yaml

from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("migrated")


def listed(run: Run, *arguments: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = json.loads(run(*arguments, "-o", "json").stdout)
    return rows


def test_database_commands(run: Run) -> None:
    assert "up to date" in run("db", "migrate").stdout
    assert "can be reached" in run("db", "check").stdout


def test_a_variable_from_set_to_delete(run: Run) -> None:
    run("variables", "set", "greeting", "hello", "--description", "how to begin")
    assert run("variables", "get", "greeting").stdout == "hello\n"
    assert listed(run, "variables", "list") == [{"key": "greeting", "description": "how to begin"}]
    run("variables", "delete", "greeting")
    assert run("variables", "get", "greeting", "-d", "none").stdout == "none\n"
    assert "there is no variable" in run("variables", "get", "greeting", exit_code=1).stderr


def test_a_mistyped_key_gets_a_hint(run: Run) -> None:
    run("variables", "set", "greeting", "hello")
    assert "did you mean greeting?" in run("variables", "get", "greting", exit_code=1).stderr
    assert "did you mean greeting?" in run("variables", "delete", "greting", exit_code=1).stderr


def test_variables_as_json(run: Run) -> None:
    run("variables", "set", "-j", "limits", '{"a": 1}')
    assert json.loads(run("variables", "get", "-j", "limits").stdout) == {"a": 1}
    assert "not JSON" in run("variables", "set", "-j", "x", "{", exit_code=1).stderr


def test_secrets_are_masked_when_asked(run: Run) -> None:
    run("variables", "set", "db_password", "hunter2")
    rows = listed(run, "variables", "list", "--show-values", "--hide-sensitive")
    assert rows[0]["value"] == "***"


@pytest.mark.parametrize("suffix", ["json", "yaml"])
def test_variables_go_out_and_come_back(run: Run, tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"kept.{suffix}"
    run("variables", "set", "a", "1", "--description", "one")
    run("variables", "set", "b", "text")
    run("variables", "export", str(file))
    data = (json.loads if suffix == "json" else yaml.safe_load)(file.read_text())
    assert data == {"a": {"value": 1, "description": "one"}, "b": "text"}
    assert file.stat().st_mode & 0o077 == 0
    run("variables", "delete", "a")
    run("variables", "set", "b", "changed")
    assert "1 of 2" in run("variables", "import", "-a", "skip", str(file)).stdout
    assert run("variables", "get", "b").stdout == "changed\n"
    assert (
        "nothing was imported"
        in run("variables", "import", "-a", "fail", str(file), exit_code=1).stderr
    )
    run("variables", "import", str(file))
    assert run("variables", "get", "b").stdout == "text\n"
    assert run("variables", "get", "a").stdout == "1\n"


def test_files_that_cannot_be_read_are_named(run: Run, tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    assert "broken.json is not JSON" in run("variables", "import", str(broken), exit_code=1).stderr
    assert "cannot be read" in run("variables", "import", "/none.json", exit_code=1).stderr
    assert "must end in" in run("variables", "import", "/none.txt", exit_code=1).stderr


def test_a_connection_from_add_to_delete(run: Run) -> None:
    run("connections", "add", "pg", "--conn-uri", "postgresql://u:secret@db:5432/sales?a=1")
    shown = json.loads(run("connections", "get", "pg", "-o", "json").stdout)
    assert shown["conn_type"] == "postgres"
    assert shown["password"] == "secret"
    assert shown["port"] == 5432
    rows = listed(run, "connections", "list")
    assert rows[0]["password"] == "***"
    assert listed(run, "connections", "list", "--show-values")[0]["password"] == "secret"
    run("connections", "delete", "pg")
    assert "there is no connection 'pg'" in run("connections", "get", "pg", exit_code=1).stderr


def test_connections_are_not_replaced_by_add(run: Run) -> None:
    run("connections", "add", "c", "--conn-type", "http", "--conn-host", "h", "--conn-port", "80")
    again = run("connections", "add", "c", "--conn-json", '{"conn_type": "ftp"}', exit_code=1)
    assert "already" in again.stderr


def test_a_connection_needs_one_description_of_it(run: Run) -> None:
    run("connections", "add", "c", exit_code=2)
    run("connections", "add", "c", "--conn-uri", "a://b", "--conn-host", "h", exit_code=2)
    bad = run("connections", "add", "c", "--conn-type", "a", "--conn-extra", "x", exit_code=1)
    assert "--conn-extra is not JSON" in bad.stderr


@pytest.mark.parametrize("suffix", ["json", "yaml", "env"])
def test_connections_go_out_and_come_back(run: Run, tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"kept.{suffix}"
    run("connections", "add", "one", "--conn-uri", "postgresql://u:p@db:5432/sales")
    run("connections", "add", "two", "--conn-type", "aws", "--conn-extra", '{"region": "eu"}')
    before = listed(run, "connections", "list", "--show-values")
    run("connections", "export", str(file))
    run("connections", "delete", "one")
    assert "1 of 2" in run("connections", "import", str(file)).stdout
    run("connections", "import", "--overwrite", str(file))
    after = listed(run, "connections", "list", "--show-values")
    filled = [[{k: v for k, v in row.items() if v} for row in rows] for rows in (before, after)]
    assert filled[0] == filled[1]


def test_a_pool_from_set_to_delete(run: Run) -> None:
    run("pools", "set", "small", "2", "for the old database")
    (row,) = listed(run, "pools", "get", "small")
    assert (row["slots"], row["open_slots"]) == (2, 2)
    assert {row["pool"] for row in listed(run, "pools", "list")} == {"default_pool", "small"}
    run("pools", "delete", "small")
    assert "there is no pool" in run("pools", "get", "small", exit_code=1).stderr
    assert "cannot be deleted" in run("pools", "delete", "default_pool", exit_code=1).stderr


def test_the_configuration_is_shown_without_secrets(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRADEWIND__CORE__FERNET_KEY", "k" * 43 + "=")
    rows = {
        (row["section"], row["option"]): row["value"]
        for row in listed(run, "config", "list", "--section", "core")
    }
    assert rows["core", "parallelism"] == 32
    assert rows["core", "fernet_key"] == "< hidden >"
    assert run("config", "get-value", "core", "parallelism").stdout == "32\n"
    assert "there is no option" in run("config", "get-value", "core", "x", exit_code=1).stderr
    assert "there is no section" in run("config", "get-value", "x", "x", exit_code=1).stderr
    misspelt = run("config", "get-value", "core", "paralelism", exit_code=1).stderr
    assert "did you mean parallelism?" in misspelt


def test_options_that_are_not_ours_are_listed(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Nothing to remark" in run("config", "lint").stderr
    cfg = tmp_path / "airflow.cfg"
    cfg.write_text("[core]\ndag_concurrency = 3\n")
    monkeypatch.setenv("AIRFLOW_CONFIG", str(cfg))
    assert "max_active_tasks_per_dag" in run("config", "lint", "-o", "json", exit_code=1).stdout
    assert run("config", "get-value", "core", "max_active_tasks_per_dag").stdout == "3\n"


def test_cleaning_the_database(run: Run) -> None:
    asked = ("db", "clean", "--clean-before-timestamp", "2024-01-01")
    assert "Would remove nothing" in run(*asked, "--dry-run").stdout
    assert "Removed nothing" in run(*asked, "--yes", "--skip-archive").stdout
    assert "no task_reschedule; choose" in run(*asked, "-t", "task_reschedule", exit_code=2).stderr
    assert "before-timestamp" in run("db", "clean", exit_code=2).stderr

"""The logs of removed runs are removed, and nothing else."""

from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.conformance.storage.builders import NOW
from tests.conformance.storage.test_old_runs import DAY, put_ended
from tradewind.cli import old_logs
from tradewind.config.load import load_settings
from tradewind.model.keys import RunKey, TaskKey
from tradewind.model.log_paths import log_path
from tradewind.storage.database import Database


def log_of(base: Path, key: RunKey) -> Path:
    path = log_path(base, TaskKey(*key, "t"), 1)
    path.parent.mkdir(parents=True)
    path.write_text("a line")
    return path


@pytest.mark.usefixtures("migrated")
def test_cleaning_removes_the_logs_of_what_it_removes(run: Run) -> None:
    settings = load_settings()
    with closing(Database(settings.database.url)) as database:
        keys = [
            put_ended(database, "old", NOW - 9 * DAY).key,
            put_ended(database, "older", NOW - 10 * DAY).key,
            put_ended(database, "new").key,
        ]
    logs = [log_of(settings.logging.base_log_folder, key) for key in keys]
    before = (NOW - DAY).isoformat()

    run("db", "clean", "--clean-before-timestamp", before, "--yes", "-t", "xcom")
    run("db", "clean", "--clean-before-timestamp", before, "--dry-run")
    assert [log.exists() for log in logs] == [True, True, True]

    said = run("db", "clean", "--clean-before-timestamp", before, "--yes").stdout
    assert "the logs of 2 runs" in said
    assert [log.exists() for log in logs] == [False, False, True]


@pytest.mark.parametrize("name", ["..", "../../other", "a/b", "/", "%2e%2e"])
def test_no_id_leads_elsewhere(tmp_path: Path, name: str) -> None:
    base = tmp_path / "logs"
    (tmp_path / "other").mkdir()
    beside = log_of(base, RunKey("d", "r"))
    mine = log_of(base, RunKey(name, name))

    assert old_logs.remove(base, RunKey(name, name))
    assert not mine.exists()
    assert not old_logs.remove(base, RunKey(name, name))
    assert beside.exists()
    assert (tmp_path / "other").exists()


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    base, elsewhere = tmp_path / "logs", tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").touch()
    log = log_of(base, RunKey("d", "r"))
    (log.parent / "link").symlink_to(elsewhere)
    (base / "dag_id=d" / "run_id=linked").symlink_to(elsewhere)

    assert old_logs.remove(base, RunKey("d", "r"))
    assert not old_logs.remove(base, RunKey("d", "linked"))
    assert (elsewhere / "kept").exists()

"""`backfill` without a scheduler: its old options, and what it would do."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tradewind import DAG
from tradewind.authoring.compile import compile_dag
from tradewind.config.load import load_settings
from tradewind.integrations.standard.operators.empty import EmptyOperator
from tradewind.model.parsed import ParsedFile
from tradewind.storage import dags
from tradewind.storage.database import Database

INTERVAL = ("-s", "2024-01-01", "-e", "2024-01-03", "steps")


@pytest.fixture
def stored(migrated: None, home: Path) -> None:
    """The DAGs `steps`, daily, and `loose`, without a schedule."""
    settings = load_settings()
    plans = []
    for dag_id, schedule in (("steps", "@daily"), ("loose", None)):
        with DAG(dag_id, schedule=schedule, start_date=datetime(2024, 1, 1, tzinfo=UTC)) as dag:
            EmptyOperator(task_id="only")
        plans.append(compile_dag(dag, defaults=settings.core))
    file = ParsedFile(
        fileloc=str(home / "dags" / "steps.py"),
        relative_fileloc="steps.py",
        plans=tuple(plans),
        code_hash="1",
    )
    database = Database(settings.database.url)
    with database.write() as connection:
        dags.record_file(connection, file, now=datetime.now(UTC), paused_at_creation=True)
    database.close()


def test_a_dry_run_needs_no_scheduler(run: Run, stored: None) -> None:
    rows = json.loads(run("backfill", *INTERVAL, "-n", "-B", "-o", "json").stdout)
    assert [row["logical_date"][:10] for row in rows] == ["2024-01-03", "2024-01-02", "2024-01-01"]
    assert {(row["state"], row["action"]) for row in rows} == {(None, "run")}
    said = run("backfill", "-s", "2024-01-01", "loose", "-n", exit_code=1).stderr
    assert "no periodic schedule" in said


def test_options_without_effect_are_taken_with_a_note(run: Run, stored: None) -> None:
    said = run(
        "backfill", *INTERVAL, "--dry_run", "-l", "-x", "-y", "-v", "-I", "--donot_pickle",
        "--continue-on-failures", "--delay_on_limit", "1.5", "-S", "/dags",
    ).stderr  # fmt: skip
    notes = [line for line in said.splitlines() if line.startswith("Note: ")]
    assert len(notes) == 7
    assert "Note: -l/--local has no effect: the scheduler's executor runs the tasks." in notes


@pytest.mark.parametrize(
    ("option", "instead"),
    [
        (("-t", "x"), "tasks clear DAG_ID -t REGEX"),
        (("--task_regex", ""), "tasks clear DAG_ID -t REGEX"),
        (("-m",), "PATCH"),
        (("-i",), "tasks test"),
        (("--pool", "p"), "the DAG file gives them"),
        (("--disable-retry",), "retries=0"),
        (("--treat-dag-as-regex",), "one command for each"),
    ],
)
def test_options_we_cannot_honour_are_refused(
    run: Run, option: tuple[str, ...], instead: str
) -> None:
    said = run("backfill", *INTERVAL, *option, exit_code=2).stderr
    assert len(said.splitlines()) == 1
    assert "is not supported" in said
    assert instead in said


def test_what_would_be_cleared_needs_no_scheduler(run: Run, stored: None) -> None:
    assert run("tasks", "clear", "steps", "-n").stdout == "Nothing to clear.\n"

"""`tradewind plan`: from files, from the database, compared, as a page, and as a check in CI."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Run

DAYS = ("--start", "2026-03-27", "--days", "4")
FILE = """
import pendulum
from tradewind import DAG, task

with DAG("nightly", schedule="{schedule}", start_date=pendulum.datetime(2026, 3, 1, tz="Europe/Berlin")):
    @task
    def load(): ...
    load()

with DAG("by_hand", start_date=pendulum.datetime(2026, 3, 1)):
    @task
    def load(): ...
    load()
"""


@pytest.fixture
def dags(home: Path) -> Path:
    folder = home / "dags"
    folder.mkdir(parents=True)
    (folder / "loads.py").write_text(FILE.format(schedule="30 2 * * *"))
    return folder


def test_from_files_without_a_database(run: Run, dags: Path) -> None:
    result = run("plan", "-l", *DAYS)
    (row,) = (line.split() for line in result.stdout.splitlines() if line.startswith("nightly"))
    assert row[:7] == ["nightly", "30", "2", "*", "*", "*", "5"]
    assert "on 2026-03-29, when the clocks of Europe/Berlin change: not at 02:30" in result.stdout
    assert "by_hand: its schedule makes no runs: the DAG has no schedule" in result.stderr
    assert not (dags.parent / "tradewind.db").exists()


def test_a_check_in_ci(run: Run, dags: Path) -> None:
    run("plan", "-l", *DAYS, "--fail-on", "clock", exit_code=1)
    run("plan", "-l", *DAYS, "--fail-on", "backlog", "--fail-on", "full")
    (dags / "broken.py").write_text("from airflow import DAG\nimport nowhere_at_all\n")
    result = run("plan", "-l", *DAYS, "--fail-on", "import", exit_code=1)
    assert "broken.py" in result.stdout and "nowhere_at_all" in result.stdout


def test_every_run_as_data(run: Run, dags: Path) -> None:
    durations = dags.parent / "durations.yaml"
    durations.write_text("nightly: {load: 90}")
    result = run("plan", "-l", *DAYS, "--durations", str(durations), "-o", "json")
    data = json.loads(result.stdout)
    runs = data["dags"]["nightly"]["runs"]
    assert [one["run_after"] for one in runs] == [
        "2026-03-26T01:30:00+00:00",
        "2026-03-27T01:30:00+00:00",
        "2026-03-28T01:30:00+00:00",
        "2026-03-29T01:30:00+00:00",
        "2026-03-30T00:30:00+00:00",
    ]
    assert runs[1]["end"] == "2026-03-27T01:31:30+00:00"
    assert data["tasks"] == 5
    assert run("plan", "-l", *DAYS, "--runs", "-o", "plain").stdout.count("scheduled__") == 5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{nightly: soon}", "nightly is 'soon'; write seconds, such as 90"),
        ("{nightly: {load: -1}}", "nightly.load is -1; write seconds, such as 90"),
        ("[1]", "must hold one object"),
    ],
)
def test_wrong_durations(run: Run, dags: Path, text: str, message: str) -> None:
    file = dags.parent / "durations.yaml"
    file.write_text(text)
    result = run("plan", "-l", "--durations", str(file), exit_code=1)
    assert message in result.stderr and str(file) in result.stderr


def test_wrong_arguments(run: Run, dags: Path) -> None:
    assert "not a regular expression" in run("plan", "--dag-id", "(", exit_code=2).stderr
    assert (
        "no DAG id matches 'nigthly'; did you mean"
        in run("plan", "-l", "--dag-id", "nigthly", exit_code=1).stderr
    )
    assert "cannot be written" in run("plan", "-l", "--html", "/nowhere/x.html", exit_code=1).stderr
    run("plan", "--days", "0", exit_code=2)
    run("plan", "--fail-on", "nothing", exit_code=2)


def test_what_other_files_would_change(run: Run, dags: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "loads.py").write_text(FILE.format(schedule="30 5 * * *"))
    result = run("plan", "-l", *DAYS, "--compare", str(other))
    (row,) = (line.split() for line in result.stdout.splitlines() if line.startswith("nightly"))
    assert row == ["nightly", "5", "5", "0"]
    assert "Nothing to worry about" in result.stdout  # what is new, and the clocks are not
    back = run("plan", "-l", *DAYS, "--compare", str(dags))
    assert "Nothing changes." in back.stdout


def test_from_the_database(run: Run, dags: Path, migrated: None) -> None:
    run("dags", "reserialize")
    assert "Paused, and left out: by_hand, nightly" in run("plan", *DAYS).stderr
    assert "Paused, and left out: by_hand\n" not in run("plan", *DAYS, "--include-paused").stderr
    run("dags", "unpause", "nightly")
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    data = json.loads(run("plan", "--start", tomorrow, "--days", "2", "-o", "json").stdout)
    assert len(data["dags"]["nightly"]["runs"]) in (3, 4)  # yesterday's, not made yet, is one


def test_a_page_of_one_file(run: Run, dags: Path, tmp_path: Path) -> None:
    page = tmp_path / "plan.html"
    run("plan", "-l", *DAYS, "--html", str(page))
    text = page.read_text()
    assert "http" not in text.replace("<!doctype html>", "")
    assert "{{" not in text
    start = text.index('id="data">') + len('id="data">')
    data = json.loads(text[start : text.index("</script>", start)])
    assert len(data["dags"]["nightly"]["runs"]) == 5


def test_unpausing_says_what_starts(run: Run, dags: Path, migrated: None) -> None:
    (dags / "more.py").write_text(
        "from datetime import datetime\nfrom tradewind import DAG\nfrom airflow.operators.empty import EmptyOperator\n"
        "with DAG('past', schedule='@yearly', start_date=datetime(2001, 1, 1), end_date=datetime(2020, 6, 1), catchup=True):\n"
        "    EmptyOperator(task_id='t')\n"
    )
    run("dags", "reserialize")
    said = run("dags", "unpause", "past", "--dry-run").stderr
    assert said == (
        "past: 20 runs are due and start at once, 16 at a time, from scheduled__2001-01-01T00:00:00"
        "+00:00 to scheduled__2020-01-01T00:00:00+00:00 (catchup is on).\n"
    )
    assert json.loads(run("dags", "details", "past", "-o", "json").stdout)["is_paused"] is True
    assert run("dags", "unpause", "past").stderr == said
    assert "`dags trigger by_hand` makes one" in run("dags", "unpause", "by_hand").stderr
    said = run("dags", "unpause", "nightly", "-n").stderr
    assert "starts at once; then scheduled__" in said

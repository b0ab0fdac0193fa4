"""A DAG whose file cannot be read: what the commands that name it say."""

from pathlib import Path

from tests.cli.conftest import Run

GOOD = """
from airflow.sdk import DAG
from airflow.providers.standard.operators.empty import EmptyOperator

with DAG("good"):
    EmptyOperator(task_id="a")
"""


def test_a_dag_that_was_never_read_may_be_in_a_broken_file(
    run: Run, migrated: None, home: Path
) -> None:
    folder = home / "dags"
    folder.mkdir(exist_ok=True)
    (folder / "broken.py").write_text("from airflow.sdk import DAG\nDAG('unheard'")
    run("dags", "reserialize", exit_code=1)
    said = run("dags", "trigger", "unheard", exit_code=1).stderr
    assert "(1 DAG file cannot be read: `dags list-import-errors` says why)" in said


def test_a_run_of_one_that_cannot_be_read_any_more_is_made_with_a_word(
    run: Run, migrated: None, home: Path
) -> None:
    folder = home / "dags"
    folder.mkdir(exist_ok=True)
    file = folder / "good.py"
    file.write_text(GOOD)
    run("dags", "reserialize")
    assert "cannot be read" not in run("dags", "trigger", "good").stderr
    file.write_text(GOOD + "oops(")
    run("dags", "reserialize", exit_code=1)
    said = run("dags", "trigger", "good").stderr
    assert f"{file} cannot be read since it was changed" in said
    assert "made from version 1" in said

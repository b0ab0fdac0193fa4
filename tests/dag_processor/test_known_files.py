"""When a file is due, by a clock that the test moves."""

import dataclasses
import math
from pathlib import Path

import pytest

from tests.authoring.conftest import MemoryHost
from tests.dag_processor.conftest import GOOD
from tradewind.authoring.fingerprints import fingerprint
from tradewind.config.settings import Settings
from tradewind.dag_processor.known_files import RESTLESS_AFTER, KnownFiles
from tradewind.loading.read_file import read_file
from tradewind.model.parsed import ParsedFile, RecordedInput


@pytest.fixture
def path(settings: Settings) -> Path:
    path = settings.core.dags_folder / "a.py"
    path.write_text(GOOD)
    return path


@pytest.fixture
def files(settings: Settings) -> KnownFiles:
    return KnownFiles(settings)


def read(path: Path, *inputs: Path, error: str | None = None) -> ParsedFile:
    return ParsedFile(
        fileloc=str(path),
        relative_fileloc=path.name,
        error=error,
        inputs=tuple(
            RecordedInput(kind="file", name=str(name), fingerprint=fingerprint("file", str(name)))
            for name in inputs
        ),
    )


def test_a_file_is_due_once_and_again_when_saved(files: KnownFiles, path: Path) -> None:
    assert files.look(0) == [path]
    assert files.unread == {path}
    assert files.look(1) == []
    files.note(read(path), 2)
    assert files.unread == set()
    assert files.look(3) == []
    path.write_text(GOOD + "\n")
    assert files.look(4) == [path]


def test_a_file_saved_while_it_is_read_is_due_at_once(files: KnownFiles, path: Path) -> None:
    files.look(0)
    path.write_text(GOOD + "\n")
    assert files.look(0) == [path]


def test_a_file_that_is_gone_is_forgotten(files: KnownFiles, path: Path) -> None:
    files.look(0)
    path.unlink()
    assert files.look(1) == []
    assert files.paths == set()
    assert not files.note(read(path), 2)


def test_time_alone_makes_a_file_due(files: KnownFiles, path: Path) -> None:
    assert files.next_due_at == math.inf
    files.look(0)
    files.note(read(path), 5)
    assert files.next_due_at == 605
    assert files.look(604.9) == []
    assert files.look(605) == [path]
    assert files.look(9999) == []  # under way


def test_what_cannot_be_watched_is_read_more_often(files: KnownFiles, path: Path) -> None:
    files.look(0)
    files.note(dataclasses.replace(read(path), unwatchable=True), 0)
    assert files.next_due_at == 30


def test_an_input_makes_its_file_due_but_not_all_the_time(
    files: KnownFiles, path: Path, tmp_path: Path
) -> None:
    helper = tmp_path / "helper.txt"
    files.look(0)
    for number in range(RESTLESS_AFTER):
        files.note(read(path, helper), 0)
        helper.write_text("x" * number)
        assert files.look(0) == [path]
    files.note(read(path, helper), 0)
    helper.write_text("one too many")
    assert files.look(0.25) == []
    assert files.next_due_at == 1
    assert files.look(1) == [path]


def test_an_input_that_changes_while_its_file_is_read(
    files: KnownFiles, path: Path, tmp_path: Path
) -> None:
    helper = tmp_path / "helper.txt"
    files.look(0)
    before = read(path, helper)
    helper.write_text("1")
    assert files.look(0) == []
    files.note(before, 0)
    assert files.was_passed_over(path)
    assert files.look(0) == [path]
    files.note(read(path, helper), 0)
    assert not files.was_passed_over(path)


def test_a_broken_file_is_due_when_anything_is_saved(files: KnownFiles, path: Path) -> None:
    files.look(0)
    files.note(read(path, error="helper is missing"), 0)
    assert files.look(1) == []
    assert files.look(1, saved=True) == [path]


def test_a_broken_file_that_took_long_is_not(files: KnownFiles, path: Path) -> None:
    files.look(0)
    files.note(dataclasses.replace(read(path, error="took longer"), duration_s=30), 0)
    assert files.look(1, saved=True) == []


def test_a_file_whose_template_is_missing_is_due_when_that_comes(
    files: KnownFiles, path: Path, settings: Settings
) -> None:
    path.write_text(
        "from airflow.sdk import DAG\n"
        "from airflow.providers.standard.operators.bash import BashOperator\n"
        "with DAG('d'):\n"
        "    BashOperator(task_id='t', bash_command='load.sh')\n"
    )
    files.look(0)
    parsed = read_file(path, settings, MemoryHost())
    assert parsed.error is not None and "'load.sh' was not found" in parsed.error
    files.note(parsed, 1)
    assert files.look(2) == []
    path.with_name("load.sh").write_text("echo {% oops %}\n")
    assert files.look(3) == [path]
    parsed = read_file(path, settings, MemoryHost())
    assert parsed.error is not None and "unknown tag 'oops'" in parsed.error
    files.note(parsed, 4)
    path.with_name("load.sh").write_text("echo {{ ds }}\n")
    assert files.look(5) == [path]
    assert read_file(path, settings, MemoryHost()).error is None

"""Which files are found in a DAGs folder."""

import dataclasses
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tradewind.config.load import load_settings
from tradewind.config.settings import Settings
from tradewind.loading.discovery import find_dag_files

DAG = "from tradewind import DAG\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "dags").mkdir()
    return load_settings({"TRADEWIND_HOME": str(tmp_path)})


def change(settings: Settings, **options: Any) -> Settings:
    return dataclasses.replace(settings, core=dataclasses.replace(settings.core, **options))


def put(settings: Settings, *names: str, text: str = DAG) -> None:
    for name in names:
        path = settings.core.dags_folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def names(settings: Settings) -> list[str]:
    folder = settings.core.dags_folder
    return [path.relative_to(folder).as_posix() for path in find_dag_files(settings)]


def test_python_files_are_found_at_any_depth(settings: Settings) -> None:
    put(settings, "b.py", "a.py", "team/x/c.py", "notes.txt", "d.pyc")
    assert names(settings) == ["a.py", "b.py", "team/x/c.py"]


def test_hidden_and_cached_files_are_not(settings: Settings) -> None:
    put(settings, ".a.py", ".git/b.py", "__pycache__/c.py", "d.py")
    assert names(settings) == ["d.py"]


def test_a_folder_that_is_not_there_holds_nothing(settings: Settings) -> None:
    settings.core.dags_folder.rmdir()
    assert names(settings) == []


def test_the_folder_may_be_one_file(settings: Settings, tmp_path: Path) -> None:
    put(settings, "a.py", "b.py")
    only = settings.core.dags_folder / "a.py"
    assert find_dag_files(change(settings, dags_folder=only)) == [only]


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("from airflow import DAG", True),
        ("from airflow.sdk import asset", True),
        ("FROM AIRFLOW IMPORT DAG", True),
        ("import tradewind as t; t.dag", True),
        ("print('dag')", False),
        ("import airflow", False),
        ("", False),
    ],
)
def test_safe_mode_looks_for_the_words(settings: Settings, text: str, is_found: bool) -> None:
    put(settings, "a.py", text=text)
    assert bool(names(settings)) is is_found
    assert names(change(settings, dag_discovery_safe_mode=False)) == ["a.py"]


def test_a_file_that_becomes_a_dag_file_is_found(settings: Settings) -> None:
    put(settings, "a.py", text="nothing")
    assert names(settings) == []
    put(settings, "a.py")
    assert names(settings) == ["a.py"]


def test_a_zip_is_found_by_the_modules_at_its_root(settings: Settings) -> None:
    folder = settings.core.dags_folder
    for name, member, text in [
        ("good.zip", "a.py", DAG),
        ("deep.zip", "pkg/a.py", DAG),
        ("plain.zip", "a.py", "x = 1"),
    ]:
        with zipfile.ZipFile(folder / name, "w") as archive:
            archive.writestr(member, text)
    (folder / "broken.zip").write_text("dag airflow")
    assert names(settings) == ["good.zip"]


def test_what_symlinks_lead_to_is_found_once(settings: Settings, tmp_path: Path) -> None:
    put(settings, "real/a.py")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "b.py").write_text(DAG)
    folder = settings.core.dags_folder
    (folder / "again").symlink_to(folder / "real")
    (folder / "real" / "loop").symlink_to(folder)
    (folder / "elsewhere").symlink_to(outside)
    (folder / "0.py").symlink_to(folder / "real" / "a.py")
    (folder / "dangling.py").symlink_to(folder / "nothing.py")
    assert names(settings) == ["elsewhere/b.py", "real/a.py"]


def test_glob_patterns_are_gitignore_patterns(settings: Settings) -> None:
    put(
        settings,
        *("a.py", "test_a.py", "keep/test_b.py", "old/c.py", "team/old/d.py", "team/e.py"),
        *("team/sub/f.py", "top.py", "team/top.py"),
    )
    (settings.core.dags_folder / ".airflowignore").write_text(
        "# comment\ntest_*.py  # tests\n!keep/test_b.py\nold/\n/top.py\n"
    )
    (settings.core.dags_folder / "team" / ".airflowignore").write_text("sub/*\n")
    assert names(settings) == ["a.py", "keep/test_b.py", "team/e.py", "team/top.py"]


def test_an_inner_file_may_take_back_what_an_outer_one_ignores(settings: Settings) -> None:
    put(settings, "x_a.py", "team/x_b.py", "team/x_c.py")
    (settings.core.dags_folder / ".airflowignore").write_text("x_*\n")
    (settings.core.dags_folder / "team" / ".airflowignore").write_text("!x_b.py\n")
    assert names(settings) == ["team/x_b.py"]


def test_regular_expressions_are_searched_in_the_path(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    put(settings, "a.py", "tests_a.py", "team/my_tests/b.py", "team/c.py", "team/project_c.py")
    (settings.core.dags_folder / ".airflowignore").write_text("tests\n[unclosed\n  # comment\n")
    (settings.core.dags_folder / "team" / ".airflowignore").write_text(r"project_.\.py$")
    assert names(change(settings, dag_ignore_file_syntax="regexp")) == ["a.py", "team/c.py"]
    assert "'[unclosed' is not a regular expression" in caplog.text


def test_finding_again_is_quick(settings: Settings) -> None:
    """Looking is what every saved file costs, so it must read no file twice."""
    put(settings, *(f"d{i}.py" for i in range(20)))
    names(settings)
    opened: list[str] = []
    real_read = Path.read_bytes

    def read(path: Path) -> bytes:
        opened.append(path.name)
        return real_read(path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "read_bytes", read)
        assert len(names(settings)) == 20
    assert opened == []


def test_a_name_that_is_no_text_is_left_out(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    put(settings, "a.py")
    folder = os.fsencode(settings.core.dags_folder)
    (settings.core.dags_folder / "a.py").rename(os.fsdecode(folder + b"/b\xff.py"))
    put(settings, "a.py")
    assert names(settings) == ["a.py"]
    assert names(settings) == ["a.py"]
    assert [record.getMessage().split(": ")[1] for record in caplog.records] == [
        "its name is not valid UTF-8"
    ]

"""A foreign `airflow` is noticed without being imported."""

import sys
from pathlib import Path

import pytest

from tradewind.config.airflow_package import check_airflow_package
from tradewind.model.errors import EnvironmentFailure


@pytest.fixture
def first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder before all others on sys.path; no `airflow` has been imported."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "airflow"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def _bring(folder: Path, text: str) -> Path:
    (folder / "airflow").mkdir()
    file = folder / "airflow" / "__init__.py"
    file.write_text(text)
    return file


def _install(folder: Path, name: str, version: str, *files: str) -> None:
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (info / "RECORD").write_text("".join(f"{file},,\n" for file in files))


def test_ours_or_none_is_fine(first: Path) -> None:
    check_airflow_package()
    (first / "airflow" / "providers").mkdir(parents=True)
    check_airflow_package()
    assert "airflow" not in sys.modules


def test_a_folder_of_that_name_is_named(first: Path) -> None:
    file = _bring(first, "raise SystemExit('imported')")
    with pytest.raises(EnvironmentFailure, match=f"{file}.*rename it.*PYTHONPATH"):
        check_airflow_package()


def test_a_foreign_distribution_is_named_with_the_way_out(first: Path) -> None:
    _bring(first, "")
    _install(first, "somebodys-airflow", "1.0", "airflow/__init__.py")
    with pytest.raises(EnvironmentFailure, match=r"somebodys-airflow.*pip uninstall"):
        check_airflow_package()


def test_two_owners_of_one_file_are_one_too_many(first: Path) -> None:
    _bring(first, "# tradewind came later")
    _install(first, "apache-airflow-core", "3.0.6", "airflow/__init__.py")
    with pytest.raises(EnvironmentFailure, match=r"apache-airflow-core 3\.0\.6.*pip uninstall"):
        check_airflow_package()


def test_a_distribution_without_the_package_does_no_harm(first: Path) -> None:
    _install(first, "apache-airflow", "3.0.6", "airflow_meta.txt")
    check_airflow_package()

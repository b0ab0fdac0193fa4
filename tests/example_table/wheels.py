"""The wheels whose example DAG files are read, and where their files are put."""

import re
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

_EXAMPLE = re.compile(r"airflow/(?:.+/)?example_dags/")


@dataclass(frozen=True, slots=True)
class Release:
    """One version of Airflow and the distributions that hold its examples."""

    version: str
    distributions: tuple[str, ...]
    """`name==version` each."""


RELEASES = (
    Release("1.10.15", ("apache-airflow==1.10.15",)),
    Release("2.5.1", ("apache-airflow==2.5.1",)),
    Release("2.11.2", ("apache-airflow==2.11.2",)),
    Release(
        "3.3.2",
        (
            "apache-airflow-core==3.3.2",
            "apache-airflow-task-sdk==1.3.2",
            "apache-airflow-providers-standard==1.21.0",
            "apache-airflow-providers-common-sql==2.4.0",
        ),
    ),
)


def unpack(release: Release, folder: Path) -> Path:
    """Put the example files of a release, and nothing else of it, below `folder`.

    They are downloaded once. The answer is a folder that holds `airflow/example_dags` and the like.
    """
    target = folder / release.version
    if not target.is_dir():
        fresh = folder / f"{release.version}.new"
        for distribution in release.distributions:
            for wheel in _download(distribution, folder / "wheels"):
                _extract(wheel, fresh)
        fresh.rename(target)
    return target


def _download(distribution: str, folder: Path) -> list[Path]:
    name, _, version = distribution.partition("==")
    pattern = f"{name.replace('-', '_')}-{version}-*.whl"
    if not list(folder.glob(pattern)):
        folder.mkdir(parents=True, exist_ok=True)
        options = ["--quiet", "--no-deps", "--only-binary=:all:", "--disable-pip-version-check"]
        command = [sys.executable, "-m", "pip", "download", *options, "-d", str(folder)]
        subprocess.run([*command, distribution], check=True)
    return list(folder.glob(pattern))


def _extract(wheel: Path, target: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if _EXAMPLE.match(name):
                archive.extract(name, target)

"""Which tests are run, and how they get into `.conformance/`."""

import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Suite:
    """A source distribution and the folders of its tests that are run."""

    distribution: str
    version: str
    folders: tuple[str, ...]
    stand_ins: bool = False
    """Whether Tradewind's own modules are tested in place of the distribution's."""

    @property
    def short(self) -> str:
        """What the distribution is called, for folders and Airflow's results."""
        return self.distribution.removeprefix("apache-airflow-").removeprefix("providers-")

    @property
    def name(self) -> str:
        """A short name, for tables and our results."""
        return f"{self.short}-stand-ins" if self.stand_ins else self.short


SUITES = (
    Suite(
        "apache-airflow-task-sdk",
        "1.3.2",
        ("tests/task_sdk/definitions", "tests/task_sdk/bases"),
    ),
    Suite("apache-airflow-providers-common-sql", "2.4.0", ("tests/unit",)),
    Suite("apache-airflow-providers-http", "6.3.0", ("tests/unit",)),
    Suite("apache-airflow-providers-slack", "9.11.1", ("tests/unit",)),
    Suite("apache-airflow-providers-smtp", "3.2.0", ("tests/unit",)),
    Suite("apache-airflow-providers-sqlite", "4.3.4", ("tests/unit",)),
    Suite("apache-airflow-providers-ssh", "7.0.1", ("tests/unit",)),
    Suite("apache-airflow-providers-standard", "1.21.0", ("tests/unit",)),
    Suite("apache-airflow-providers-standard", "1.21.0", ("tests/unit",), stand_ins=True),
)

_LEFT_OUT = (
    "tests/conftest.py",
    "tests/task_sdk/__init__.py",
    "tests/task_sdk/definitions/conftest.py",
)
"""They reach into Airflow's task runner and client; the shim stands for what else is in them."""


def unpack(suite: Suite, folder: Path) -> Path:
    """The suite's tests below `folder`, downloaded once; the folder that holds `tests`."""
    target = folder / "suites" / suite.short
    if not target.is_dir():
        fresh = target.with_suffix(".new")
        shutil.rmtree(fresh, ignore_errors=True)
        with tarfile.open(_download(suite, folder / "sdists")) as archive:
            for member in archive.getmembers():
                _, _, path = member.name.partition("/")
                if path.startswith("tests/") and path not in _LEFT_OUT and member.isfile():
                    member.name = path
                    archive.extract(member, fresh, filter="data")
        (fresh / "tests" / "task_sdk").mkdir(exist_ok=True)
        (fresh / "tests" / "task_sdk" / "__init__.py").touch()
        fresh.rename(target)
    return target


def _download(suite: Suite, folder: Path) -> Path:
    path = folder / f"{suite.distribution.replace('-', '_')}-{suite.version}.tar.gz"
    if not path.is_file():
        options = ["--quiet", "--no-deps", "--no-binary=:all:", "--disable-pip-version-check"]
        wanted = f"{suite.distribution}=={suite.version}"
        command = [sys.executable, "-m", "pip", "download", *options, "-d", str(folder), wanted]
        subprocess.run(command, check=True)
    return path

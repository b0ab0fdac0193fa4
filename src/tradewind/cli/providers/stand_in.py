"""Distributions without code that stand where provider packages ask for Apache Airflow's own.

Every provider requires `apache-airflow>=...`, and pip would bring it and overwrite `airflow/`. With
these installed, any installer finds that wish fulfilled: now, and when the user installs a package
by hand later. They bring what Apache Airflow's dependencies bring and providers use unsaid.
"""

import base64
import hashlib
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tradewind.model.version import AIRFLOW_VERSION, TASK_SDK_VERSION, VERSION

MARK = f"+tradewind.{VERSION}"
"""The end of their versions, which no index has: `pip list` shows whose they are."""

_USED_UNSAID = (
    "anyio",
    "asgiref",
    "attrs",
    "deprecated",
    "dill",
    "fsspec",
    "httpx",
    "itsdangerous",
    "lazy-object-proxy",
    "lockfile",
    "methodtools",
    "more-itertools",
    "packaging",
    "psutil",
    "pydantic",
    "python-slugify",
    "requests",
    "structlog",
    "tabulate",
    "tenacity",
    "typing-extensions",
)


class StandIn(NamedTuple):
    """One of Apache Airflow's own distributions, as its version that we stand for."""

    name: str
    version: str
    requires: Sequence[str] = ()

    @property
    def requirement(self) -> str:
        """What an installer is asked for: this very version."""
        return f"{self.name}=={self.version}"


STAND_INS = (
    StandIn("apache-airflow", f"{AIRFLOW_VERSION}{MARK}", ("tradewind-airflow", *_USED_UNSAID)),
    StandIn("apache-airflow-core", f"{AIRFLOW_VERSION}{MARK}"),
    StandIn("apache-airflow-task-sdk", f"{TASK_SDK_VERSION}{MARK}"),
)


def write_wheels(folder: Path) -> None:
    """A wheel of each into a folder, for an installer's `--find-links`."""
    for stand_in in STAND_INS:
        _write_wheel(stand_in, folder)


def _write_wheel(stand_in: StandIn, folder: Path) -> None:
    stem = f"{stand_in.name.replace('-', '_')}-{stand_in.version}"
    metadata = [
        "Metadata-Version: 2.1",
        f"Name: {stand_in.name}",
        f"Version: {stand_in.version}",
        "Summary: Stands for Apache Airflow in an environment where Tradewind runs its packages; "
        "made by `tradewind providers install`, holds no code",
        *(f"Requires-Dist: {requirement}" for requirement in stand_in.requires),
        "",
    ]
    wheel = [
        "Wheel-Version: 1.0",
        f"Generator: tradewind {VERSION}",
        "Root-Is-Purelib: true",
        "Tag: py3-none-any",
        "",
    ]
    files = {
        f"{stem}.dist-info/METADATA": "\n".join(metadata).encode(),
        f"{stem}.dist-info/WHEEL": "\n".join(wheel).encode(),
    }
    record = f"{stem}.dist-info/RECORD"
    lines = [f"{path},{_digest(content)},{len(content)}\n" for path, content in files.items()]
    files[record] = "".join([*lines, f"{record},,\n"]).encode()
    with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as archive:
        for path, content in files.items():
            archive.writestr(path, content)


def _digest(content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest())
    return f"sha256={digest.rstrip(b'=').decode()}"

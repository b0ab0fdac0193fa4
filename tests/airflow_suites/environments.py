"""The two environments that the tests run in: ours and Airflow's, made once and kept."""

import subprocess
import sys
from pathlib import Path

from tests.airflow_suites.suites import SUITES, Suite

ROOT = Path(__file__).parents[2]
AIRFLOW = "3.3.2"
_STAND_INS = {suite.distribution for suite in SUITES if suite.stand_ins}
"""Tradewind has modules of its own in their place, so they are not in its environment."""
_PROVIDERS = tuple(
    f"{suite.distribution}=={suite.version}"
    for suite in SUITES
    if "providers" in suite.distribution and not suite.stand_ins
)
_OTHERS = tuple(f"apache-airflow-providers-{name}" for name in ("openlineage", "postgres"))
_TOOLS = (
    "aioresponses",
    "aiosqlite",
    "datafusion>=50,<52",
    "dnspython",
    "kgb",
    "opentelemetry-sdk",
    "pandas",
    "polars",
    "pyodbc",
    "pytest",
    "pytest-asyncio",
    "pytest-mock",
    "requests-mock",
    "sqlalchemy",
    "time-machine",
)


def ours(folder: Path) -> Path:
    """The Python that has Tradewind, installed from this checkout, and providers by its command."""
    python = _venv(folder / "ours")
    providers = [each for each in _PROVIDERS if each.partition("==")[0] not in _STAND_INS]
    wanted = (*providers, *_OTHERS)
    if not _ready(python, *wanted, *_TOOLS):
        _install(python, "-e", str(ROOT), "-e", str(ROOT / "packages" / "tradewind-airflow"))
        command = python.with_name("tradewind")
        subprocess.run([command, "providers", "install", *wanted], check=True)
        _install(python, *_TOOLS)
        _mark(python, *wanted, *_TOOLS)
    return python


def beside(suite: Suite, folder: Path) -> tuple[Path, ...]:
    """What has to be put on our path, besides, so that the suite tests the distribution itself."""
    if suite.stand_ins or suite.distribution not in _STAND_INS:
        return ()
    place = folder / "beside" / suite.short
    wanted = f"{suite.distribution}=={suite.version}"
    if not _ready(place, wanted):
        _install(Path(sys.executable), "--no-deps", "--target", str(place), wanted)
        _mark(place, wanted)
    return (place,)


def airflows(folder: Path) -> Path:
    """The Python that has Airflow itself."""
    python = _venv(folder / "control")
    sdk = f"{SUITES[0].distribution}=={SUITES[0].version}"
    wanted = (f"apache-airflow=={AIRFLOW}", sdk, *_PROVIDERS, *_OTHERS, *_TOOLS)
    if not _ready(python, *wanted):
        _install(python, *wanted)
        _mark(python, *wanted)
    return python


def _venv(folder: Path) -> Path:
    python = folder / "bin" / "python"
    if not python.is_file():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    return python


def _install(python: Path, *wanted: str) -> None:
    options = ["--quiet", "--disable-pip-version-check"]
    subprocess.run([python, "-m", "pip", "install", *options, *wanted], check=True)


def _ready(place: Path, *wanted: str) -> bool:
    """Whether that has been installed there, by the note of `_mark`."""
    note = _note(place)
    return note.is_file() and note.read_text().split("\n") == [*wanted]


def _mark(place: Path, *wanted: str) -> None:
    _note(place).write_text("\n".join(wanted))


def _note(place: Path) -> Path:
    return (place if place.is_dir() else place.parents[1]) / ".ready"

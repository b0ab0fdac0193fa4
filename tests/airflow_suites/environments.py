"""The two environments that the tests run in: ours and Airflow's, made once and kept."""

import subprocess
import sys
from pathlib import Path

from tests.airflow_suites.suites import SUITES

ROOT = Path(__file__).parents[2]
AIRFLOW = "3.3.2"
_PROVIDERS = tuple(
    f"{suite.distribution}=={suite.version}"
    for suite in SUITES
    if "providers" in suite.distribution
)
_OTHERS = tuple(
    f"apache-airflow-providers-{name}" for name in ("openlineage", "postgres", "sqlite")
)
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
    "requests-mock",
    "sqlalchemy",
    "time-machine",
)


def ours(folder: Path) -> Path:
    """The Python that has Tradewind, installed from this checkout, and providers by its command."""
    python = _venv(folder / "ours")
    if not _ready(python):
        _install(python, "-e", str(ROOT), "-e", str(ROOT / "packages" / "tradewind-airflow"))
        command = python.with_name("tradewind")
        wanted = (*_PROVIDERS, *_OTHERS)
        subprocess.run([command, "providers", "install", *wanted], check=True)
        _install(python, *_TOOLS)
        _mark(python)
    return python


def airflows(folder: Path) -> Path:
    """The Python that has Airflow itself."""
    python = _venv(folder / "control")
    if not _ready(python):
        sdk = f"{SUITES[0].distribution}=={SUITES[0].version}"
        _install(python, f"apache-airflow=={AIRFLOW}", sdk, *_PROVIDERS, *_OTHERS, *_TOOLS)
        _mark(python)
    return python


def _venv(folder: Path) -> Path:
    python = folder / "bin" / "python"
    if not python.is_file():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    return python


def _install(python: Path, *wanted: str) -> None:
    options = ["--quiet", "--disable-pip-version-check"]
    subprocess.run([python, "-m", "pip", "install", *options, *wanted], check=True)


def _ready(python: Path) -> bool:
    return (python.parents[1] / ".ready").is_file()


def _mark(python: Path) -> None:
    (python.parents[1] / ".ready").touch()

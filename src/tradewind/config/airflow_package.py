"""Whose `airflow` package this environment has. Looks at files; imports nothing of it."""

import importlib.metadata
import importlib.util
from importlib.metadata import Distribution, PackageNotFoundError
from pathlib import Path

from tradewind.model.errors import EnvironmentFailure

_FILE = "airflow/__init__.py"
_ITS_DISTRIBUTIONS = ("apache-airflow-core", "apache-airflow")
_WAY_OUT = (
    "run `pip uninstall apache-airflow apache-airflow-core` and then `pip install "
    "--force-reinstall --no-deps tradewind-airflow`, or give Tradewind an environment of its own"
)


def check_airflow_package() -> None:
    """Nothing if there is no `airflow` or ours. Raises EnvironmentFailure that says what to do."""
    for name in _ITS_DISTRIBUTIONS:
        try:
            found = importlib.metadata.distribution(name)
        except PackageNotFoundError:
            continue
        if _owns(found, _FILE):
            raise EnvironmentFailure(
                f"{found.metadata['Name']} {found.version} is installed here and brings a package "
                f"`airflow` of its own, so DAG files would not get Tradewind's: {_WAY_OUT}"
            )
    spec = importlib.util.find_spec("airflow")
    if spec is None or spec.origin is None:  # absent, or only folders of providers
        return
    origin = Path(spec.origin)
    if not _is_ours(origin):
        raise EnvironmentFailure(f"`import airflow` gives {origin}, {_whose(origin)}")


def _is_ours(origin: Path) -> bool:
    try:
        return b"tradewind" in origin.read_bytes().lower()
    except OSError:
        return False


def _whose(origin: Path) -> str:
    for found in importlib.metadata.distributions():
        if _owns(found, _FILE) and Path(str(found.locate_file(_FILE))) == origin:
            return f"which is of {found.metadata['Name']} and not Tradewind's: {_WAY_OUT}"
    return (
        "which is not Tradewind's: rename it, or take its folder off PYTHONPATH, so that DAG files "
        "get Tradewind's"
    )


def _owns(found: Distribution, path: str) -> bool:
    return any(file.as_posix() == path for file in found.files or ())

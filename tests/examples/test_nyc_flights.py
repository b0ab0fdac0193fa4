"""The flights example as users run it: real files, a real warehouse of either kind, bad input."""

import csv
import fcntl
import importlib
import os
import sqlite3
import struct
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Barrier
from typing import Any

import psycopg
import pytest

from tests.examples.conftest import EXAMPLES, NYC_FLIGHTS, Run, run, run_day
from tests.patience import PATIENCE_S
from tradewind.model.states import RunState, TaskState

FIRST = datetime(2013, 1, 1)
SECOND = datetime(2013, 1, 2)
FLIGHTS = {FIRST: 842, SECOND: 943}
Rows = list[dict[str, str]]


def draw_month_before(moment: datetime, home: Path) -> Run:
    """Run the monthly DAG by hand: it takes the last whole month."""
    path = NYC_FLIGHTS / "monthly.py"
    return run(path, "nyc_flights_monthly", home, at=moment.replace(tzinfo=UTC))


def contents(connection: Any) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of both tables, days as text and delays rounded, whichever database it is."""
    found = {}
    for table, order in (("flight", "1, 2, 4, 6, 8"), ("delay_summary", "1, 2")):
        with closing(connection.cursor()) as cursor:
            cursor.execute(f"SELECT * FROM {table} ORDER BY {order}")
            found[table] = [
                tuple(
                    str(value)
                    if isinstance(value, date)
                    else round(float(value), 3)
                    if isinstance(value, int | float)
                    else value
                    for value in row
                )
                for row in cursor.fetchall()
            ]
    return found


def warehouse(home: Path) -> dict[str, list[tuple[Any, ...]]]:
    with closing(sqlite3.connect(home / "warehouse.db")) as connection:
        return contents(connection)


def test_days_are_loaded_and_a_rerun_changes_nothing(flights_home: Path, tmp_path: Path) -> None:
    for day, flights in FLIGHTS.items():
        done = run_day(day, tmp_path)
        assert done.result.state is RunState.SUCCESS, done.log
        assert done.returned("load") == flights
    before = warehouse(flights_home)
    assert len(before["flight"]) == sum(FLIGHTS.values())
    assert sum(row[3] for row in before["delay_summary"]) == sum(FLIGHTS.values())

    assert run_day(FIRST, tmp_path).result.state is RunState.SUCCESS

    assert warehouse(flights_home) == before


def test_flights_are_joined_with_weather_and_carrier(flights_home: Path, tmp_path: Path) -> None:
    run_day(FIRST, tmp_path)
    rows = warehouse(flights_home)["flight"]
    (first,) = [
        row for row in rows if row[1:6] == ("UA", "United Air Lines Inc.", 1545, "N14228", "EWR")
    ]
    assert first[6:] == ("IAH", 515, 2, 11, 1400, 12.659, 0, 10)
    assert not [row for row in rows if "NA" in row]


def test_nothing_half_written_is_left(flights_home: Path, tmp_path: Path) -> None:
    run_day(FIRST, tmp_path)
    assert {path.name for path in (flights_home / "staging" / "2013-01-01").iterdir()} == {
        "flights.csv",
        "joined.json",
    }
    files = importlib.import_module("nyc_flights.files")
    target = flights_home / "staging" / "2013-01-01" / "flights.csv"
    before = target.read_bytes()
    with pytest.raises(OSError, match="disk full"), files.written_whole(target) as unfinished:
        unfinished.write_text("half a")
        raise OSError("disk full")
    assert target.read_bytes() == before
    assert len(list(target.parent.iterdir())) == 2


def another_day(rows: Rows) -> None:
    rows[0]["day"] = "2"


def unknown_airport(rows: Rows) -> None:
    rows[1]["origin"] = "LHR"


def duplicate(rows: Rows) -> None:
    rows.insert(2, rows[0])


def no_number(rows: Rows) -> None:
    rows[2]["flight"] = "?"


def cut_off(rows: Rows) -> None:
    rows[3].update(dict.fromkeys(["origin", "sched_dep_time"]))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("corrupt", "line", "said"),
    [
        (another_day, 2, "a flight of 2013-01-02, not of 2013-01-01"),
        (unknown_airport, 3, "unknown airport 'LHR'"),
        (duplicate, 4, "stands there twice"),
        (no_number, 4, "invalid literal"),
        (cut_off, 5, "unknown airport ''"),
    ],
)
def test_bad_rows_are_refused_by_file_and_line(
    corrupt: Callable[[Rows], None], line: int, said: str, flights_home: Path, tmp_path: Path
) -> None:
    run_day(FIRST, tmp_path)
    before = warehouse(flights_home)
    staged = flights_home / "staging" / "2013-01-01" / "flights.csv"

    def spoil() -> None:
        with staged.open(newline="") as source:
            rows = list(csv.DictReader(source))
        corrupt(rows)
        with staged.open("w", newline="") as out:
            writer = csv.DictWriter(out, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)

    done = run_day(FIRST, tmp_path, after={"extract": spoil})

    assert done.result.state is RunState.FAILED
    assert done.states == {
        "extract": TaskState.SUCCESS,
        "validate": TaskState.FAILED,
        "join": TaskState.UPSTREAM_FAILED,
        "load": TaskState.UPSTREAM_FAILED,
        "summarise": TaskState.UPSTREAM_FAILED,
    }
    (reason, *_) = [text for text in done.log.splitlines() if f"{staged}:{line}: " in text]
    assert said in reason
    assert warehouse(flights_home) == before


def test_a_day_without_flights_fails_at_once(flights_home: Path, tmp_path: Path) -> None:
    done = run_day(datetime(2014, 1, 1), tmp_path)
    assert done.states["extract"] is TaskState.FAILED
    assert "the source has no flights on 2014-01-01" in done.log


@pytest.mark.parametrize("prefix", ["TRADEWIND_CONN_", "AIRFLOW_CONN_"])
def test_postgresql_holds_the_same(
    prefix: str,
    postgresql_url: str,
    flights_home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for day in FLIGHTS:
        run_day(day, tmp_path)
    draw_month_before(datetime(2013, 2, 1), tmp_path)
    chart = (flights_home / "charts" / "2013-01.png").read_bytes()
    expected = warehouse(flights_home)
    (flights_home / "warehouse.db").unlink()
    monkeypatch.setenv(f"{prefix}NYC_WAREHOUSE", postgresql_url)

    for day in (*FLIGHTS, FIRST):
        done = run_day(day, tmp_path)
        assert done.result.state is RunState.SUCCESS, done.log

    with psycopg.connect(postgresql_url) as connection:
        assert contents(connection) == expected
    draw_month_before(datetime(2013, 2, 1), tmp_path)
    assert (flights_home / "charts" / "2013-01.png").read_bytes() == chart
    assert not (flights_home / "warehouse.db").exists()


def test_postgresql_tables_are_made_once_by_many(
    postgresql_url: str, flights_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRADEWIND_CONN_NYC_WAREHOUSE", postgresql_url)
    module = importlib.import_module("nyc_flights.warehouse")
    together = Barrier(4, timeout=PATIENCE_S)

    def summarise(number: int) -> int:
        together.wait()
        with module.open_warehouse() as opened:
            carriers: int = opened.summarise(date(2013, 1, number))
            return carriers

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(summarise, range(1, 5))) == [0, 0, 0, 0]


def test_the_year_is_split_once_though_two_ask(flights_home: Path) -> None:
    ask = (
        "from datetime import date; from nyc_flights import flights_source as source; "
        "print('asking', flush=True); "
        "print(len(source.flights_of(date(2013, 1, 1))), len(source.weather_of(date(2013, 1, 1))))"
    )
    flights_home.mkdir()
    with (flights_home / "landing.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        both = [
            subprocess.Popen(
                [sys.executable, "-c", ask],
                env={**os.environ, "PYTHONPATH": str(EXAMPLES)},
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(2)
        ]
        for process in both:
            assert process.stdout is not None
            assert process.stdout.readline() == "asking\n"
        assert not (flights_home / "landing").exists()
    assert [process.communicate(timeout=PATIENCE_S)[0] for process in both] == [
        "842 67\n",
        "842 67\n",
    ]
    assert sorted(path.name for path in flights_home.iterdir()) == ["landing", "landing.lock"]
    days = list((flights_home / "landing").iterdir())
    assert len(days) == 365
    flights = (len((day / "flights.csv").read_text().splitlines()) - 1 for day in days)
    assert sum(flights) == 336_776


def test_a_half_split_year_is_begun_anew(flights_home: Path) -> None:
    (flights_home / "landing.unfinished" / "2013-01-01").mkdir(parents=True)
    (flights_home / "landing.unfinished" / "2013-01-01" / "flights.csv").write_text("year\n")
    (flights_home / "landing.unfinished" / "rubbish").touch()
    source = importlib.import_module("nyc_flights.flights_source")
    assert len(source.flights_of(date(2013, 1, 1))) == 842
    assert not (flights_home / "landing" / "rubbish").exists()


def test_the_month_becomes_a_chart(flights_home: Path, tmp_path: Path) -> None:
    for day in FLIGHTS:
        run_day(day, tmp_path)

    done = draw_month_before(datetime(2013, 2, 1), tmp_path)

    assert done.result.state is RunState.SUCCESS, done.log
    chart = flights_home / "charts" / "2013-01.png"
    assert done.returned("draw_chart") == str(chart)
    assert str(chart) in str(done.returned("announce"))
    picture = chart.read_bytes()
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", picture[16:24]) == (1200, 600)
    assert len(picture) > 10_000
    assert [path.name for path in chart.parent.iterdir()] == ["2013-01.png"]


def test_a_month_without_flights_says_what_to_do(flights_home: Path, tmp_path: Path) -> None:
    done = draw_month_before(datetime(2013, 3, 1), tmp_path)
    assert done.result.state is RunState.FAILED
    assert "no flights from 2013-02-01 to 2013-02-28: backfill nyc_flights first" in done.log

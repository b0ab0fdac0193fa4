"""The warehouse: two tables, each day replaced as a whole, so that a rerun changes nothing.

SQLite by default; PostgreSQL when there is a connection `nyc_warehouse`.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date
from typing import Any

from nyc_flights.flights_source import home
from tradewind import BaseHook
from tradewind.exceptions import AirflowNotFoundException

CONNECTION_ID = "nyc_warehouse"

SCHEMA = """
CREATE TABLE IF NOT EXISTS flight (
    day             date    NOT NULL,
    carrier         text    NOT NULL,
    carrier_name    text    NOT NULL,
    flight          integer NOT NULL,
    tailnum         text,
    origin          text    NOT NULL,
    dest            text    NOT NULL,
    sched_dep_time  integer NOT NULL,
    dep_delay       integer,
    arr_delay       integer,
    distance        integer NOT NULL,
    wind_speed      real,
    precipitation   real,
    visibility      real,
    PRIMARY KEY (day, carrier, flight, origin, sched_dep_time)
);
CREATE TABLE IF NOT EXISTS delay_summary (
    day             date    NOT NULL,
    carrier         text    NOT NULL,
    carrier_name    text    NOT NULL,
    flights         integer NOT NULL,
    cancelled       integer NOT NULL,
    mean_dep_delay  real,
    late            integer NOT NULL,
    PRIMARY KEY (day, carrier)
);
"""

FLIGHT_COLUMNS = [
    "day",
    "carrier",
    "carrier_name",
    "flight",
    "tailnum",
    "origin",
    "dest",
    "sched_dep_time",
    "dep_delay",
    "arr_delay",
    "distance",
    "wind_speed",
    "precipitation",
    "visibility",
]

SUMMARISE = """
INSERT INTO delay_summary
SELECT day, carrier, carrier_name, count(*), sum(CASE WHEN dep_delay IS NULL THEN 1 ELSE 0 END),
       avg(dep_delay), sum(CASE WHEN dep_delay > 15 THEN 1 ELSE 0 END)
FROM flight
WHERE day = {mark}
GROUP BY day, carrier, carrier_name
"""


class Warehouse:
    """One open warehouse; every method is one transaction."""

    def __init__(self, connection: Any, mark: str) -> None:
        self._connection = connection
        self._mark = mark

    def replace_flights(self, day: date, rows: Sequence[Sequence[Any]]) -> int:
        """Replace the day's flights. Returns how many the day has now."""
        marks = ", ".join([self._mark] * len(FLIGHT_COLUMNS))
        with self._transaction() as cursor:
            cursor.execute(f"DELETE FROM flight WHERE day = {self._mark}", (day.isoformat(),))
            cursor.executemany(
                f"INSERT INTO flight ({', '.join(FLIGHT_COLUMNS)}) VALUES ({marks})", rows
            )
            cursor.execute(
                f"SELECT count(*) FROM flight WHERE day = {self._mark}", (day.isoformat(),)
            )
            (count,) = cursor.fetchone()
        return int(count)

    def summarise(self, day: date) -> int:
        """Compute the day's delays anew from its flights. Returns the number of carriers."""
        with self._transaction() as cursor:
            cursor.execute(
                f"DELETE FROM delay_summary WHERE day = {self._mark}", (day.isoformat(),)
            )
            cursor.execute(SUMMARISE.format(mark=self._mark), (day.isoformat(),))
            return int(cursor.rowcount)

    def delays_by_day(self, first: date, last: date) -> list[tuple[str, int, float, int]]:
        """(day, flights, mean departure delay in minutes, cancelled) for each day, both included."""
        with self._transaction() as cursor:
            cursor.execute(
                "SELECT day, sum(flights), "
                "sum(mean_dep_delay * (flights - cancelled)) / sum(flights - cancelled), "
                "sum(cancelled) FROM delay_summary "
                f"WHERE day BETWEEN {self._mark} AND {self._mark} GROUP BY day ORDER BY day",
                (first.isoformat(), last.isoformat()),
            )
            return [
                (str(day), int(flights), float(delay), int(cancelled))
                for day, flights, delay, cancelled in cursor.fetchall()
            ]

    def create_tables(self) -> None:
        """Make the tables where they are missing."""
        with self._transaction() as cursor:
            for statement in SCHEMA.split(";")[:-1]:
                cursor.execute(statement)

    @contextmanager
    def _transaction(self) -> Iterator[Any]:
        with closing(self._connection.cursor()) as cursor:
            try:
                yield cursor
            except BaseException:
                self._connection.rollback()
                raise
            self._connection.commit()


@contextmanager
def open_warehouse() -> Iterator[Warehouse]:
    """Open the warehouse that is configured, its tables made."""
    connection, mark = _connect()
    with closing(connection):
        warehouse = Warehouse(connection, mark)
        warehouse.create_tables()
        yield warehouse


def _connect() -> tuple[Any, str]:
    try:
        configured = BaseHook.get_connection(CONNECTION_ID)
    except AirflowNotFoundException:
        path = home() / "warehouse.db"
        path.parent.mkdir(parents=True, exist_ok=True)
        return sqlite3.connect(path, timeout=60, isolation_level="IMMEDIATE"), "?"
    import psycopg  # noqa: PLC0415  only needed with a PostgreSQL warehouse

    return (
        psycopg.connect(
            host=configured.host,
            port=configured.port or 5432,
            user=configured.login,
            password=configured.password,
            dbname=configured.schema,
        ),
        "%s",
    )

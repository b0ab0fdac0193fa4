"""The warehouse: two tables, each day replaced as a whole, so that a rerun changes nothing.

SQLite by default; PostgreSQL when there is a connection `nyc_warehouse`. Statements name their
parameters as SQLite does (`:day`); for PostgreSQL they are respelled.
"""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date
from typing import Any

from nyc_flights.files import home
from tradewind import BaseHook
from tradewind.exceptions import AirflowNotFoundException

CONNECTION_ID = "nyc_warehouse"

CREATE_TABLES = (
    """
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
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS delay_summary (
        day             date    NOT NULL,
        carrier         text    NOT NULL,
        carrier_name    text    NOT NULL,
        flights         integer NOT NULL,
        cancelled       integer NOT NULL,
        mean_dep_delay  real,
        late            integer NOT NULL,
        PRIMARY KEY (day, carrier)
    )
    """,
)

INSERT_FLIGHT = """
    INSERT INTO flight
    VALUES (:day, :carrier, :carrier_name, :flight, :tailnum, :origin, :dest, :sched_dep_time,
            :dep_delay, :arr_delay, :distance, :wind_speed, :precipitation, :visibility)
"""

SUMMARISE = """
    INSERT INTO delay_summary
    SELECT day, carrier, carrier_name,
           count(*),
           sum(CASE WHEN dep_delay IS NULL THEN 1 ELSE 0 END),
           avg(dep_delay),
           sum(CASE WHEN dep_delay > 15 THEN 1 ELSE 0 END)
    FROM flight
    WHERE day = :day
    GROUP BY day, carrier, carrier_name
"""

DELAYS_BY_DAY = """
    SELECT day,
           sum(flights),
           sum(mean_dep_delay * (flights - cancelled)) / nullif(sum(flights - cancelled), 0),
           sum(cancelled)
    FROM delay_summary
    WHERE day BETWEEN :first AND :last
    GROUP BY day
    ORDER BY day
"""


class Warehouse:
    """An open warehouse, its tables made; every method is one transaction."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._is_sqlite = isinstance(connection, sqlite3.Connection)
        with self._transaction() as cursor:
            if not self._is_sqlite:
                # PostgreSQL lets two who create the same table at once collide: one at a time.
                cursor.execute("SELECT pg_advisory_xact_lock(2013)")
            for statement in CREATE_TABLES:
                cursor.execute(statement)

    def replace_flights(self, day: date, flights: Sequence[dict[str, Any]]) -> int:
        """Replace the day's flights. Returns how many the day has now."""
        of_day = {"day": day.isoformat()}
        with self._transaction() as cursor:
            cursor.execute(self._spelled("DELETE FROM flight WHERE day = :day"), of_day)
            cursor.executemany(self._spelled(INSERT_FLIGHT), flights)
            cursor.execute(self._spelled("SELECT count(*) FROM flight WHERE day = :day"), of_day)
            (count,) = cursor.fetchone()
        return int(count)

    def summarise(self, day: date) -> int:
        """Compute the day's delays anew from its flights. Returns the number of carriers."""
        of_day = {"day": day.isoformat()}
        with self._transaction() as cursor:
            cursor.execute(self._spelled("DELETE FROM delay_summary WHERE day = :day"), of_day)
            cursor.execute(self._spelled(SUMMARISE), of_day)
            return int(cursor.rowcount)

    def delays_by_day(self, first: date, last: date) -> list[tuple[date, int, float, int]]:
        """(day, flights, mean departure delay in minutes, cancelled) from `first` to `last`."""
        between = {"first": first.isoformat(), "last": last.isoformat()}
        with self._transaction() as cursor:
            cursor.execute(self._spelled(DELAYS_BY_DAY), between)
            return [
                (date.fromisoformat(str(day)), int(flights), float(delay or 0), int(cancelled))
                for day, flights, delay, cancelled in cursor.fetchall()
            ]

    @contextmanager
    def _transaction(self) -> Iterator[Any]:
        with closing(self._connection.cursor()) as cursor:
            try:
                yield cursor
            except BaseException:
                self._connection.rollback()
                raise
            self._connection.commit()

    def _spelled(self, statement: str) -> str:
        return statement if self._is_sqlite else re.sub(r":(\w+)", r"%(\1)s", statement)


@contextmanager
def open_warehouse() -> Iterator[Warehouse]:
    """Open the warehouse that is configured."""
    with closing(_connect()) as connection:
        yield Warehouse(connection)


def _connect() -> Any:
    try:
        configured = BaseHook.get_connection(CONNECTION_ID)
    except AirflowNotFoundException:
        path = home() / "warehouse.db"
        path.parent.mkdir(parents=True, exist_ok=True)
        return sqlite3.connect(path, timeout=60, isolation_level="IMMEDIATE")
    import psycopg  # noqa: PLC0415  only needed with a PostgreSQL warehouse

    parameters = {
        "host": configured.host or None,
        "port": configured.port,
        "user": configured.login,
        "password": configured.password,
        "dbname": configured.schema,
    }
    return psycopg.connect(**parameters | configured.extra_dejson)

"""Each day's flights from New York, checked, joined with weather and carrier, into a warehouse."""

import csv
import json
from datetime import date, datetime
from pathlib import Path

from nyc_flights import flights_source
from nyc_flights.files import staged, written_whole
from nyc_flights.warehouse import open_warehouse
from tradewind import CronDataIntervalTimetable, dag, task

AIRPORTS = {"EWR", "JFK", "LGA"}


@dag(
    dag_id="nyc_flights",
    schedule=CronDataIntervalTimetable("0 0 * * *", "UTC"),
    start_date=datetime(2013, 1, 1),
    end_date=datetime(2013, 12, 31),
    catchup=False,
    max_active_runs=4,
    default_args={"retries": 2, "retry_delay": 5},
    tags=["example", "etl"],
)
def nyc_flights():
    """### Flights from New York, 2013

    Every run takes the day of its data interval and replaces that day in the warehouse: run it as
    often as you like.
    """

    @task
    def extract(data_interval_start=None) -> str:
        """Copy the day's rows from the source into this run's staging folder."""
        day = data_interval_start.date()
        flights = flights_source.flights_of(day)
        if not flights:
            raise ValueError(f"the source has no flights on {day}")
        path = staged(day, "flights.csv")
        with written_whole(path) as unfinished, unfinished.open("w", newline="") as out:
            writer = csv.DictWriter(out, fieldnames=list(flights[0]))
            writer.writeheader()
            writer.writerows(flights)
        print(f"{len(flights)} flights on {day}")
        return str(path)

    @task
    def validate(path: str, data_interval_start=None) -> dict:
        """Fail on rows of another day, unknown airports, or a flight listed twice."""
        day = data_interval_start.date()
        seen = set()
        with Path(path).open(newline="") as lines:
            for line, row in enumerate(csv.DictReader(lines), start=2):
                try:
                    seen.add(check(row, day, seen))
                except (KeyError, TypeError, ValueError) as problem:
                    raise ValueError(f"{path}:{line}: {problem}") from problem
        return {"path": path, "flights": len(seen)}

    @task
    def join(checked: dict, data_interval_start=None) -> str:
        """Add the carrier's name and the weather at the airport in the hour of departure."""
        day = data_interval_start.date()
        weather = flights_source.weather_of(day)
        carriers = flights_source.carriers()
        with Path(checked["path"]).open(newline="") as lines:
            joined = [
                joined_row(row, carriers, weather.get((row["origin"], row["time_hour"]), {}))
                for row in csv.DictReader(lines)
            ]
        path = staged(day, "joined.json")
        with written_whole(path) as unfinished:
            unfinished.write_text(json.dumps(joined))
        return str(path)

    @task
    def load(path: str, checked: dict, data_interval_start=None) -> int:
        """Replace the day in the warehouse, in one transaction."""
        flights = json.loads(Path(path).read_text())
        with open_warehouse() as warehouse:
            loaded = warehouse.replace_flights(data_interval_start.date(), flights)
        if loaded != checked["flights"]:
            raise ValueError(f"{loaded} flights loaded, {checked['flights']} expected")
        return loaded

    @task
    def summarise(loaded: int, data_interval_start=None) -> None:
        """Mean delay, late and cancelled flights per carrier."""
        with open_warehouse() as warehouse:
            carriers = warehouse.summarise(data_interval_start.date())
        print(f"{loaded} flights of {carriers} carriers")

    checked = validate(extract())
    summarise(load(join(checked), checked))


def day_of(row: dict) -> date:
    return date(int(row["year"]), int(row["month"]), int(row["day"]))


def check(row: dict, day: date, seen: set) -> tuple:
    """The row's key. Raises ValueError for a row that must not reach the warehouse."""
    if day_of(row) != day:
        raise ValueError(f"a flight of {day_of(row)}, not of {day}")
    if row["origin"] not in AIRPORTS:
        raise ValueError(f"unknown airport {row['origin']!r}")
    key = (row["carrier"], int(row["flight"]), row["origin"], int(row["sched_dep_time"]))
    if key in seen:
        raise ValueError(f"flight {key} stands there twice")
    return key


def joined_row(row: dict, carriers: dict, sky: dict) -> dict:
    """A row of the warehouse; `sky` is the weather of the hour, empty if nobody recorded it."""
    return {
        "day": day_of(row).isoformat(),
        "carrier": row["carrier"],
        "carrier_name": carriers[row["carrier"]],
        "flight": int(row["flight"]),
        "tailnum": known(row["tailnum"], str),
        "origin": row["origin"],
        "dest": row["dest"],
        "sched_dep_time": int(row["sched_dep_time"]),
        "dep_delay": known(row["dep_delay"], int),
        "arr_delay": known(row["arr_delay"], int),
        "distance": int(row["distance"]),
        "wind_speed": known(sky.get("wind_speed"), float),
        "precipitation": known(sky.get("precip"), float),
        "visibility": known(sky.get("visib"), float),
    }


def known(text: str | None, kind: type) -> object:
    """The value, or None where the source has none."""
    return None if text in (None, "", flights_source.MISSING) else kind(text)


nyc_flights()

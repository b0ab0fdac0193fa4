"""Each day's flights from New York, checked, joined with weather and carrier, into a warehouse."""

import csv
import json
from datetime import date, datetime
from pathlib import Path

from nyc_flights import flights_source
from nyc_flights.warehouse import FLIGHT_COLUMNS, open_warehouse
from tradewind import CronDataIntervalTimetable, dag, task

AIRPORTS = {"EWR", "JFK", "LGA"}


def staged(day: date, name: str) -> Path:
    """Where a run of `day` keeps the file `name`: its own folder, so runs never meet."""
    folder = flights_source.home() / "staging" / day.isoformat()
    folder.mkdir(parents=True, exist_ok=True)
    return folder / name


def number(text: str) -> float | None:
    """The source writes NA for a missing number."""
    return None if text in ("NA", "") else float(text)


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
        with path.open("w", newline="") as out:
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
                where = f"{path}:{line}"
                if date(int(row["year"]), int(row["month"]), int(row["day"])) != day:
                    raise ValueError(f"{where}: a flight of another day than {day}")
                if row["origin"] not in AIRPORTS:
                    raise ValueError(f"{where}: unknown airport {row['origin']!r}")
                key = (row["carrier"], row["flight"], row["origin"], row["sched_dep_time"])
                if key in seen:
                    raise ValueError(f"{where}: flight {key} stands there twice")
                seen.add(key)
        return {"path": path, "flights": len(seen)}

    @task
    def join(checked: dict, data_interval_start=None) -> str:
        """Add the carrier's name and the weather at the airport in the hour of departure."""
        day = data_interval_start.date()
        weather = flights_source.weather_of(day)
        carriers = flights_source.carriers()
        joined = []
        with Path(checked["path"]).open(newline="") as lines:
            for row in csv.DictReader(lines):
                sky = weather.get((row["origin"], row["time_hour"]), {})
                joined.append(
                    {
                        "day": day.isoformat(),
                        "carrier": row["carrier"],
                        "carrier_name": carriers[row["carrier"]],
                        "flight": int(row["flight"]),
                        "tailnum": row["tailnum"] or None,
                        "origin": row["origin"],
                        "dest": row["dest"],
                        "sched_dep_time": int(row["sched_dep_time"]),
                        "dep_delay": number(row["dep_delay"]),
                        "arr_delay": number(row["arr_delay"]),
                        "distance": int(row["distance"]),
                        "wind_speed": number(sky.get("wind_speed", "NA")),
                        "precipitation": number(sky.get("precip", "NA")),
                        "visibility": number(sky.get("visib", "NA")),
                    }
                )
        path = staged(day, "joined.json")
        path.write_text(json.dumps(joined))
        return str(path)

    @task
    def load(path: str, checked: dict, data_interval_start=None) -> int:
        """Replace the day in the warehouse, in one transaction."""
        rows = [
            [row[column] for column in FLIGHT_COLUMNS] for row in json.loads(Path(path).read_text())
        ]
        with open_warehouse() as warehouse:
            loaded = warehouse.replace_flights(data_interval_start.date(), rows)
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


nyc_flights()

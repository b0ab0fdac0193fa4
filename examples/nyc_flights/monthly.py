"""A chart of each month's departure delays, from the warehouse that `nyc_flights` fills.

Written in Airflow's spelling, with the operators of its standard provider: both load here.
"""

from datetime import datetime, timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG, CronDataIntervalTimetable
from nyc_flights.files import home, written_whole
from nyc_flights.warehouse import open_warehouse

BLUE, RED, GREY = "#558cfb", "#e5484d", "#6b7280"


def draw(data_interval_start, data_interval_end) -> str:
    """Render the month as PNG and return its path."""
    first, last = data_interval_start.date(), (data_interval_end - timedelta(days=1)).date()
    with open_warehouse() as warehouse:
        delays = warehouse.delays_by_day(first, last)
    if not delays:
        raise ValueError(f"no flights from {first} to {last}: backfill nyc_flights first")
    path = home() / "charts" / f"{first:%Y-%m}.png"
    with written_whole(path) as unfinished:
        chart_of(f"{first:%B %Y}", delays).savefig(unfinished, format="png", dpi=120)
    return str(path)


def chart_of(month: str, delays: list):
    """A figure with the mean delay of each day above its cancelled flights."""
    from matplotlib.figure import Figure  # noqa: PLC0415  heavy: not while the file is only parsed

    dates, flights, minutes, cancelled = zip(*delays, strict=True)
    days = [day.day for day in dates]
    figure = Figure(figsize=(10, 5), layout="constrained")
    above, below = figure.subplots(2, sharex=True, height_ratios=[3, 1])
    above.bar(days, minutes, color=BLUE)
    above.set_ylabel("mean departure delay\nin minutes", color=GREY)
    above.set_title(
        f"{month}: {sum(flights):,} flights from New York, {sum(cancelled):,} cancelled",
        loc="left",
        weight="bold",
        pad=14,
    )
    below.bar(days, cancelled, color=RED)
    below.set_ylabel("cancelled\nflights", color=GREY)
    below.set_xticks(days)
    for axes in (above, below):
        axes.margins(x=0.01)
        axes.grid(axis="y", alpha=0.3)
        axes.set_axisbelow(True)
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.tick_params(length=0, labelcolor=GREY)
    return figure


with DAG(
    "nyc_flights_monthly",
    description="A chart of the month's delays",
    schedule=CronDataIntervalTimetable("0 0 1 * *", "UTC"),
    start_date=datetime(2013, 1, 1),
    end_date=datetime(2013, 12, 31),
    catchup=False,
    tags=["example", "report"],
) as dag:
    chart = PythonOperator(task_id="draw_chart", python_callable=draw, retries=1)
    announce = BashOperator(
        task_id="announce",
        bash_command="ls -l {{ ti.xcom_pull(task_ids='draw_chart') }}",
    )
    chart >> announce

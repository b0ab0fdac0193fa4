"""A chart of each month's departure delays, from the warehouse that `nyc_flights` fills.

Written in Airflow's spelling, with the operators of its standard provider: both load here.
"""

from datetime import datetime, timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG, CronDataIntervalTimetable
from nyc_flights import flights_source
from nyc_flights.warehouse import open_warehouse


def draw(data_interval_start, data_interval_end) -> str:
    """Render the month as PNG and return its path."""
    import matplotlib  # noqa: PLC0415  heavy: not while the file is only parsed

    matplotlib.use("Agg")
    from matplotlib import pyplot  # noqa: PLC0415

    first, last = data_interval_start.date(), (data_interval_end - timedelta(days=1)).date()
    with open_warehouse() as warehouse:
        days = warehouse.delays_by_day(first, last)
    if not days:
        raise ValueError(f"no flights from {first} to {last}: backfill nyc_flights first")
    figure, axes = pyplot.subplots(figsize=(10, 4), layout="constrained")
    axes.bar(
        [int(day[-2:]) for day, *_ in days], [delay for _, _, delay, _ in days], color="#558cfb"
    )
    axes.set(
        title=f"Flights from New York, {first:%B %Y}: {sum(n for _, n, _, _ in days):,} flights",
        xlabel="day",
        ylabel="mean departure delay, minutes",
    )
    path = flights_source.home() / "charts" / f"{first:%Y-%m}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    figure.savefig(unfinished, format="png", dpi=120)
    pyplot.close(figure)
    unfinished.rename(path)
    return str(path)


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

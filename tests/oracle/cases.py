"""DAG files in two spellings, as 1.10 and 2.x wrote them and as 3.x does, and when to look at them.

A file has one DAG with one task whose command shows the dates that templates can use. All files
are ours.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

OLD, NEW = "2.11.2", "3.3.2"

_NEW_NAMES = [
    "logical_date",
    "data_interval_start",
    "data_interval_end",
    "ds",
    "ds_nodash",
    "ts",
    "ts_nodash",
    "ts_nodash_with_tz",
]
_OLD_NAMES = [
    "execution_date",
    "next_execution_date",
    "prev_execution_date",
    "prev_execution_date_success",
    "prev_data_interval_start_success",
    "prev_data_interval_end_success",
    "next_ds",
    "next_ds_nodash",
    "prev_ds",
    "prev_ds_nodash",
    "tomorrow_ds",
    "tomorrow_ds_nodash",
    "yesterday_ds",
    "yesterday_ds_nodash",
]

SHOWN = {OLD: [*_NEW_NAMES, *_OLD_NAMES], NEW: _NEW_NAMES}
"""The dates that a task's command shows, by version."""

_OLD_HEAD = """\
from datetime import datetime, timedelta
import pendulum
from dateutil.relativedelta import relativedelta
from airflow import DAG
from airflow.operators.bash_operator import BashOperator
"""
_NEW_HEAD = """\
from datetime import datetime, timedelta
import pendulum
from dateutil.relativedelta import relativedelta
from airflow.sdk import DAG
from airflow.providers.standard.operators.bash import BashOperator
"""


@dataclass(frozen=True, slots=True)
class Case:
    """One DAG in both spellings."""

    name: str
    arguments: str
    """Arguments of DAG in the old spelling; the new one says `schedule=` for its old names."""
    now: str
    """When the file is first seen."""
    runs: int = 5
    new: str | None = None
    imports: str = ""
    """Timetables: the old spelling imports them from airflow.timetables, the new from airflow.sdk."""
    task: str = ""
    only: str | None = None
    """The one version that takes it."""

    @property
    def versions(self) -> tuple[str, ...]:
        return (OLD, NEW) if self.only is None else (self.only,)

    def source(self, version: str) -> str:
        """The file's text."""
        if version == OLD:
            head, arguments = _OLD_HEAD, self.arguments
            head += "".join(
                f"from airflow.timetables.{place} import {name}\n"
                for place, name in (item.split(":") for item in self.imports.split())
            )
        else:
            head = _NEW_HEAD
            arguments = self.new if self.new is not None else _modern(self.arguments)
            head += "".join(
                f"from airflow.sdk import {item.split(':')[1]}\n" for item in self.imports.split()
            )
        shown = " ".join(f"{name}={{{{ {name} }}}}" for name in SHOWN[version])
        extra = f", {self.task}" if self.task else ""
        comma = ", " if arguments else ""
        return (
            f"{head}\nSHOWN = {shown!r}\n\n"
            f"dag = DAG({self.name!r}{comma}{arguments})\n"
            f"task = BashOperator(task_id='t', bash_command='echo ' + SHOWN, dag=dag{extra})\n"
        )

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.now).replace(tzinfo=UTC)


def _modern(old: str) -> str:
    return old.replace("schedule_interval=", "schedule=").replace("timetable=", "schedule=")


JAN_1 = "start_date=datetime(2024, 1, 1)"
PARIS = "tz='Europe/Paris'"
NEW_YORK = "tz='America/New_York'"

CASES = (
    Case("preset_catchup_unsaid", f"schedule_interval='@daily', {JAN_1}", "2024-01-05T10:30"),
    Case(
        "preset_hourly", f"schedule_interval='@hourly', {JAN_1}, catchup=True", "2024-01-01T03:20"
    ),
    Case(
        "preset_no_catchup",
        f"schedule_interval='@daily', {JAN_1}, catchup=False",
        "2024-01-05T10:30",
    ),
    Case(
        "weekdays",
        f"schedule_interval='30 6 * * 1-5', {JAN_1}, catchup=True",
        "2024-01-09T00:00",
        7,
    ),
    Case(
        "start_unaligned",
        "schedule_interval='@daily', start_date=datetime(2024, 1, 1, 6), catchup=True",
        "2024-01-04T10:30",
    ),
    Case(
        "spring_daily",
        f"schedule_interval='30 2 * * *', start_date=pendulum.datetime(2024, 3, 29, {PARIS}), catchup=True",
        "2024-04-02T12:00",
    ),
    Case(
        "autumn_daily",
        f"schedule_interval='30 2 * * *', start_date=pendulum.datetime(2024, 10, 25, {PARIS}), catchup=True",
        "2024-10-29T12:00",
    ),
    Case(
        "autumn_hourly",
        f"schedule_interval='0 * * * *', start_date=pendulum.datetime(2024, 11, 2, 23, {NEW_YORK}), catchup=True",
        "2024-11-03T10:00",
        7,
    ),
    Case(
        "spring_hourly",
        f"schedule_interval='@hourly', start_date=pendulum.datetime(2024, 3, 31, 0, {PARIS}), catchup=True",
        "2024-03-31T05:00",
    ),
    Case(
        "autumn_every_2_hours",
        f"schedule_interval='0 */2 * * *', start_date=pendulum.datetime(2024, 10, 26, 22, {PARIS}), catchup=True",
        "2024-10-27T08:00",
        6,
    ),
    Case(
        "autumn_every_30_minutes",
        f"schedule_interval='*/30 * * * *', start_date=pendulum.datetime(2024, 10, 27, 1, {PARIS}), catchup=True",
        "2024-10-27T03:00",
        10,
    ),
    Case(
        "autumn_between",
        f"schedule_interval='*/20 1-3 * * *', start_date=pendulum.datetime(2024, 10, 27, 1, 10, {PARIS}), catchup=True",
        "2024-10-27T03:30",
        10,
    ),
    Case(
        "daily_in_zone_no_catchup",
        f"schedule_interval='@daily', start_date=pendulum.datetime(2024, 1, 1, {NEW_YORK}), catchup=False",
        "2024-03-10T12:00",
    ),
    Case(
        "delta",
        "schedule_interval=timedelta(hours=6), start_date=datetime(2024, 1, 1, 1, 30), catchup=True",
        "2024-01-02T00:00",
    ),
    Case(
        "delta_no_catchup",
        "schedule_interval=timedelta(hours=6), start_date=datetime(2024, 1, 1, 1, 30), catchup=False",
        "2024-01-05T10:31",
    ),
    Case(
        "delta_over_spring",
        f"schedule_interval=timedelta(days=1), start_date=pendulum.datetime(2024, 3, 29, 8, {PARIS}), catchup=True",
        "2024-04-02T12:00",
    ),
    Case(
        "delta_over_spring_no_catchup",
        f"schedule_interval=timedelta(days=1), start_date=pendulum.datetime(2024, 3, 29, 8, {PARIS}), catchup=False",
        "2024-04-02T12:00",
    ),
    Case(
        "month_ends",
        "schedule_interval=relativedelta(months=1), start_date=datetime(2024, 1, 31), catchup=True",
        "2024-06-15T00:00",
    ),
    Case(
        "months_no_catchup",
        "schedule_interval=relativedelta(months=1), start_date=datetime(2024, 1, 15), catchup=False",
        "2024-06-20T07:00",
        3,
    ),
    Case(
        "weeks_of_relativedelta",
        f"schedule_interval=relativedelta(weeks=1), {JAN_1}, catchup=True",
        "2024-01-20T00:00",
        3,
    ),
    Case(
        "relativedelta_over_spring",
        f"schedule_interval=relativedelta(days=1), start_date=pendulum.datetime(2024, 3, 29, 8, {PARIS}), catchup=True",
        "2024-04-02T12:00",
    ),
    Case("once", f"schedule_interval='@once', {JAN_1}", "2024-01-05T10:30", 2),
    Case(
        "once_to_come",
        "schedule_interval='@once', start_date=datetime(2024, 2, 1, 7)",
        "2024-01-05T10:30",
        2,
    ),
    Case("never", f"schedule_interval=None, {JAN_1}", "2024-01-05T10:30"),
    Case(
        "continuous",
        f"schedule_interval='@continuous', {JAN_1}, max_active_runs=1, catchup=False",
        "2024-01-05T10:30",
        1,
    ),
    Case(
        "two_crons",
        f"timetable=MultipleCronTriggerTimetable('0 0 * * *', '30 12 * * *', timezone='UTC'), {JAN_1}, catchup=True",
        "2024-01-03T10:00",
        imports="trigger:MultipleCronTriggerTimetable",
        only=NEW,
    ),
    Case(
        "two_crons_no_catchup",
        f"timetable=MultipleCronTriggerTimetable('0 0 * * *', '30 12 * * *', timezone='Europe/Paris'), {JAN_1}, catchup=False",
        "2024-03-31T10:00",
        imports="trigger:MultipleCronTriggerTimetable",
        only=NEW,
    ),
    Case(
        "cron_trigger_with_interval",
        f"timetable=CronTriggerTimetable('0 18 * * FRI', timezone='UTC', interval=timedelta(days=4)), {JAN_1}, catchup=True",
        "2024-01-20T00:00",
        imports="trigger:CronTriggerTimetable",
    ),
    Case(
        "cron_trigger_no_catchup",
        f"timetable=CronTriggerTimetable('0 0 * * *', timezone='UTC'), {JAN_1}, catchup=False",
        "2024-01-20T15:00",
        3,
        imports="trigger:CronTriggerTimetable",
    ),
    Case(
        "delta_trigger",
        f"timetable=DeltaTriggerTimetable(timedelta(hours=8)), {JAN_1}, catchup=True",
        "2024-01-02T15:00",
        imports="trigger:DeltaTriggerTimetable",
    ),
    Case(
        "cron_interval_named",
        f"timetable=CronDataIntervalTimetable('0 9 * * *', timezone='Asia/Kolkata'), {JAN_1}, catchup=True",
        "2024-01-04T15:00",
        imports="interval:CronDataIntervalTimetable",
    ),
    Case(
        "delta_interval_named",
        f"timetable=DeltaDataIntervalTimetable(timedelta(hours=5)), {JAN_1}, catchup=False",
        "2024-01-04T15:00",
        imports="interval:DeltaDataIntervalTimetable",
    ),
    Case(
        "events",
        "timetable=EventsTimetable([pendulum.datetime(2024, 1, 3, 9), pendulum.datetime(2024, 1, 9, 9), "
        "pendulum.datetime(2024, 2, 1)]), start_date=datetime(2024, 1, 1), catchup=True",
        "2024-01-04T15:00",
        imports="events:EventsTimetable",
        only=OLD,
    ),
    Case(
        "end_date",
        f"schedule_interval='@daily', {JAN_1}, end_date=datetime(2024, 1, 3), catchup=True",
        "2024-01-09T00:00",
    ),
    Case(
        "end_date_within_a_day",
        f"schedule_interval='@daily', {JAN_1}, end_date=datetime(2024, 1, 3, 12), catchup=True",
        "2024-01-09T00:00",
    ),
    Case(
        "delta_end_date",
        f"schedule_interval=timedelta(days=1), {JAN_1}, end_date=datetime(2024, 1, 3), catchup=True",
        "2024-01-09T00:00",
    ),
    Case(
        "start_to_come",
        "schedule_interval='@daily', start_date=datetime(2024, 2, 1)",
        "2024-01-05T10:30",
        3,
    ),
    Case(
        "start_to_come_no_catchup",
        "schedule_interval='@hourly', start_date=datetime(2024, 1, 5, 12, 30), catchup=False",
        "2024-01-05T10:31",
        3,
    ),
    Case("no_schedule_at_all", JAN_1, "2024-01-04T10:30", new=JAN_1),
    Case("no_schedule_no_start", "concurrency=4", "2024-01-04T10:30", new="max_active_tasks=4"),
    Case(
        "default_args_text",
        "schedule_interval='@weekly', default_args={'start_date': '2024-01-03', 'owner': 'me'}, catchup=True",
        "2024-02-01T10:30",
    ),
    Case(
        "start_of_task",
        "schedule_interval='@daily', catchup=False",
        "2024-01-04T10:30",
        task="start_date=datetime(2024, 1, 2)",
        only=NEW,
    ),
    Case(
        "dag_and_task_starts",
        f"schedule_interval='@daily', {JAN_1}, catchup=True",
        "2024-01-05T10:30",
        task="start_date=datetime(2024, 1, 3)",
    ),
    Case(
        "monthly_leap",
        "schedule_interval='@monthly', start_date=datetime(2023, 12, 15), catchup=True",
        "2024-04-02T00:00",
    ),
    Case(
        "quarterly",
        "schedule_interval='@quarterly', start_date=datetime(2023, 2, 15)",
        "2024-04-02T00:00",
        4,
    ),
    Case(
        "yearly",
        "schedule_interval='@yearly', start_date=datetime(2021, 7, 1)",
        "2024-04-02T00:00",
        4,
    ),
    Case(
        "last_day_and_names",
        "schedule_interval='0 12 L JAN-MAR *', start_date=datetime(2024, 1, 1), catchup=True",
        "2024-04-02T00:00",
        4,
    ),
    Case(
        "fixed_offset",
        "schedule_interval='0 7 * * *', start_date=datetime.fromisoformat('2024-01-01T00:00+05:30'), catchup=True",
        "2024-01-04T00:00",
        4,
    ),
    Case(
        "old_cron_trigger_without_start",
        "timetable=CronTriggerTimetable('*/30 * * * *', timezone='UTC'), catchup=False",
        "2024-01-20T15:02",
        3,
        imports="trigger:CronTriggerTimetable",
        only=NEW,
    ),
    Case(
        "cron_without_start",
        "schedule_interval='0 3 * * *', catchup=False",
        "2024-01-20T15:02",
        3,
        only=NEW,
    ),
    Case(
        "delta_without_start",
        "schedule_interval=timedelta(hours=7), catchup=False",
        "2024-01-20T15:02",
        3,
        only=NEW,
    ),
)

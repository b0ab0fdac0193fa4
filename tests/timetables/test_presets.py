"""What `schedule=` may be."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pendulum
import pytest
from dateutil.relativedelta import MO, relativedelta

from tradewind.model.errors import InvalidSchedule
from tradewind.model.plan import ScheduleSpec
from tradewind.timetables import (
    CronDataIntervalTimetable,
    CronTriggerTimetable,
    DeltaTriggerTimetable,
    EventsTimetable,
    MultipleCronTriggerTimetable,
    NullTimetable,
    from_spec,
    resolve,
)


@pytest.mark.parametrize(
    ("schedule", "kind", "summary"),
    [
        (None, "null", None),
        ("@once", "once", "@once"),
        ("@continuous", "continuous", "@continuous"),
        ("@daily", "cron_trigger", "@daily"),
        ("@midnight", "cron_trigger", "@midnight"),
        ("@annually", "cron_trigger", "@annually"),
        ("@quarterly", "cron_trigger", "@quarterly"),
        ("0 0 1,15 * *", "cron_trigger", "0 0 1,15 * *"),
        ("0 0 * * * 30", "cron_trigger", "0 0 * * * 30"),
        (timedelta(days=1), "delta_trigger", "1 day, 0:00:00"),
        (relativedelta(days=1), "delta_trigger", "1 day, 0:00:00"),
        (relativedelta(months=1), "delta_trigger", "relativedelta(months=+1)"),
        (EventsTimetable([]), "events", "0 events"),
    ],
)
def test_resolve(schedule: object, kind: str, summary: str | None) -> None:
    spec = resolve(schedule).to_spec()
    assert (spec.kind, spec.summary) == (kind, summary)


def test_with_data_intervals_cron_and_delta_cover_the_time_between() -> None:
    assert resolve("@daily", data_intervals=True).kind == "cron_data_interval"
    assert resolve(timedelta(hours=1), data_intervals=True).kind == "delta_data_interval"
    assert resolve("@once", data_intervals=True).kind == "once"


def test_a_cron_string_is_read_in_the_time_zone_of_the_dag() -> None:
    spec = resolve("@daily", timezone="Europe/Paris").to_spec()
    assert spec.args == {"expression": "@daily", "timezone": "Europe/Paris"}


@pytest.mark.parametrize(
    "schedule",
    [
        "@reboot",
        "@every 5m",
        "@fortnightly",
        "* * *",
        "61 0 * * *",
        "0 0 30 2 *",
        "",
        5,
        ["@daily"],
    ],
)
def test_what_nobody_can_follow_is_refused_with_what_would_be_right(schedule: object) -> None:
    with pytest.raises(InvalidSchedule) as error:
        resolve(schedule)
    assert "cron" in str(error.value)


def test_other_mistakes() -> None:
    with pytest.raises(InvalidSchedule, match="positive"):
        DeltaTriggerTimetable(timedelta(0))
    with pytest.raises(InvalidSchedule, match="needs timezone"):
        CronTriggerTimetable("@daily")
    with pytest.raises(InvalidSchedule, match="at least one"):
        MultipleCronTriggerTimetable(timezone="UTC")
    with pytest.raises(InvalidSchedule, match="no time zone 'Mars/Olympus'"):
        CronTriggerTimetable("@daily", timezone="Mars/Olympus")
    with pytest.raises(InvalidSchedule, match="with a time zone"):
        EventsTimetable([datetime(2024, 1, 1)])
    with pytest.raises(InvalidSchedule, match="no timetable 'moon'"):
        from_spec(ScheduleSpec("moon"))
    with pytest.raises(InvalidSchedule, match="weekday"):
        DeltaTriggerTimetable(relativedelta(days=1, weekday=MO)).to_spec()


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        ("Europe/Paris", "Europe/Paris"),
        (ZoneInfo("Europe/Paris"), "Europe/Paris"),
        (pendulum.timezone("Europe/Paris"), "Europe/Paris"),
        (pendulum.timezone(3600), "+01:00"),
        (timezone(timedelta(hours=-3, minutes=-30)), "-03:30"),
        (UTC, "UTC"),
    ],
)
def test_time_zones_of_every_kind(zone: object, name: str) -> None:
    timetable = CronDataIntervalTimetable("@daily", zone)  # type: ignore[arg-type]
    assert timetable.args()["timezone"] == name
    assert from_spec(timetable.to_spec()) == timetable


def test_both_names_of_the_first_argument() -> None:
    assert CronTriggerTimetable(cron="@daily", timezone="UTC") == CronTriggerTimetable(
        expression="@daily", timezone="UTC"
    )
    assert CronTriggerTimetable("@daily", "UTC") != NullTimetable()


def test_importing_is_cheap() -> None:
    code = (
        "import sys, tradewind.timetables\n"
        "heavy = {'croniter', 'cron_descriptor', 'pendulum'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)

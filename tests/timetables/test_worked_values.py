"""Which run comes when, value by value."""

from datetime import UTC, datetime, timedelta

import pytest
from dateutil.relativedelta import relativedelta

from tradewind.model.intervals import RunInfo
from tradewind.timetables import (
    ContinuousTimetable,
    CronDataIntervalTimetable,
    CronTriggerTimetable,
    DeltaDataIntervalTimetable,
    DeltaTriggerTimetable,
    EventsTimetable,
    MultipleCronTriggerTimetable,
    NullTimetable,
    OnceTimetable,
    Timetable,
    from_spec,
)

NEW_YEAR = datetime(2024, 1, 1, tzinfo=UTC)
EVENING = datetime(2024, 6, 1, 18, 9, 1, 780000, tzinfo=UTC)
DAY, SIX_HOURS = timedelta(days=1), timedelta(hours=6)


def at(text: str) -> datetime:
    """`01-02 06:00` of 2024."""
    return datetime.strptime(f"2024-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


def runs(
    timetable: Timetable,
    count: int,
    *,
    start: datetime | None = NEW_YEAR,
    end: datetime | None = None,
    catchup: bool = True,
    now: datetime = EVENING,
) -> list[RunInfo]:
    """The first runs, one after the other, as the scheduler asks for them."""
    found: list[RunInfo] = []
    last = None
    while len(found) < count:
        last = timetable.next_run(last=last, earliest=start, latest=end, catchup=catchup, now=now)
        if last is None:
            break
        found.append(last)
    return found


CAUGHT_UP = [
    # timetable, start, then (run_after, start of data) of the first two runs
    (
        CronTriggerTimetable("0 0 * * *", timezone="UTC"),
        "01-01 00:00",
        [("01-01 00:00", "01-01 00:00"), ("01-02 00:00", "01-02 00:00")],
    ),
    (
        CronTriggerTimetable("0 0 * * *", timezone="UTC"),
        "01-01 06:00",
        [("01-02 00:00", "01-02 00:00"), ("01-03 00:00", "01-03 00:00")],
    ),
    (
        CronTriggerTimetable("0 0 * * *", timezone="UTC", interval=DAY),
        "01-02 00:00",
        [("01-02 00:00", "01-01 00:00"), ("01-03 00:00", "01-02 00:00")],
    ),
    (
        CronDataIntervalTimetable("0 0 * * *", "UTC"),
        "01-01 00:00",
        [("01-02 00:00", "01-01 00:00"), ("01-03 00:00", "01-02 00:00")],
    ),
    (
        CronDataIntervalTimetable("0 0 * * *", "UTC"),
        "01-01 06:00",
        [("01-03 00:00", "01-02 00:00"), ("01-04 00:00", "01-03 00:00")],
    ),
    (
        DeltaTriggerTimetable(SIX_HOURS),
        "01-01 00:00",
        [("01-01 00:00", "01-01 00:00"), ("01-01 06:00", "01-01 06:00")],
    ),
    (
        DeltaDataIntervalTimetable(SIX_HOURS),
        "01-01 00:00",
        [("01-01 06:00", "01-01 00:00"), ("01-01 12:00", "01-01 06:00")],
    ),
    (
        DeltaDataIntervalTimetable(relativedelta(months=1)),
        "01-01 00:00",
        [("02-01 00:00", "01-01 00:00"), ("03-01 00:00", "02-01 00:00")],
    ),
    (
        MultipleCronTriggerTimetable("0 0 * * *", "30 12 * * *", timezone="UTC"),
        "01-01 00:00",
        [("01-01 00:00", "01-01 00:00"), ("01-01 12:30", "01-01 12:30")],
    ),
]


@pytest.mark.parametrize(("timetable", "start", "expected"), CAUGHT_UP)
def test_with_catchup_every_run_since_the_start(
    timetable: Timetable, start: str, expected: list[tuple[str, str]]
) -> None:
    found = runs(timetable, 2, start=at(start))

    assert [(info.run_after, info.logical_date) for info in found] == [
        (at(run_after), at(logical_date)) for run_after, logical_date in expected
    ]


LATEST_ONLY = [
    (
        CronTriggerTimetable("@hourly", timezone="UTC"),
        [("06-01 18:00", "06-01 18:00"), ("06-01 19:00", "06-01 19:00")],
    ),
    (
        CronDataIntervalTimetable("@hourly", "UTC"),
        [("06-01 18:00", "06-01 17:00"), ("06-01 19:00", "06-01 18:00")],
    ),
    (
        DeltaDataIntervalTimetable(SIX_HOURS),
        [("06-01 18:00", "06-01 12:00"), ("06-02 00:00", "06-01 18:00")],
    ),
    (
        MultipleCronTriggerTimetable("0 0 * * *", "30 12 * * *", timezone="UTC"),
        [("06-01 12:30", "06-01 12:30"), ("06-02 00:00", "06-02 00:00")],
    ),
]


@pytest.mark.parametrize(("timetable", "expected"), LATEST_ONLY)
def test_without_catchup_the_latest_past_run_and_then_on(
    timetable: Timetable, expected: list[tuple[str, str]]
) -> None:
    found = runs(timetable, 2, catchup=False)

    assert [(info.run_after, info.logical_date) for info in found] == [
        (at(run_after), at(logical_date)) for run_after, logical_date in expected
    ]


def test_a_cron_without_start_waits_for_its_next_tick_if_the_last_is_long_past() -> None:
    daily = CronTriggerTimetable("0 0 * * *", timezone="UTC")

    assert [info.run_after for info in runs(daily, 2, start=None, catchup=False)] == [
        EVENING.replace(hour=0, minute=0, second=0, microsecond=0) + DAY,
        EVENING.replace(hour=0, minute=0, second=0, microsecond=0) + 2 * DAY,
    ]


@pytest.mark.parametrize(
    ("run_immediately", "first"),
    [(True, "06-01 00:00"), (timedelta(hours=19), "06-01 00:00"), (False, "06-02 00:00")],
)
def test_run_immediately_takes_the_tick_just_past(
    run_immediately: bool | timedelta, first: str
) -> None:
    daily = CronTriggerTimetable("0 0 * * *", timezone="UTC", run_immediately=run_immediately)

    (info,) = runs(daily, 1, start=None)

    assert info.run_after == at(first)


@pytest.mark.parametrize("start", [None, NEW_YEAR])
def test_a_delta_without_catchup_runs_at_once_and_counts_from_there(
    start: datetime | None,
) -> None:
    found = runs(DeltaTriggerTimetable(SIX_HOURS), 2, start=start, catchup=False)

    assert [info.run_after for info in found] == [EVENING, EVENING + SIX_HOURS]


def test_nothing_runs_before_a_start_in_the_future() -> None:
    start = EVENING + 3 * DAY
    for timetable in (
        CronTriggerTimetable("@hourly", timezone="UTC"),
        CronDataIntervalTimetable("@hourly", "UTC"),
        DeltaTriggerTimetable(SIX_HOURS),
        DeltaDataIntervalTimetable(SIX_HOURS),
        OnceTimetable(),
    ):
        (info,) = runs(timetable, 1, start=start, catchup=False)
        assert info.logical_date is not None
        assert info.logical_date >= start


def test_nothing_runs_after_the_end() -> None:
    end = NEW_YEAR + timedelta(days=2)
    assert len(runs(CronTriggerTimetable("@daily", timezone="UTC"), 9, end=end)) == 3
    assert len(runs(CronDataIntervalTimetable("@daily", "UTC"), 9, end=end)) == 3
    assert len(runs(DeltaTriggerTimetable(DAY), 9, end=end)) == 3
    assert len(runs(DeltaDataIntervalTimetable(DAY), 9, end=end)) == 3


def test_once_runs_once() -> None:
    assert [info.run_after for info in runs(OnceTimetable(), 5)] == [NEW_YEAR]
    assert [info.run_after for info in runs(OnceTimetable(), 5, start=None)] == [EVENING]


def test_null_never_runs() -> None:
    assert runs(NullTimetable(), 5) == []
    assert not NullTimetable().can_be_scheduled


def test_continuous_takes_up_where_it_left_off() -> None:
    timetable = ContinuousTimetable()
    (first,) = runs(timetable, 1)
    second = timetable.next_run(
        last=first, earliest=NEW_YEAR, latest=None, catchup=False, now=EVENING + DAY
    )

    assert first.data_interval is not None
    assert (first.data_interval.start, first.data_interval.end) == (NEW_YEAR, EVENING)
    assert second is not None
    assert second.data_interval is not None
    assert (second.data_interval.start, second.data_interval.end) == (EVENING, EVENING + DAY)


def test_events_that_are_past_are_left_out_without_catchup() -> None:
    timetable = EventsTimetable([EVENING + DAY, NEW_YEAR, EVENING + 2 * DAY])

    assert [info.run_after for info in runs(timetable, 5)] == [
        NEW_YEAR,
        EVENING + DAY,
        EVENING + 2 * DAY,
    ]
    assert len(runs(timetable, 5, catchup=False)) == 2


@pytest.mark.parametrize(
    ("timetable", "start", "end"),
    [
        (NullTimetable(), "06-01 18:09", "06-01 18:09"),
        (CronTriggerTimetable("@daily", timezone="UTC"), "06-01 18:09", "06-01 18:09"),
        (
            CronTriggerTimetable("@daily", timezone="UTC", interval=DAY),
            "05-31 18:09",
            "06-01 18:09",
        ),
        (CronDataIntervalTimetable("@daily", "UTC"), "05-31 00:00", "06-01 00:00"),
        (DeltaDataIntervalTimetable(SIX_HOURS), "06-01 12:09", "06-01 18:09"),
        (EventsTimetable([NEW_YEAR], restrict_to_events=True), "01-01 00:00", "01-01 00:00"),
    ],
)
def test_manual_runs_cover(timetable: Timetable, start: str, end: str) -> None:
    interval = timetable.manual_interval(run_after=at("06-01 18:09"))

    assert interval is not None
    assert (interval.start, interval.end) == (at(start), at(end))


@pytest.mark.parametrize(
    ("timetable", "count"),
    [
        (CronDataIntervalTimetable("@daily", "UTC"), 31),
        (CronTriggerTimetable("@daily", timezone="UTC"), 31),
        (CronTriggerTimetable("@daily", timezone="UTC", interval=DAY), 31),
        (DeltaDataIntervalTimetable(SIX_HOURS), 30 * 4 + 1),
        (MultipleCronTriggerTimetable("@daily", "0 0 * * 1", timezone="UTC"), 31),
        (EventsTimetable([NEW_YEAR, EVENING]), 1),
        (NullTimetable(), 0),
    ],
)
def test_runs_between_includes_both_ends(timetable: Timetable, count: int) -> None:
    end = datetime(2024, 1, 31, tzinfo=UTC)

    dates = [info.logical_date for info in timetable.runs_between(NEW_YEAR, end)]

    assert len(dates) == len(set(dates)) == count


def test_runs_between_counts_a_trigger_with_an_interval_by_its_ticks() -> None:
    timetable = CronTriggerTimetable("@daily", timezone="UTC", interval=DAY)
    infos = list(timetable.runs_between(NEW_YEAR, NEW_YEAR + DAY))
    assert [info.run_after for info in infos] == [NEW_YEAR, NEW_YEAR + DAY]
    assert [info.logical_date for info in infos] == [NEW_YEAR - DAY, NEW_YEAR]


def test_a_length_of_time_without_catchup_counts_from_1970() -> None:
    """So says Airflow too, whatever the start_date is."""
    timetable = DeltaDataIntervalTimetable(SIX_HOURS)
    start = NEW_YEAR + timedelta(minutes=90)
    now = NEW_YEAR + timedelta(days=4, hours=10, minutes=31)
    info = timetable.next_run(last=None, earliest=start, latest=None, catchup=False, now=now)
    assert info is not None
    assert info.logical_date == NEW_YEAR + timedelta(days=4)


@pytest.mark.parametrize(
    "timetable",
    [
        *(row[0] for row in CAUGHT_UP),
        NullTimetable(),
        OnceTimetable(),
        ContinuousTimetable(),
        EventsTimetable([NEW_YEAR, EVENING], restrict_to_events=True, description="two"),
        CronTriggerTimetable("@daily", timezone="+02:00", run_immediately=timedelta(hours=1)),
        CronTriggerTimetable("0 6 * * *", timezone="UTC", interval=relativedelta(months=1)),
    ],
)
def test_a_timetable_survives_as_data(timetable: Timetable) -> None:
    again = from_spec(timetable.to_spec())

    assert again == timetable
    assert runs(again, 3) == runs(timetable, 3)

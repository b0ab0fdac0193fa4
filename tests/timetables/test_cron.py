"""Cron expressions across the changes of the clock."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewind.timetables.cron import Cron

SPRING = datetime(2024, 3, 31, tzinfo=UTC)
"""02:00 becomes 03:00 in Paris at 01:00 UTC."""
AUTUMN = datetime(2024, 10, 27, tzinfo=UTC)
"""03:00 becomes 02:00 in Paris at 01:00 UTC."""


def ticks(expression: str, start: datetime, count: int) -> list[str]:
    cron = Cron(expression, "Europe/Paris")
    found = [cron.at_or_after(start)]
    while len(found) < count:
        found.append(cron.after(found[-1]))
    return [tick.strftime("%d %H:%M") for tick in found]


@pytest.mark.parametrize(
    ("expression", "start", "expected"),
    [
        # a skipped time is moved forward, not left out
        ("30 2 * * *", SPRING, ["31 01:30", "01 00:30"]),
        # a time that comes twice runs once, the second time
        ("30 2 * * *", AUTUMN, ["27 01:30", "28 01:30"]),
        # every hour means every real hour
        ("0 * * * *", SPRING, ["31 00:00", "31 01:00", "31 02:00"]),
        ("0 * * * *", AUTUMN, ["27 00:00", "27 01:00", "27 02:00"]),
        # every second hour of the wall clock: a gap of three
        ("0 */2 * * *", AUTUMN - timedelta(hours=2), ["26 22:00", "27 01:00", "27 03:00"]),
    ],
)
def test_clock_changes(expression: str, start: datetime, expected: list[str]) -> None:
    assert ticks(expression, start, len(expected)) == expected


def test_between_the_two_half_past_twos_the_second_is_still_to_come() -> None:
    cron = Cron("30 2 * * *", "Europe/Paris")

    assert cron.after(AUTUMN + timedelta(minutes=40)) == AUTUMN + timedelta(hours=1, minutes=30)


def test_an_hourly_cron_of_one_day_a_month_keeps_to_the_wall_clock() -> None:
    cron = Cron("0 * 1 * *", "Europe/Paris")

    last_of_march_first = datetime(2024, 3, 1, 22, tzinfo=UTC)
    assert cron.after(last_of_march_first) == datetime(2024, 3, 31, 22, tzinfo=UTC)


EXPRESSIONS = ["30 2 * * *", "0 * * * *", "*/7 * * * *", "0 */2 * * *", "15 3 * * 1", "0 0 L * *"]


@given(
    expression=st.sampled_from(EXPRESSIONS),
    minutes=st.integers(0, 60 * 24 * 400),
    zone=st.sampled_from(["UTC", "Europe/Paris", "America/New_York", "Asia/Kolkata"]),
)
def test_steps_lead_strictly_forward_and_back(expression: str, minutes: int, zone: str) -> None:
    cron = Cron(expression, zone)
    moment = datetime(2024, 1, 1, 0, 3, 30, tzinfo=UTC) + timedelta(minutes=minutes)

    after, before = cron.after(moment), cron.before(moment)

    assert before < moment < after
    assert cron.at_or_after(after) == after
    assert cron.at_or_before(after) == after


@pytest.mark.parametrize(
    ("expression", "words"),
    [("0 0 * * *", "At 00:00"), ("@hourly", "Every hour"), ("0 6 * * 1-5 0 2030", "")],
)
def test_description(expression: str, words: str) -> None:
    description = Cron(expression, "UTC").description
    assert description == words if words else isinstance(description, str)


@pytest.mark.parametrize("name", ["UTC", "Europe/Paris", "+05:30"])
def test_zones_keep_their_name(name: str) -> None:
    cron = Cron("0 12 * * *", name)
    assert Cron("0 12 * * *", cron.timezone).after(SPRING) == cron.after(SPRING)

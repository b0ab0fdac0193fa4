"""How long a failed try waits for the next."""

from datetime import UTC, datetime
from hashlib import sha1
from typing import Any

import pytest

from tests.core.world import task
from tradewind.core import retries
from tradewind.model.keys import TaskKey

KEY = TaskKey("d", "r", "t")
DATE = datetime(2024, 1, 1, tzinfo=UTC)


def delay_s(try_number: int = 1, **fields: Any) -> float:
    return retries.delay(
        task("t", **fields), KEY, logical_date=DATE, try_number=try_number
    ).total_seconds()


@pytest.mark.parametrize("backoff", [0, 1])
def test_a_constant_delay_is_taken_as_it_is(backoff: float) -> None:
    delays = {
        delay_s(number, retry_delay_s=90.5, retry_backoff=backoff, max_retry_delay_s=10)
        for number in (1, 2, 7)
    }
    assert delays == {90.5}


@pytest.mark.parametrize(("number", "base"), [(1, 300), (2, 600), (3, 1200), (5, 4800)])
def test_a_growing_delay_is_spread_by_a_hash_of_the_try(number: int, base: int) -> None:
    spread = int(sha1(f"d#t#{DATE}#{number}".encode()).hexdigest(), 16) % base

    delay = delay_s(number, retry_delay_s=300, retry_backoff=2)

    assert delay == base + spread
    assert base <= delay < 2 * base


def test_growth_is_rounded_up_and_at_least_a_second() -> None:
    assert delay_s(retry_delay_s=0, retry_backoff=2) == 1
    assert 2 <= delay_s(2, retry_delay_s=1, retry_backoff=1.5) < 4


def test_a_growing_delay_is_capped() -> None:
    assert delay_s(9, retry_delay_s=300, retry_backoff=2, max_retry_delay_s=1000) == 1000
    assert delay_s(30, retry_delay_s=300, retry_backoff=2) == retries.LONGEST_S
    assert delay_s(100_000, retry_delay_s=300, retry_backoff=2.5) == retries.LONGEST_S


@pytest.mark.parametrize(
    ("try_number", "max_tries", "again"), [(1, 0, False), (1, 1, True), (2, 1, False), (4, 5, True)]
)
def test_tries_left(try_number: int, max_tries: int, again: bool) -> None:
    assert retries.has_try_left(try_number, max_tries) is again

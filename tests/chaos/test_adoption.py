"""The scheduler alone is killed: its tasks are taken over as they are."""

from pathlib import Path

import pytest

from tests.chaos import adoption, once

pytestmark = pytest.mark.acceptance


def test_tasks_are_adopted_and_their_ends_recorded(tmp_path: Path) -> None:
    report = adoption.play(tmp_path, tasks=10, sleep_s=1.0, away_s=1.0)
    assert not report.faults
    assert report.ended_meanwhile


@pytest.mark.slow
def test_fifty_tasks_of_twenty_seconds(tmp_path: Path) -> None:
    report = adoption.play(tmp_path, tasks=50, sleep_s=20.0, away_s=5.0)
    assert not report.faults


@pytest.mark.slow
def test_tasks_without_retries_never_start_twice(tmp_path: Path) -> None:
    tally = once.Tally()
    once.play(tmp_path, range(1, 41), tally)
    assert tally.seeds == 40
    assert tally.kills >= 40
    assert not tally.faults

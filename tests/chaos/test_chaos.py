"""Kill -9 of everything in the middle of a run, by seed: nothing is lost and nothing done twice."""

from pathlib import Path

import pytest

from tests import postgresql
from tests.chaos.scenario import play

pytestmark = pytest.mark.acceptance


@pytest.mark.parametrize("seed", [1, 4])
def test_a_small_run_survives_what_is_done_to_it(seed: int, tmp_path: Path) -> None:
    report = play(seed, 100, tmp_path)
    assert report.kills
    assert not report.faults, report.line()


@pytest.mark.slow
@pytest.mark.parametrize("seed", [101, 102, 103])
def test_a_run_of_two_thousand_tasks_survives_it(seed: int, tmp_path: Path) -> None:
    report = play(seed, 2000, tmp_path)
    assert not report.faults, report.line()


@pytest.mark.slow
@pytest.mark.parametrize("isolation", ["reuse", "spawn"])
def test_it_survives_in_every_isolation(isolation: str, tmp_path: Path) -> None:
    report = play(301, 200, tmp_path, isolation=isolation)
    assert not report.faults, report.line()


@pytest.mark.slow
def test_it_survives_on_postgresql(tmp_path: Path) -> None:
    with postgresql.running(durable=True) as server:
        report = play(201, 500, tmp_path, server.url(server.create()))
    assert not report.faults, report.line()

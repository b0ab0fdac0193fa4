"""The benchmarks are not measured here, but they must keep working."""

import pytest

from benchmarks.measure import Result
from benchmarks.run import BUSY, smoke, untrue_dates
from benchmarks.workloads import WORKLOADS, Workload

BY_NAME = {work.name: work for work in WORKLOADS}


@pytest.mark.slow
@pytest.mark.acceptance
def test_every_workload_measures_something() -> None:
    assert smoke() == 0


def of_100(work: Workload, far: int, *, off_ms: float = 3.0, foreign: float = 0.0) -> list[str]:
    """What is wrong if so many of 100 starts are so far from the tasks' own clocks."""
    cell = Result(foreign=[foreign])
    cell.samples["start_off_ms"] = [off_ms] * far + [0.3] * (100 - far)
    return untrue_dates(work, cell)


def test_recorded_dates_must_be_what_the_tasks_saw() -> None:
    alone, beside = BY_NAME["chain40"], BY_NAME["fanout400"]
    assert (of_100(alone, 10), of_100(beside, 50)) == ([], [])
    assert "of 11 of 100 tasks is more than 2 ms" in of_100(alone, 11)[0]
    assert "of 51 of 100 tasks is more than 2 ms" in of_100(beside, 51)[0]
    assert of_100(alone, 100, foreign=BUSY) == []
    assert "outside" in of_100(beside, 1, off_ms=-0.5, foreign=BUSY)[0]

"""The benchmarks are not measured here, but they must keep working."""

import pytest

from benchmarks.run import smoke


@pytest.mark.slow
@pytest.mark.acceptance
def test_every_workload_measures_something() -> None:
    assert smoke() == 0

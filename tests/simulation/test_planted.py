"""Every planted bug is caught by the seed that is known to."""

import pytest

from tests.simulation.planted import PLANTED, Planted
from tests.simulation.world import simulate


def test_there_are_enough() -> None:
    assert len(PLANTED) >= 40
    assert len({bug.name for bug in PLANTED}) == len(PLANTED)


@pytest.mark.parametrize("bug", PLANTED, ids=lambda bug: bug.name)
def test_its_seed_catches_it(bug: Planted) -> None:
    with bug.plant():
        broken = simulate(bug.seed).violation

    assert broken is not None, f"seed {bug.seed} does not notice it any more: search for another"
    assert broken.check == bug.check

"""Every planted bug is caught: by the seed that is known to, and (slow) by a search from anew."""

import pytest

from tests.simulation.planted import PLANTED, Planted, catch
from tests.simulation.world import simulate

AT_MOST = 1500
"""Seeds that a search may take."""

KNOWN = [bug for bug in PLANTED if bug.seed is not None]


def test_there_are_enough() -> None:
    assert len(KNOWN) >= 15
    assert len({bug.name for bug in PLANTED}) == len(PLANTED)


@pytest.mark.parametrize("bug", KNOWN, ids=lambda bug: bug.name)
def test_its_seed_catches_it(bug: Planted) -> None:
    assert bug.seed is not None
    with bug.plant():
        broken = simulate(bug.seed).violation

    assert broken is not None, f"seed {bug.seed} does not notice it any more: search for another"
    assert broken.check == bug.check


@pytest.mark.slow
@pytest.mark.parametrize("bug", PLANTED, ids=lambda bug: bug.name)
def test_a_search_finds_it(bug: Planted) -> None:
    found = catch(bug, lambda: iter(range(100_000, 100_000 + AT_MOST)), simulate)

    assert found is not None

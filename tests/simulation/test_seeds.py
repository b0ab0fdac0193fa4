"""500 seeds, and that a seed is always the same story."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.__main__ import on_postgresql
from tests.simulation.plans import MAPPED_FROM
from tests.simulation.waits import WAITING_FROM
from tests.simulation.world import simulate

SEEDS = 500
PARTS = 20
MAPPED_SEEDS = 40
WAITING_SEEDS = 40
ON_POSTGRESQL = (0, 1, 5, 8, 17, 22, 33, 82)
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_is_broken(part: int) -> None:
    for seed in range(part, SEEDS, PARTS):
        broken = simulate(seed).violation
        assert broken is None, (
            f"seed {seed}: {broken}\nreplay with: python -m tests.simulation --seed {seed} --trace"
        )


@pytest.mark.parametrize("part", range(4))
def test_nothing_is_broken_with_mapped_tasks(part: int) -> None:
    for seed in range(MAPPED_FROM + part, MAPPED_FROM + MAPPED_SEEDS, 4):
        broken = simulate(seed).violation
        assert broken is None, (
            f"seed {seed}: {broken}\nreplay with: python -m tests.simulation --seed {seed} --trace"
        )


@pytest.mark.parametrize("part", range(4))
def test_nothing_is_broken_with_tasks_that_wait(part: int) -> None:
    for seed in range(WAITING_FROM + part, WAITING_FROM + WAITING_SEEDS, 4):
        broken = simulate(seed).violation
        assert broken is None, (
            f"seed {seed}: {broken}\nreplay with: python -m tests.simulation --seed {seed} --trace"
        )


def test_a_seed_is_the_same_story_in_every_process() -> None:
    told = [_trace_of(4, hash_seed) for hash_seed in ("1", "2")]

    assert told[0] == told[1]
    assert len(told[0].splitlines()) > 50


@pytest.mark.slow
def test_nothing_is_broken_on_postgresql() -> None:
    with on_postgresql() as play:
        for seed in ON_POSTGRESQL:
            broken = play(seed).violation
            assert broken is None, f"seed {seed} on PostgreSQL: {broken}"


def _trace_of(seed: int, hash_seed: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tests.simulation", "--seed", str(seed), "--trace"],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout

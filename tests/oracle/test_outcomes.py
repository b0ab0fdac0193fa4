"""Random DAGs end here as they were seen to end in Airflow 3.3.2.

`make oracle` asks the real one; its answers are in `answers/`. This is a sample of them.
"""

import functools
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.oracle.cases import NEW
from tests.oracle.outcomes.comparison import differences
from tests.oracle.outcomes.generator import coverage, rare, sketch
from tests.oracle.outcomes.kept import fingerprint, kept
from tests.oracle.outcomes.meant import ROWS, Row, meant
from tests.oracle.outcomes.ours import NotYet, play
from tests.oracle.outcomes.writing import written

SAMPLE = (*range(0, 640, 16), 24, 610, 753, 765)
MET = (212, 304)
"""Of each row of meant differences a seed that meets it."""


@functools.cache
def observed() -> dict[int, tuple[str, Any]]:
    return kept(NEW)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Where files are written; the import path is as before afterwards."""
    before = list(sys.path)
    yield tmp_path
    sys.path[:] = before


@pytest.mark.parametrize("seed", SAMPLE)
def test_a_random_dag_ends_as_in_airflow(seed: int, folder: Path) -> None:
    one = sketch(seed)
    mark, theirs = observed()[seed]
    assert mark == fingerprint(one, NEW)
    try:
        ours = play(seed, one.story, written(one, NEW, folder))
    except NotYet as reason:
        pytest.skip(f"not yet: {reason}")
    found = differences(ours, theirs)
    assert not found or meant(one, ours, theirs), found


@pytest.mark.parametrize(("row", "seed"), list(zip(ROWS, MET, strict=True)))
def test_a_meant_difference_is_there(row: Row, seed: int, folder: Path) -> None:
    one = sketch(seed)
    _, theirs = observed()[seed]
    assert meant(one, play(seed, one.story, written(one, NEW, folder)), theirs) is row


def test_every_meant_difference_is_told() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "differences.md").read_text()
    assert len(ROWS) <= 10
    for row in ROWS:
        assert f"| {row.what} | " in page
        assert f"/airflow/issues/{row.issue})" in page


def test_what_was_asked_covers_every_construct() -> None:
    answers = {seed: answer for seed, (_, answer) in observed().items()}
    covered = coverage(map(sketch, answers), answers)
    assert len(answers) >= 1000
    assert rare(covered) == {}


def test_no_answer_is_an_error_of_airflow() -> None:
    assert [seed for seed, (_, answer) in observed().items() if "error" in answer] == []

"""What we make of files of 2.x and 3.x is what Airflow 2.11.2 and 3.3.2 were seen to make of them.

`make oracle` asks the real ones; their answers are in `answers/`.
"""

import functools
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.oracle.answers import kept
from tests.oracle.cases import CASES, OLD, Case
from tests.oracle.comparison import MEANT, differences, unused
from tests.oracle.ours import answer

BOTH = [
    pytest.param(case, version, id=f"{case.name}-{version}")
    for case in CASES
    for version in case.versions
]


@functools.cache
def observed(version: str) -> dict[str, Any]:
    return kept(version)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Where a file is written; the import path is as before afterwards."""
    before = list(sys.path)
    yield tmp_path
    sys.path[:] = before


@pytest.mark.parametrize(("case", "version"), BOTH)
def test_a_file_means_what_it_meant(case: Case, version: str, folder: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        ours = answer(case, version, folder)
    assert ours["profile"] == (2 if version == OLD else 3)
    theirs = observed(version)[case.name]
    assert differences(version, case.name, ours, theirs) == []
    assert not unused(version, case.name, ours, theirs)


def test_every_difference_that_is_meant_is_of_a_case() -> None:
    names = {(version, case.name) for case in CASES for version in case.versions}
    assert MEANT.keys() <= names

"""How light the names are to import: checked in fresh interpreters."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import tradewind

HEAVY = (
    "pendulum",
    "jinja2",
    "jsonschema",
    "croniter",
    "dateutil",
    "yaml",
    "sqlalchemy",
    "fastapi",
    "rich",
    "cryptography",
    "click",
    "decimal",
    "difflib",
    "tempfile",
)
YARDSTICK = "import asyncio, unittest.mock, http.client, xml.dom.minidom, sqlite3"
"""0.11 s of CPU where `from tradewind import DAG` takes 0.13, and slower where that is slower."""
SAY = (
    "import resource, sys; {}; print(resource.getrusage(resource.RUSAGE_SELF).ru_utime); "
    "print([name for name in " + repr(HEAVY) + " if name in sys.modules])"
)


def fresh(statement: str) -> tuple[float, str]:
    """CPU seconds (the least of three) and which heavy modules were imported."""
    answers = [
        subprocess.run(
            [sys.executable, "-c", SAY.format(statement)],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split("\n")
        for _ in range(3)
    ]
    return min(float(answer[0]) for answer in answers), answers[0][1]


@pytest.mark.parametrize(
    ("statement", "limit"),
    [
        ("import tradewind", 0.5),
        ("from tradewind import DAG", 2.3),
        ("from airflow.sdk import DAG, task", 2.8),
    ],
)
def test_importing_is_light(statement: str, limit: float) -> None:
    spent, heavy = fresh(statement)
    assert heavy == "[]"
    yardstick, _ = fresh(YARDSTICK)
    assert spent < limit * yardstick


def test_type_checkers_are_told_the_same_names() -> None:
    tree = ast.parse(Path(tradewind.__file__).read_text())
    told = [
        (node.module, alias.name, alias.asname)
        for block in tree.body
        if isinstance(block, ast.If)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    ]
    assert sorted(name for _, _, name in told) == tradewind.__all__
    for home, attribute, name in told:
        if name in tradewind.PLACES:
            assert tradewind.PLACES[name] == (home, attribute)


def test_every_name_that_is_listed_is_there() -> None:
    for name in tradewind.__all__:
        assert getattr(tradewind, name) is not None
    assert set(tradewind.__all__) <= set(dir(tradewind))
    with pytest.raises(AttributeError, match="has no name 'Nonsense'"):
        _ = tradewind.Nonsense

"""Files of our own that use every import path and construct that the releases' examples do.

They load as the dag-processor loads them, so a regression is found without the wheels.
"""

import importlib
import warnings
from pathlib import Path

import pytest

from tests.authoring.conftest import MemoryHost
from tests.example_table.verdict import Outcome, judge
from tradewind.config.load import load_settings
from tradewind.loading.read_file import read_file
from tradewind.model.parsed import ParsedFile

SAMPLES = Path(__file__).with_name("samples")
NAMES = Path(__file__).with_name("names.txt")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


def read(name: str, home: Path) -> ParsedFile:
    settings = load_settings(
        {"TRADEWIND_HOME": str(home), "TRADEWIND__CORE__DAGS_FOLDER": str(SAMPLES)}
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return read_file(SAMPLES / name, settings, MemoryHost())


@pytest.mark.parametrize(
    ("name", "profile", "dags"),
    [
        ("of_1_10.py", 2, {"harbour": 11, "harbour_master": 2}),
        ("of_2.py", 2, {"market": 11, "waiting": 9, "taskflow": 13, "elsewhere": 7}),
        (
            "of_2_datasets.py",
            2,
            {"mill": 3, "bakery": 1, "brewery": 1, "shop": 1, "feast": 1},
        ),
        (
            "of_3.py",
            3,
            {
                "poster": 1,
                "seating": 1,
                "evening": 6,
                "people": 6,
                "rows": 1,
                "ticks": 1,
                "encore": 8,
            },
        ),
    ],
)
def test_it_loads(name: str, profile: int, dags: dict[str, int], home: Path) -> None:
    parsed = read(name, home)
    assert judge(parsed).outcome is Outcome.LOADS, parsed.error
    assert {plan.dag_id: len(plan.tasks) for plan in parsed.plans} == dags
    assert {plan.profile for plan in parsed.plans} == {profile}


def imports() -> list[tuple[str, str]]:
    """(module, name) of what the examples import from `airflow`, except of other providers."""
    return [
        (module, name)
        for line in NAMES.read_text().splitlines()
        for module, *names in [line.split()]
        for name in names or [""]
    ]


def test_every_name_that_the_examples_import_is_there() -> None:
    assert len(imports()) > 150
    missing = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        for module, name in imports():
            try:
                found = importlib.import_module(module)
                if name:
                    getattr(found, name)
            except (ImportError, AttributeError) as error:
                if "apache-airflow-providers-" not in str(error):
                    missing.append(f"{module}.{name}: {error}")
    assert not missing

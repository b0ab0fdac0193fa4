"""`DAG.test()`, as a DAG file calls it at its end."""

from pathlib import Path

import pytest

from tradewind import DAG, Variable, task
from tradewind.model.errors import Refused
from tradewind.model.states import RunState


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADEWIND_HOME", str(tmp_path))


def greeting() -> DAG:
    with DAG("greeting") as dag:

        @task
        def greet() -> str:
            print("hello", Variable.get("name", default="nobody"))
            return "done"

        greet()
    return dag


def test_it_needs_no_database_and_shows_what_happens(capsys: pytest.CaptureFixture[str]) -> None:
    result = greeting().test()

    shown = capsys.readouterr().out
    assert result.state is RunState.SUCCESS
    assert "hello nobody" in shown
    assert f"greet: {result.state}" in shown


def test_variables_come_from_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "variables.yaml"
    path.write_text("name: Ada\n")

    greeting().test(variable_file_path=str(path))

    assert "hello Ada" in capsys.readouterr().out


def test_there_is_no_executor_to_use() -> None:
    with pytest.raises(Refused, match="use_executor"):
        greeting().test(use_executor=True)

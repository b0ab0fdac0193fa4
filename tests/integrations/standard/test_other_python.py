"""Functions in another Python: what they are given, what comes back, which environment they get."""

import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tradewind import DAG, task
from tradewind.authoring.errors import AirflowException, AirflowSkipException
from tradewind.authoring.lazy_value import LazyValue
from tradewind.integrations.standard.operators.python import (
    BranchExternalPythonOperator,
    ExternalPythonOperator,
    PythonVirtualenvOperator,
)
from tradewind.integrations.standard.utils import environments
from tradewind.integrations.standard.utils.environments import Wanted, environment

DAY = datetime(2024, 5, 1, tzinfo=UTC)


def outside(function: Callable[..., Any], context: Any = None, **arguments: Any) -> Any:
    """What a function returns that this Python calls in a process of its own."""
    operator = ExternalPythonOperator(
        task_id="t", python=sys.executable, python_callable=function, **arguments
    )
    return operator.execute(context or {})


def add(a: int, b: int = 0) -> Any:
    return {"sum": a + b}


def test_arguments_go_there_and_the_result_comes_back() -> None:
    assert outside(add, op_args=[1], op_kwargs={"b": 2}) == {"sum": 3}


def tell(ds: Any = None, logical_date: Any = None, params: Any = None, ti: Any = None) -> Any:
    return [ds, logical_date.isoformat(), params["p"], ti]


def everything(**context: Any) -> Any:
    return sorted(context)


def test_of_the_context_it_gets_what_is_data() -> None:
    context = {
        "ds": "2024-05-01",
        "logical_date": LazyValue(lambda: DAY),
        "params": {"p": 1},
        "ti": object(),
    }
    assert outside(tell, context) == ["2024-05-01", DAY.isoformat(), 1, None]
    assert outside(everything, context) == ["ds", "logical_date", "params"]


def strings() -> Any:
    return virtualenv_string_args  # type: ignore[name-defined]  # noqa: F821


def test_string_args() -> None:
    assert outside(strings, string_args=["a", 1]) == ["a", "1"]


def fail() -> None:
    raise ValueError("broken there")


def leave() -> None:
    import sys  # noqa: PLC0415 it is called elsewhere

    sys.exit(7)


def test_what_it_raises_fails_the_task() -> None:
    with pytest.raises(AirflowException, match="exit code 1: ValueError: broken there"):
        outside(fail)
    with pytest.raises(AirflowException, match="exit code 7"):
        outside(leave)


def test_an_exit_code_can_skip() -> None:
    with pytest.raises(AirflowSkipException, match="exit code 7"):
        outside(leave, skip_on_exit_code=7)
    with pytest.raises(AirflowSkipException):
        outside(leave, skip_on_exit_code=[6, 7])
    with pytest.raises(AirflowSkipException):
        outside(add, op_args=[1], skip_on_exit_code=0)


def environ() -> Any:
    import os  # noqa: PLC0415

    return os.environ.get("MINE"), os.environ.get("THEIRS")


def test_its_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THEIRS", "2")
    assert outside(environ, env_vars={"MINE": "1"}) == ("1", "2")
    assert outside(environ, env_vars={"MINE": "1"}, inherit_env=False) == ("1", None)


def test_a_python_that_is_not_there() -> None:
    operator = ExternalPythonOperator(task_id="t", python="/no/python", python_callable=add)
    with pytest.raises(ValueError, match="there is no /no/python"):
        operator.execute({})


def test_the_decorator_is_left_behind() -> None:
    with DAG("d", auto_register=False) as dag:

        @task.external_python(python=sys.executable)
        def there(name: str) -> str:
            return f"hello {name}"

        there("you")

    assert dag.get_task("there").execute({}) == "hello you"


def choose() -> str:
    return "left"


def test_a_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    operator = BranchExternalPythonOperator(
        task_id="t", python=sys.executable, python_callable=choose
    )
    monkeypatch.setattr(operator, "do_branch", lambda context, chosen: ["chose", chosen])
    assert operator.execute({}) == ["chose", "left"]


def where() -> str:
    import sys  # noqa: PLC0415 it is called elsewhere

    return sys.prefix


def test_an_environment_of_its_own_is_gone_afterwards() -> None:
    operator = PythonVirtualenvOperator(
        task_id="t", python_callable=where, system_site_packages=False
    )
    prefix = operator.execute({})
    assert "tradewind-venv-" in prefix
    assert not Path(prefix).exists()


class Maker:
    """Stands where commands are run: `venv` makes a folder, `pip` notes what is asked for."""

    def __init__(self) -> None:
        self.commands: list[list[str]] = []
        self.environs: list[dict[str, str]] = []
        self.exit_code = 0

    def __call__(self, command: Any, environ: Any) -> int:
        self.commands.append(list(command))
        self.environs.append(dict(environ))
        if "venv" in command:
            Path(command[-1]).mkdir(parents=True, exist_ok=True)
        return self.exit_code


def test_an_environment_in_the_cache_is_made_once(tmp_path: Path) -> None:
    maker = Maker()
    wanted = Wanted(requirements=("six==1.16",), system_site_packages=False)

    def use() -> None:
        with environment(wanted, tmp_path, maker) as python:
            assert python.parent.parent.name == f"venv-{wanted.digest}"

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(maker.commands) == 2
    assert "--system-site-packages" not in maker.commands[0]
    with environment(Wanted(requirements=("six==1.15",)), tmp_path, maker):
        assert len(maker.commands) == 4
    assert "--system-site-packages" in maker.commands[2]


def test_one_that_could_not_be_made_is_made_anew(tmp_path: Path) -> None:
    maker = Maker()
    maker.exit_code = 1
    with pytest.raises(AirflowException), environment(Wanted(), tmp_path, maker):
        pass
    maker.exit_code = 0
    with environment(Wanted(), tmp_path, maker):
        assert len(maker.commands) == 2


def test_addresses_of_indexes_are_on_no_command_line(tmp_path: Path) -> None:
    maker = Maker()
    addresses = ("https://me:secret@one.test", "https://two.test")
    wanted = Wanted(requirements=("six",), index_urls=addresses, install_options=("--pre",))
    with environment(wanted, tmp_path, maker):
        pass
    assert "--pre" in maker.commands[1]
    assert not any("secret" in word for command in maker.commands for word in command)
    assert (
        maker.environs[1]["UV_DEFAULT_INDEX"] == maker.environs[1]["PIP_INDEX_URL"] == addresses[0]
    )
    with environment(Wanted(requirements=("six",), index_urls=()), tmp_path, maker):
        assert maker.environs[3]["PIP_NO_INDEX"] == maker.environs[3]["UV_NO_INDEX"] == "1"


def test_without_uv_it_is_pythons_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environments, "_uv", lambda: [])
    maker = Maker()
    with environment(Wanted(requirements=("six",)), tmp_path, maker):
        pass
    assert maker.commands[0][1:3] == ["-m", "venv"]
    assert maker.commands[1][1:4] == ["-m", "pip", "install"]
    with (
        pytest.raises(AirflowException, match=r"no python2\.0"),
        environment(Wanted(python_version="2.0"), tmp_path, maker),
    ):
        pass

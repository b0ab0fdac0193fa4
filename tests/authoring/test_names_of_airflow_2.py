"""Names of Airflow 2's context in a file that has no other mark of it."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from tradewind import DAG, BaseOperator, get_current_context, task
from tradewind.authoring.compile import compile_dag
from tradewind.config.settings import Core
from tradewind.testing.engine import RunResult, run_dag

DATE = datetime(2024, 5, 6, 7, tzinfo=UTC)


@contextmanager
def warned(name: str) -> Iterator[None]:
    """Of one name at least it is said that it is old."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        yield
    assert any(f"{name!r} was removed" in str(one.message) for one in found)


def returned(function: Any) -> Any:
    with DAG("d", schedule="@daily", start_date=datetime(2024, 1, 1, tzinfo=UTC)) as dag:
        task(function)()
    assert compile_dag(dag, defaults=Core()).profile == 3
    return value_of(run_dag(dag, logical_date=DATE))


def value_of(result: RunResult) -> Any:
    assert result.state == "success", [row.exit_reason for row in result.tasks.values()]
    (values,) = result.xcoms.values()
    return values["return_value"]


def test_by_kwargs() -> None:
    def ask(**kwargs: Any) -> str:
        return f"{kwargs['execution_date']:%H} {kwargs['tomorrow_ds']}"

    with warned("execution_date"):
        assert returned(ask) == "07 2024-05-07"


def test_within_a_nested_function() -> None:
    def ask(**kwargs: Any) -> list[str]:
        return [kwargs[name] for name in ("yesterday_ds",) if (lambda: "yesterday_ds")() == name]

    with warned("yesterday_ds"):
        assert returned(ask) == ["2024-05-05"]


def test_by_a_parameter() -> None:
    def ask(execution_date: Any = None, next_ds: Any = None) -> str:
        return f"{execution_date:%Y-%m-%d} {next_ds}"

    with warned("next_ds"):
        assert returned(ask) == "2024-05-06 2024-05-07"


def test_by_the_current_context() -> None:
    def ask() -> list[Any]:
        context = get_current_context()
        assert "execution_date" not in context
        assert "execution_date" not in dict(context)
        return [context["execution_date"].hour, context.get("tomorrow_ds_nodash")]

    with warned("execution_date"):
        assert returned(ask) == [7, "20240507"]


def test_by_execute() -> None:
    class Old(BaseOperator):
        def execute(self, context: Any) -> int:
            return int(context["execution_date"].hour)

    with DAG("d", schedule=None) as dag:
        Old(task_id="t")
    with warned("execution_date"):
        assert value_of(run_dag(dag, logical_date=DATE)) == 7


def test_who_does_not_ask_is_given_nothing() -> None:
    def ask(**kwargs: Any) -> list[str]:
        return sorted(name for name in kwargs if name.startswith(("execution", "next", "tomorrow")))

    assert returned(ask) == []


@pytest.mark.parametrize("name", ["conf", "end_date", "no_such_thing"])
def test_what_may_be_meant_otherwise_is_not_there(name: str) -> None:
    def ask(**kwargs: Any) -> list[Any]:
        context = get_current_context()
        with pytest.raises(KeyError):
            context[name]
        return [context.get(name), kwargs.get(name)]

    assert returned(ask) == [None, None]

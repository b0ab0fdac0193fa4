"""PythonOperator and EmptyOperator."""

from typing import Any

import pytest

from tests.authoring.conftest import MemoryHost, attempt
from tradewind import DAG
from tradewind.authoring import context as contexts
from tradewind.authoring import host, templating
from tradewind.authoring.profile import reports_of_one_file
from tradewind.integrations.standard import EmptyOperator, PythonOperator


def run(function: Any, **arguments: Any) -> Any:
    operator = PythonOperator(task_id="t", python_callable=function, dag=DAG("d"), **arguments)
    with host.use(MemoryHost()):
        context = contexts.build(attempt(), operator, operator.dag)
        templating.render_task(operator, context)
        return operator.execute(context)


def test_arguments_are_rendered_and_the_context_goes_by_name() -> None:
    assert run(
        lambda a, b, ds, ti=None: (a, b, ds, ti.task_id),
        op_args=["{{ ds_nodash }}"],
        op_kwargs={"b": ["{{ dag.dag_id }}"]},
    ) == ("20240131", ["d"], "2024-01-31", "t")


def test_templates_dict_is_in_the_context() -> None:
    assert run(lambda templates_dict: templates_dict, templates_dict={"q": "{{ ds }}"}) == {
        "q": "2024-01-31"
    }


def test_a_coroutine_function() -> None:
    async def later(**context: Any) -> Any:
        return context["run_id"]

    assert run(later) == "run-1"


def test_a_call_instead_of_a_function_is_refused() -> None:
    with pytest.raises(TypeError, match="write the function's name without calling it"):
        PythonOperator(task_id="t", python_callable=print("x"))  # type: ignore[arg-type,func-returns-value]


def test_provide_context_is_taken_and_reported() -> None:
    with reports_of_one_file() as evidence:
        assert run(lambda **kwargs: kwargs["ds"], provide_context=True) == "2024-01-31"
    assert evidence[0].what == "passes provide_context to PythonOperator"


def test_the_result_is_logged_unless_hidden(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    run(lambda: "shown")
    run(lambda: "secret", show_return_value_in_logs=False)
    assert "Returned value was: shown" in caplog.text
    assert "secret" not in caplog.text


def test_an_empty_operator_does_nothing() -> None:
    operator = EmptyOperator(task_id="t")
    assert operator.execute({}) is None  # type: ignore[func-returns-value]
    assert operator.inherits_from_empty_operator

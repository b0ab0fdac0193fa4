"""@task.stub: a task that is carried out in another language. It loads, and cannot be run yet."""

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any, ClassVar

from tradewind.authoring.later import later_feature
from tradewind.authoring.taskflow import DecoratedOperator, task_decorator_factory

__all__ = ["_StubOperator", "stub"]


class _StubOperator(DecoratedOperator):
    """What @task.stub makes: a function without a body."""

    __module__ = "airflow.providers.standard.decorators.stub"

    custom_operator_name: ClassVar[str | None] = "@task.stub"
    unsupported = ("tasks in other languages",)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not _is_empty(self.python_callable):
            raise ValueError(
                f"@task.stub {self.task_id!r}: the function must be empty: write `...` or pass"
            )

    def execute(self, context: Any) -> Any:
        """It never comes so far: core refuses the run."""
        raise NotImplementedError(later_feature(self.unsupported[0]))


def _is_empty(function: Callable[..., Any]) -> bool:
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    (definition,) = tree.body
    assert isinstance(definition, ast.FunctionDef | ast.AsyncFunctionDef)
    return all(
        isinstance(item, ast.Pass)
        or (isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant))
        for item in definition.body
    )


def stub(
    python_callable: Callable[..., Any] | None = None,
    queue: str | None = None,
    executor: str | None = None,
    **kwargs: Any,
) -> Any:
    """Make a function stand for a task that is carried out in another language."""
    return task_decorator_factory(
        python_callable,
        decorated_operator_class=_StubOperator,
        queue=queue,
        executor=executor,
        **kwargs,
    )

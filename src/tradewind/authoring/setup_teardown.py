"""Setup and teardown tasks: `@setup`, `@teardown`, and `with` blocks of what stands between them."""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from tradewind.authoring.errors import AirflowException
from tradewind.authoring.setup_scopes import SetupTeardownContext
from tradewind.authoring.task_group_decorator import TaskGroupFactory
from tradewind.authoring.taskflow import TaskDecorator, task

if TYPE_CHECKING:
    from tradewind.authoring.operator import BaseOperator

__all__ = ["ContextWrapper", "context_wrapper", "setup", "setup_task", "teardown", "teardown_task"]


def setup(func: Callable[..., Any]) -> Any:
    """The function's task prepares something for those after it. Goes on a function or a @task."""
    decorated = _decorated(func, "setup")
    if decorated.is_teardown:
        raise ValueError(f"{_name(func)} is a teardown task already; it cannot be a setup too")
    decorated.is_setup = True
    return decorated


def teardown(
    _func: Callable[..., Any] | None = None, *, on_failure_fail_dagrun: bool = False
) -> Any:
    """The function's task clears away what a setup task made, however the work ended."""

    def mark(func: Callable[..., Any]) -> TaskDecorator:
        decorated = _decorated(func, "teardown")
        if decorated.is_setup:
            raise ValueError(f"{_name(func)} is a setup task already; it cannot be a teardown too")
        decorated.is_teardown = True
        decorated.on_failure_fail_dagrun = on_failure_fail_dagrun
        return decorated

    return mark if _func is None else mark(_func)


setup_task, teardown_task = setup, teardown


def _decorated(func: Any, what: str) -> TaskDecorator:
    if isinstance(func, TaskGroupFactory):
        raise AirflowException(f"a task group cannot be marked as {what}: mark its tasks")
    if isinstance(func, TaskDecorator):
        return func
    if not callable(func):
        raise TypeError(f"@{what} goes on a function or a @task, not on {func!r}")
    made: TaskDecorator = task(func)
    return made


def _name(func: Any) -> str:
    return f"{getattr(func, '__name__', func)}()"


class ContextWrapper(list["BaseOperator"]):
    """Several setup or teardown tasks as one `with`."""

    __module__ = "airflow.sdk.definitions.decorators.setup_teardown"

    def __init__(self, tasks: "Iterable[BaseOperator]") -> None:
        super().__init__(_operators(tasks))

    def __enter__(self) -> type[SetupTeardownContext]:
        SetupTeardownContext.push(list(self))
        return SetupTeardownContext

    def __exit__(self, *_: object) -> None:
        SetupTeardownContext.pop()


def _operators(tasks: Iterable[Any]) -> "Iterator[BaseOperator]":
    for item in tasks:
        yield getattr(item, "operator", item)


context_wrapper = ContextWrapper

"""@task.run_if and @task.skip_if: whether a task runs is asked right before it would."""

from collections.abc import Callable
from typing import Any

from tradewind.authoring.errors import AirflowSkipException
from tradewind.authoring.taskflow import TaskDecorator


def guarded(
    decorated: Any,
    name: str,
    condition: Callable[..., Any],
    skip_message: str | None,
    *,
    wanted: bool,
) -> TaskDecorator:
    """The @task with the condition after whatever else its pre_execute does."""
    if not isinstance(decorated, TaskDecorator):
        raise TypeError(f"@task.{name} stands above a task decorator, not above {decorated!r}")
    if not callable(condition):
        raise TypeError(f"@task.{name} takes a function of the context, not {condition!r}")
    before = decorated.kwargs.get("pre_execute")

    def pre_execute(context: Any) -> None:
        if before is not None:
            before(context)
        answer = condition(context)
        holds, message = answer if isinstance(answer, tuple) else (answer, None)
        if bool(holds) is not wanted:
            raise AirflowSkipException(message or skip_message or f"skipped by @task.{name}")

    return decorated.override(pre_execute=pre_execute)

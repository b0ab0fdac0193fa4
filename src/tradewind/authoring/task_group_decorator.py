"""@task_group: a function whose call makes a TaskGroup of what it creates."""

import functools
import inspect
from collections.abc import Callable
from typing import Any

from tradewind.authoring.later import later_feature
from tradewind.authoring.task_group import TaskGroup


class TaskGroupFactory:
    """What `@task_group` makes of a function: call it to make a group."""

    __module__ = "airflow.sdk.definitions.decorators.task_group"

    def __init__(self, function: Callable[..., Any], kwargs: dict[str, Any]) -> None:
        if not callable(function):
            raise TypeError(f"@task_group goes on a function, not on {function!r}")
        self.function = function
        self.kwargs = {"group_id": function.__name__, "add_suffix_on_collision": True, **kwargs}
        functools.update_wrapper(self, function)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Make the group; the answer is what the function returns, or else the group.

        So what is wired to the call is wired to the returned task, or to the whole group.
        """
        arguments = dict(self.kwargs)
        if not arguments.get("tooltip") and self.function.__doc__:
            arguments["tooltip"] = inspect.cleandoc(self.function.__doc__)
        with TaskGroup(**arguments) as group:
            returned = self.function(*args, **kwargs)
        return group if returned is None else returned

    def override(self, **kwargs: Any) -> "TaskGroupFactory":
        """The same function with other arguments for its group."""
        return TaskGroupFactory(self.function, {**self.kwargs, **kwargs})

    def partial(self, **_: Any) -> Any:
        """Mapping of whole groups is not there yet."""
        raise NotImplementedError(later_feature("mapping of task groups"))

    expand = expand_kwargs = partial


def task_group(group_id: Any = None, **kwargs: Any) -> Any:
    """`@task_group`, `@task_group("id")` or `@task_group(group_id=..., ...)`."""
    if callable(group_id):
        return TaskGroupFactory(group_id, kwargs)
    if group_id is not None:
        kwargs["group_id"] = group_id
    return lambda function: TaskGroupFactory(function, kwargs)

"""@task_group: a function whose call makes a TaskGroup of what it creates."""

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tradewind.authoring.expansion import (
    DictOfListsExpandInput,
    ExpandInput,
    ListOfDictsExpandInput,
    MappedArgument,
    check_kwargs,
    check_mappable,
)
from tradewind.authoring.names import did_you_mean
from tradewind.authoring.scopes import TaskGroupContext
from tradewind.authoring.task_group import MappedTaskGroup, TaskGroup

_VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


class TaskGroupFactory:
    """What `@task_group` makes of a function: call it to make a group."""

    __module__ = "airflow.sdk.definitions.decorators.task_group"

    def __init__(
        self,
        function: Callable[..., Any],
        kwargs: dict[str, Any],
        fixed: Mapping[str, Any] | None = None,
    ) -> None:
        if not callable(function):
            raise TypeError(f"@task_group goes on a function, not on {function!r}")
        self.function = function
        refuse_unknown(function.__name__, kwargs)
        self.kwargs = {"group_id": function.__name__, "add_suffix_on_collision": True, **kwargs}
        self.fixed = dict(fixed or {})
        functools.update_wrapper(self, function)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Make the group; the answer is what the function returns, or else the group.

        So what is wired to the call is wired to the returned task, or to the whole group.
        """
        return self._make(TaskGroup, args, kwargs)

    def override(self, **kwargs: Any) -> "TaskGroupFactory":
        """The same function with other arguments for its group."""
        return TaskGroupFactory(self.function, {**self.kwargs, **kwargs}, self.fixed)

    def partial(self, **kwargs: Any) -> "TaskGroupFactory":
        """Fix arguments of the function; `.expand(...)` follows."""
        self._check_names("partial", kwargs)
        return TaskGroupFactory(self.function, self.kwargs, {**self.fixed, **kwargs})

    def expand(self, **mapped: Any) -> Any:
        """One group for each combination of the arguments' items."""
        check_mappable("", mapped)
        self._check_names("expand", mapped)
        self._check_binding({**self.fixed, **mapped})
        for value in mapped.values():
            if isinstance(value, MappedArgument):
                raise ValueError(
                    "Nested Mapped TaskGroups are not yet supported: an argument of an expanded "
                    f"group cannot be expanded over again ({value!r})"
                )
        return self._expanded(DictOfListsExpandInput(mapped), mapped)

    def expand_kwargs(self, kwargs: Any) -> Any:
        """One group for each dict of arguments."""
        check_kwargs("", kwargs)
        if any(item.kind in _VARIADIC for item in self._parameters().values()):
            raise TypeError(
                f"{self.function.__name__}: expand_kwargs() is for a function that names all its "
                "parameters, not for one that takes *args or **kwargs"
            )
        names = [name for name in self._parameters() if name not in self.fixed]
        return self._expanded(ListOfDictsExpandInput(kwargs), names)

    def _expanded(self, expand_input: ExpandInput, names: Iterable[str]) -> Any:
        outer = TaskGroupContext.get_current()
        if outer is not None and any(outer.iter_mapped_task_groups()):
            raise ValueError(
                "Nested Mapped TaskGroups are not yet supported: "
                f"group {outer.group_id!r} is expanded already"
            )
        arguments = {name: MappedArgument(input=expand_input, key=name) for name in names}
        return self._make(
            MappedTaskGroup, (), {**self.fixed, **arguments}, expand_input=expand_input
        )

    def _make(
        self,
        group_class: type[TaskGroup],
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
        expand_input: ExpandInput | None = None,
    ) -> Any:
        arguments = dict(self.kwargs)
        if self.function.__doc__:
            for name in ("tooltip", "doc_md"):
                arguments[name] = arguments.get(name) or inspect.cleandoc(self.function.__doc__)
        with group_class(**arguments, expand_input=expand_input) as group:
            returned = self.function(*args, **kwargs)
        for operator, _ in expand_input.iter_references() if expand_input is not None else ():
            group.set_upstream(operator)
        return group if returned is None else returned

    def _parameters(self) -> Mapping[str, inspect.Parameter]:
        return inspect.signature(self.function).parameters

    def _check_names(self, method: str, names: Iterable[str]) -> None:
        known = self._parameters()
        if any(item.kind is item.VAR_KEYWORD for item in known.values()):
            return
        for name in names:
            if name not in known:
                raise TypeError(
                    f"{self.function.__name__}: {method}() got an unexpected keyword argument "
                    f"{name!r}{did_you_mean(name, known)}"
                )

    def _check_binding(self, arguments: Mapping[str, Any]) -> None:
        try:
            inspect.signature(self.function).bind(**arguments)
        except TypeError as error:
            raise TypeError(f"{self.function.__name__}() cannot be expanded so: {error}") from None


def refuse_unknown(name: str, kwargs: Mapping[str, Any]) -> None:
    """Raise TypeError for what no TaskGroup takes."""
    known = inspect.signature(TaskGroup).parameters
    for given in kwargs:
        if given not in known or given == "expand_input":
            raise TypeError(
                f"@task_group {name}() got an unexpected keyword argument {given!r}"
                f"{did_you_mean(given, known)}"
            )


def task_group(group_id: Any = None, **kwargs: Any) -> Any:
    """`@task_group`, `@task_group("id")` or `@task_group(group_id=..., ...)`."""
    if callable(group_id):
        return TaskGroupFactory(group_id, kwargs)
    if group_id is not None:
        kwargs["group_id"] = group_id
    return lambda function: TaskGroupFactory(function, kwargs)

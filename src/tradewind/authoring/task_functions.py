"""What @task must know of an author's function: its id, its arguments, what it returns."""

import inspect
import re
import typing
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from tradewind.authoring import old_context, profile
from tradewind.authoring.callables import CONTEXT_KEYS
from tradewind.authoring.scopes import DagContext, TaskGroupContext

if TYPE_CHECKING:
    from tradewind.authoring.dag import DAG
    from tradewind.authoring.task_group import TaskGroup


_NUMBERS_GIVEN: "WeakKeyDictionary[DAG, dict[str, int]]" = WeakKeyDictionary()
"""The last number given to each id of a DAG, so that many calls of one function stay cheap."""


def unique_task_id(task_id: str, dag: "DAG | None", group: "TaskGroup | None") -> str:
    """`task_id`, with `__1`, `__2`, ... where the DAG or group has it already."""
    dag = dag or (group.dag if group is not None else DagContext.get_current())
    if dag is None:
        return task_id
    group = group or TaskGroupContext.get_current(dag)
    taken = dag.task_dict

    def full(label: str) -> str:
        return group.child_id(label) if group is not None else label

    if full(task_id) not in taken:
        return task_id
    stem = re.sub(r"__\d+$", "", task_id)
    given = _NUMBERS_GIVEN.setdefault(dag, {})
    number = given.get(full(stem), 0) + 1
    while full(f"{stem}__{number}") in taken:
        number += 1
    given[full(stem)] = number
    return f"{stem}__{number}"


def returns_mapping(function: Callable[..., Any]) -> bool:
    """Whether a function is annotated to return a dict: its keys become XComs of their own."""
    annotation: Any = inspect.signature(function).return_annotation
    if isinstance(annotation, str):
        try:
            annotation = typing.get_type_hints(function).get("return", annotation)
        except (NameError, TypeError, AttributeError):
            return annotation.split("[")[0].split(".")[-1] in ("dict", "Dict", "Mapping")
    origin = typing.get_origin(annotation) or annotation
    return isinstance(origin, type) and issubclass(origin, Mapping)


def check_context_parameters(
    function: Callable[..., Any], signature: inspect.Signature | None = None
) -> None:
    """Raise ValueError where a parameter that the context fills has a default of its own."""
    signature = signature or inspect.signature(function)
    for parameter in signature.parameters.values():
        if (
            parameter.name in CONTEXT_KEYS
            and parameter.default is not None
            and parameter.default is not parameter.empty
        ):
            raise ValueError(
                f"{function.__name__}(): the parameter {parameter.name!r} is filled from the "
                f"context; its default must be None, not {parameter.default!r}"
            )


def from_default_args(
    function: Callable[..., Any], args: Collection[Any], default_args: Mapping[str, Any]
) -> dict[str, Any]:
    """The parameters, beyond positional ones and those of the context, that `default_args` fill."""
    by_name = list(inspect.signature(function).parameters)[len(args) :] if default_args else ()
    of_context = CONTEXT_KEYS | old_context.REPLACED.keys()
    return {
        name: default_args[name]
        for name in by_name
        if name in default_args and name not in of_context
    }


def check_no_method(function: Callable[..., Any]) -> None:
    """Raise TypeError for a method: nobody would give it its object."""
    if "self" in inspect.signature(function).parameters:
        raise TypeError(
            f"@task cannot make a task of the method {function.__name__}(): "
            "write a function, or a method with @staticmethod around it"
        )


def check_binding(
    function: Callable[..., Any], args: Collection[Any], kwargs: Mapping[str, Any]
) -> None:
    """Raise TypeError now if the function will not take these arguments when it runs."""
    signature = inspect.signature(function)
    check_context_parameters(function, signature)
    positional = set(list(signature.parameters)[: len(args)])
    own = signature.parameters.keys() - positional - kwargs.keys()
    filled = dict.fromkeys(CONTEXT_KEYS & own)
    for name in sorted(own & old_context.REPLACED.keys()):
        if signature.parameters[name].default is inspect.Parameter.empty:
            profile.report(f"has {function.__name__}() ask for {name}")
            filled[name] = None
    try:
        signature.bind(*args, **kwargs, **filled)
    except TypeError as error:
        name = getattr(function, "__name__", "the function")
        raise TypeError(f"{name}{signature} cannot be called so: {error}") from None

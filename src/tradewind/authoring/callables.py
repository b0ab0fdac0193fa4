"""Calling an author's function: the context is passed by parameter name, coroutines are awaited."""

import asyncio
import inspect
import logging
from collections.abc import Callable, Collection, Mapping
from typing import Any

log = logging.getLogger(__name__)

CONTEXT_KEYS = frozenset(
    [
        "conn",
        "dag",
        "dag_run",
        "data_interval_end",
        "data_interval_start",
        "ds",
        "ds_nodash",
        "exception",
        "expanded_ti_count",
        "inlets",
        "inlet_events",
        "logical_date",
        "macros",
        "map_index_template",
        "outlets",
        "outlet_events",
        "params",
        "partition_date",
        "partition_key",
        "prev_data_interval_end_success",
        "prev_data_interval_start_success",
        "prev_end_date_success",
        "prev_start_date_success",
        "reason",
        "run_id",
        "task",
        "task_instance",
        "task_instance_key_str",
        "task_reschedule_count",
        "templates_dict",
        "test_mode",
        "ti",
        "triggering_asset_events",
        "try_number",
        "ts",
        "ts_nodash",
        "ts_nodash_with_tz",
        "var",
    ]
)
"""What a function may ask for by naming a parameter so."""

LEGACY_CONTEXT_KEYS = frozenset(
    [
        "execution_date",
        "next_ds",
        "next_ds_nodash",
        "next_execution_date",
        "prev_ds",
        "prev_ds_nodash",
        "prev_execution_date",
        "prev_execution_date_success",
        "tomorrow_ds",
        "tomorrow_ds_nodash",
        "yesterday_ds",
        "yesterday_ds_nodash",
    ]
)
"""The same in profile 2."""


def determine_kwargs(
    func: Callable[..., Any], args: Collection[Any], kwargs: Mapping[str, Any]
) -> dict[str, Any]:
    """What of `kwargs` to pass to `func` beside the positional `args`.

    All of it if it takes **kwargs, else what it names. Raises ValueError where a positional
    argument falls on a name of the context.
    """
    parameters = inspect.signature(func).parameters.values()
    names = [
        item.name
        for item in parameters
        if item.kind in (item.POSITIONAL_ONLY, item.POSITIONAL_OR_KEYWORD)
    ]
    positional = names[: len(args)]
    for name in positional:
        if name in kwargs and name in CONTEXT_KEYS:
            raise ValueError(
                f"the parameter {name!r} of {_name(func)} is a name of the context; a positional "
                "argument cannot be passed to it: give the parameter another name"
            )
    if any(item.kind is item.VAR_KEYWORD for item in parameters):
        return {name: value for name, value in kwargs.items() if name not in positional}
    accepted = {
        item.name
        for item in parameters
        if item.kind in (item.KEYWORD_ONLY, item.POSITIONAL_OR_KEYWORD)
    }
    return {
        name: value for name, value in kwargs.items() if name in accepted and name not in positional
    }


def call(
    func: Callable[..., Any],
    args: Collection[Any],
    kwargs: Mapping[str, Any],
    context: Mapping[str, Any],
) -> Any:
    """Call `func` with its own arguments and those of the context that it names.

    Arguments of its own that it does not take are left out, with a warning.
    """
    for name in _unexpected(func, kwargs):
        log.warning("%s does not take the argument %r, which is left out", _name(func), name)
    result = func(*args, **determine_kwargs(func, args, {**context, **kwargs}))
    if inspect.iscoroutine(result):
        return asyncio.run(result)
    return result


def is_async_callable(func: Any) -> bool:
    """Whether calling `func` gives a coroutine."""
    while hasattr(func, "func"):  # functools.partial
        func = func.func
    if inspect.iscoroutinefunction(func):
        return True
    return inspect.iscoroutinefunction(getattr(func, "__call__", None))  # noqa: B004


def _unexpected(func: Callable[..., Any], kwargs: Mapping[str, Any]) -> list[str]:
    parameters = inspect.signature(func).parameters
    if any(item.kind is item.VAR_KEYWORD for item in parameters.values()):
        return []
    return [name for name in kwargs if name not in parameters]


def _name(func: Any) -> str:
    return f"{getattr(func, '__name__', type(func).__name__)}()"

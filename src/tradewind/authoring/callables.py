"""Calling an author's function: the context is passed by parameter name, coroutines are awaited."""

import functools
import inspect
import logging
from collections.abc import Callable, Collection, Mapping
from types import FunctionType
from typing import TYPE_CHECKING, Any, NamedTuple

from tradewind.authoring import old_context
from tradewind.authoring.lazy import LazyModule
from tradewind.authoring.task_context import TaskContext

if TYPE_CHECKING:
    import asyncio

    from tradewind.authoring.assets import metadata as assets
else:
    asyncio = LazyModule("asyncio")
    assets = LazyModule("tradewind.authoring.assets.metadata")

log = logging.getLogger(__name__)

CONTEXT_KEYS = frozenset(
    [
        "asset_state_store",
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
        "task_state_store",
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


def determine_kwargs(
    func: Callable[..., Any], args: Collection[Any], kwargs: Mapping[str, Any]
) -> dict[str, Any]:
    """What of `kwargs` to pass to `func` beside the positional `args`.

    All of it if it takes **kwargs, else what it names. Raises ValueError where a positional
    argument falls on a name of the context.
    """
    return _chosen(func, _parameters(func), args, kwargs)


class KeywordParameters:
    """The keyword arguments that a function is to be given."""

    __module__ = "airflow.sdk.bases.decorator"

    def __init__(self, kwargs: Mapping[str, Any]) -> None:
        self._kwargs = kwargs

    @classmethod
    def determine(
        cls, func: Callable[..., Any], args: Collection[Any], kwargs: Mapping[str, Any]
    ) -> "KeywordParameters":
        """As `determine_kwargs`."""
        return cls(determine_kwargs(func, args, kwargs))

    def unpacking(self) -> Mapping[str, Any]:
        """For `func(**...)`."""
        return self._kwargs


def make_kwargs_callable(func: Callable[..., Any]) -> Callable[..., Any]:
    """A function of any keyword arguments, which gives `func` those it can take."""

    @functools.wraps(func)
    def choosing(*args: Any, **kwargs: Any) -> Any:
        return func(*args, **determine_kwargs(func, args, kwargs))

    return choosing


def _chosen(
    func: Callable[..., Any],
    parameters: "Parameters",
    args: Collection[Any],
    kwargs: Mapping[str, Any],
) -> dict[str, Any]:
    positional = parameters.positional[: len(args)]
    for name in positional:
        if name in kwargs and name in CONTEXT_KEYS:
            raise ValueError(
                f"the parameter {name!r} of {_name(func)} is a name of the context; a positional "
                "argument cannot be passed to it: give the parameter another name"
            )
    if parameters.takes_any:
        return {
            name: old_context.plain(name, value)
            for name, value in kwargs.items()
            if name not in positional
        }
    return {
        name: kwargs[name]
        for name in parameters.by_name
        if name in kwargs and name not in positional
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
    parameters = _parameters(func)
    for name in () if parameters.takes_any else kwargs:
        if name not in parameters.all_names:
            log.warning("%s does not take the argument %r, which is left out", _name(func), name)
    passed = _chosen(func, parameters, args, {**context, **kwargs})
    if not parameters.takes_any:
        for name in passed.keys() - kwargs.keys():
            passed[name] = old_context.read(name, passed[name])
    passed |= _old_names(func, parameters, passed, context)
    result = func(*args, **passed)
    if inspect.iscoroutine(result):
        result = asyncio.run(result)
    if context.get("outlets"):
        return _without_metadata(result, context)
    return result


def with_more(context: Mapping[str, Any], **more: Any) -> Mapping[str, Any]:
    """The context, be it one made by hand, with further things."""
    return context.plus(more) if isinstance(context, TaskContext) else {**context, **more}


def _old_names(
    func: Callable[..., Any],
    parameters: "Parameters",
    passed: Mapping[str, Any],
    context: Mapping[str, Any],
) -> dict[str, Any]:
    """What of Airflow 2's context the function asks for by name, where the context has it no more."""
    if not isinstance(context, TaskContext) or context.old is None:
        return {}
    named = old_context.UNMISTAKABLE.intersection(parameters.by_name)
    if parameters.takes_any:
        named |= old_context.named_in(func)
    return {name: context[name] for name in sorted(named - passed.keys())}


def _without_metadata(result: Any, context: Mapping[str, Any]) -> Any:
    """What a function returns beside what it says, by Metadata, of the assets it wrote."""
    said = context["outlet_events"]
    if inspect.isgenerator(result):
        result = _drained(result, said)
    if isinstance(result, assets.Metadata):
        said.note(result)
        return None
    return result


def _drained(generator: Any, said: Any) -> Any:
    while True:
        try:
            value = next(generator)
        except StopIteration as end:
            return end.value
        if isinstance(value, assets.Metadata):
            said.note(value)
        else:
            log.warning("What is yielded beside Metadata is left out: %r", value)


def is_async_callable(func: Any) -> bool:
    """Whether calling `func`, or the function that it wraps, gives a coroutine."""
    while isinstance(func, functools.partial):
        func = func.func
    if inspect.iscoroutinefunction(func):
        return True
    if not callable(func) or isinstance(func, type):
        return False
    if inspect.iscoroutinefunction(inspect.unwrap(func)):
        return True
    return inspect.iscoroutinefunction(inspect.unwrap(type(func).__call__))


class Parameters(NamedTuple):
    """What a function takes."""

    positional: tuple[str, ...]
    """By position, in order."""
    by_name: tuple[str, ...]
    takes_any: bool
    """Whether it has **kwargs."""
    all_names: tuple[str, ...]


def _parameters(func: Callable[..., Any]) -> Parameters:
    """A plain function tells by its code, at a tenth of what a signature costs each task."""
    if type(func) is FunctionType and not func.__dict__:
        code = func.__code__
        count, more = code.co_argcount, code.co_kwonlyargcount
        names = code.co_varnames
        varied = bool(code.co_flags & inspect.CO_VARARGS) + bool(
            code.co_flags & inspect.CO_VARKEYWORDS
        )
        return Parameters(
            names[:count],
            names[code.co_posonlyargcount : count + more],
            bool(code.co_flags & inspect.CO_VARKEYWORDS),
            names[: count + more + varied],
        )
    found = inspect.signature(func).parameters
    kinds = [(name, item.kind) for name, item in found.items()]
    either = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return Parameters(
        tuple(name for name, kind in kinds if kind in (inspect.Parameter.POSITIONAL_ONLY, either)),
        tuple(name for name, kind in kinds if kind in (inspect.Parameter.KEYWORD_ONLY, either)),
        any(kind is inspect.Parameter.VAR_KEYWORD for _, kind in kinds),
        tuple(found),
    )


def _name(func: Any) -> str:
    return f"{getattr(func, '__name__', type(func).__name__)}()"

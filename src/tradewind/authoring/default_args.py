"""How operators get arguments they were not given: from default_args, level by level.

An explicit argument wins, then the operator's own default_args, then the nearest TaskGroup's, then
the DAG's. Every `__init__` of an operator class is wrapped so that its own named parameters are
filled; names that no parameter has are left alone.
"""

import abc
import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from tradewind.authoring import params
from tradewind.authoring.names import did_you_mean
from tradewind.authoring.scopes import DagContext, TaskGroupContext
from tradewind.authoring.sites import call_site

_UNSEEN = "<frozen importlib._bootstrap>, as it were: of Tradewind"
"""The file of our frames between the author's line and a constructor: the stacklevel of a warning
counts no frame of Python's own import, so what a constructor warns of names the author's line."""
_NEVER_FILLED = frozenset({"self", "task_id", "dag", "task_group", "default_args", "params"})


class OperatorMeta(abc.ABCMeta):
    """Makes operators: keyword arguments only, defaults filled in, the author's line noted."""

    def __new__(
        mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **kwargs: Any
    ) -> "OperatorMeta":
        init = namespace.get("__init__")
        if init is not None:
            namespace["__init__"] = filling_defaults(init)
        cls = super().__new__(mcs, name, bases, namespace, **kwargs)
        fields = namespace.get("template_fields")
        if isinstance(fields, str):
            cls.template_fields = [fields]  # type: ignore[attr-defined]
        return cls

    @property
    def __signature__(cls) -> inspect.Signature:
        """What the constructor takes: for editors, and whoever asks inspect."""
        own = inspect.signature(cls.__init__)  # type: ignore[misc]
        return own.replace(parameters=list(own.parameters.values())[1:])

    def __call__(cls: Any, *args: Any, **kwargs: Any) -> Any:
        if args:
            raise TypeError(
                f"{cls.__name__} takes keyword arguments only: "
                f"write {cls.__name__}(task_id={args[0]!r}, ...)"
            )
        task = cls.__new__(cls, **kwargs)
        task.__dict__["_site"] = call_site()
        task.__dict__["_default_args"] = defaults = merged(kwargs)
        if kwargs.get("params"):
            dag = kwargs.get("dag") or DagContext.get_current()
            of_dag = None if dag is None else dag.params
            all_params = params.merged(of_dag, defaults.get("params"), kwargs["params"])
            kwargs["params"] = all_params.note_source("task")
        task.__init__(**kwargs)
        finish = getattr(task, "_finish_construction", None)
        if finish is not None:
            finish()
        return task


def _hide(function: Any) -> None:
    function.__code__ = function.__code__.replace(co_filename=_UNSEEN)


_hide(OperatorMeta.__call__)


def merged(kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The default_args that count for an operator that is called with `kwargs`."""
    group = kwargs.get("task_group")
    dag = kwargs.get("dag") or (group.dag if group is not None else DagContext.get_current())
    group = group or TaskGroupContext.get_current(dag)
    values: dict[str, Any] = {}
    if dag is not None:
        values |= dag.default_args
    if group is not None:
        values |= group.default_args
    own = kwargs.get("default_args")
    if own:
        if not isinstance(own, Mapping):
            raise TypeError(f"default_args must be a dict, not {type(own).__name__}")
        values |= own
    return values


def filling_defaults(init: Callable[..., None]) -> Callable[..., None]:
    """`init`, given the default_args of the operator under construction."""
    parameters = [
        item
        for item in inspect.signature(init).parameters.values()
        if item.kind in (item.KEYWORD_ONLY, item.POSITIONAL_OR_KEYWORD) and item.name != "self"
    ]
    names = [item.name for item in parameters]
    fillable = frozenset(names) - _NEVER_FILLED
    required = [item.name for item in parameters if item.default is item.empty]

    @functools.wraps(init)
    def filled(self: Any, *args: Any, **kwargs: Any) -> None:
        defaults = self.__dict__.get("_default_args")
        if defaults:
            for name in fillable & defaults.keys():
                if name not in kwargs and name not in names[: len(args)]:
                    kwargs[name] = defaults[name]
        missing = [name for name in required[len(args) :] if name not in kwargs]
        if missing:
            raise TypeError(_missing(type(self), missing, kwargs))
        init(self, *args, **kwargs)

    _hide(filled)
    return filled


def required_arguments(cls: type) -> list[str]:
    """The arguments that the class's own constructor must be given."""
    parameters = inspect.signature(cls.__init__).parameters.values()  # type: ignore[misc]
    return [
        item.name
        for item in parameters
        if item.default is item.empty
        and item.kind in (item.KEYWORD_ONLY, item.POSITIONAL_OR_KEYWORD)
        and item.name != "self"
    ]


def own_defaults(cls: type, above: type) -> dict[str, Any]:
    """What the constructors of a class below `above` give to arguments of `above` that nobody
    named. None is left out: it is the word for what `above` would do."""
    names = known_arguments(above) - _NEVER_FILLED
    found: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        init = base.__dict__.get("__init__")
        if init is None or base is above or not issubclass(base, above):
            continue
        for item in inspect.signature(init).parameters.values():
            if item.name in names and item.default is not item.empty and item.default is not None:
                found[item.name] = item.default
    return found


def known_arguments(cls: type) -> set[str]:
    """Every argument that the constructors of an operator class name."""
    names: set[str] = set()
    for base in cls.__mro__:
        init = base.__dict__.get("__init__")
        if init is not None and base is not object:
            names.update(inspect.signature(init).parameters)
    return names - {"self", "args", "kwargs"}


def _missing(cls: type, missing: list[str], kwargs: Mapping[str, Any]) -> str:
    task = f" {kwargs['task_id']!r}" if "task_id" in kwargs else ""
    names = ", ".join(repr(name) for name in missing)
    message = f"missing keyword argument {names} of {cls.__name__}{task}"
    for given in kwargs.keys() - known_arguments(cls):
        if did_you_mean(given, missing):
            return f"{message}; was {given!r} meant as {missing[0]!r}?"
    return message

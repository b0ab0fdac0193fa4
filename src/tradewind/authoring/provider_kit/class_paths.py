"""Objects by their dotted path, and the path of an object."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import Distribution, EntryPoint, distributions
from pkgutil import ModuleInfo
from types import ModuleType
from typing import Any


def import_string(dotted_path: str) -> Any:
    """The object at `package.module.name`. Raises ImportError."""
    module, dot, name = dotted_path.rpartition(".")
    if not dot:
        raise ImportError(f"{dotted_path!r} is no dotted path of a module and a name in it")
    found = importlib.import_module(module)
    try:
        return getattr(found, name)
    except AttributeError:
        raise ImportError(f"module {module!r} has no {name!r}") from None


def qualname(o: Any, use_qualname: bool = False, exclude_module: bool = False) -> str:
    """The dotted path of a class, a function or an object's class."""
    if isinstance(o, partial):
        o = o.func
    named = o if hasattr(o, "__name__") or hasattr(o, "__qualname__") else type(o)
    within = use_qualname or exclude_module
    name = getattr(named, "__qualname__", "") if within else getattr(named, "__name__", "")
    name = name or getattr(named, "__qualname__", "") or type(o).__qualname__
    module = getattr(named, "__module__", None)
    return name if exclude_module or not module else f"{module}.{name}"


def iter_namespace(ns: ModuleType) -> Iterator[ModuleInfo]:
    """The modules of a package, with their full names."""
    return pkgutil.iter_modules(ns.__path__, f"{ns.__name__}.")


def is_valid_dotpath(path: Any) -> bool:
    """Whether it could be a dotted path: at least two identifiers."""
    if not isinstance(path, str):
        return False
    words = path.split(".")
    return len(words) > 1 and all(word.isidentifier() for word in words)


def entry_points_with_dist(group: str) -> Iterator[tuple[EntryPoint, Distribution]]:
    """The entry points of a group and who brings them; each distribution once."""
    seen: set[str] = set()
    for distribution in distributions():
        name = distribution.metadata["Name"]
        if name in seen:
            continue
        seen.add(name)
        for entry_point in distribution.entry_points:
            if entry_point.group == group:
                yield entry_point, distribution


def accepts_context(callback: Callable[..., Any]) -> bool:
    """Whether a function takes `context` by name."""
    parameters = inspect.signature(callback).parameters
    return "context" in parameters or accepts_keyword_args(callback)


def accepts_keyword_args(func: Callable[..., Any]) -> bool:
    """Whether a function takes any keyword argument."""
    parameters = inspect.signature(func).parameters.values()
    return any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters)

"""The one mechanism of this package: a table of names, each imported when it is asked for.

`names` are as in 3.3; `deprecated` ones work there with a warning; `removed` ones 3.3 refuses: who
imports one has a file of 1.10 or 2.x, and the file's DAGs keep the meanings of 2.x.
"""

import importlib
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tradewind.authoring import profile
from tradewind.authoring.sites import call_site, hide

hide(str(Path(__file__).parent))

_NONE: Mapping[str, str] = {}


def serve(
    module: str,
    *,
    names: Mapping[str, str] = _NONE,
    deprecated: Mapping[str, str] = _NONE,
    removed: Mapping[str, str] = _NONE,
) -> tuple[list[str], Callable[[str], Any], Callable[[], list[str]]]:
    """`__all__`, `__getattr__` and `__dir__` of a module. A place is `module:name` or a module."""
    everything = sorted({*names, *deprecated, *removed})

    def get(name: str) -> Any:
        if name in names:
            return fetch(names[name])
        if name in deprecated:
            found = fetch(deprecated[name])
            _warn(f"{module}.{name} is deprecated; {_advice(deprecated[name], found)}")
            return found
        if name in removed:
            found = fetch(removed[name])
            _warn(f"{module}.{name} was removed in Airflow 3; {_advice(removed[name], found)}")
            profile.report(f"imports {name} from {module}")
            return found
        raise AttributeError(f"module {module!r} has no attribute {name!r}")

    return everything, get, lambda: everything


def fetch(place: str) -> Any:
    """The object at `module:name`, or the module."""
    module, _, name = place.partition(":")
    found = importlib.import_module(module)
    return getattr(found, name) if name else found


def _advice(place: str, found: Any) -> str:
    module, _, name = place.partition(":")
    if module == "tradewind":
        return f"use airflow.sdk.{name}"
    home = getattr(found, "__module__", "")
    if isinstance(home, str) and home.startswith("airflow."):
        return f"use {home}.{name}"
    return "it has no place of its own any more"


def _warn(message: str) -> None:
    site = call_site()
    warnings.warn_explicit(message, DeprecationWarning, site.file, site.line)

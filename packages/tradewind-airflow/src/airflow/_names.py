"""The one mechanism of this package: a table of names, each imported when it is asked for.

`names` are as in 3.3; `deprecated` ones work there with a warning; `removed` ones 3.3 refuses: who
imports one has a file of 1.10 or 2.x, and the file's DAGs keep the meanings of 2.x.
"""

import importlib
import sys
import warnings
from collections.abc import Callable, Mapping
from opcode import opmap
from pathlib import Path
from typing import Any

from tradewind.authoring import profile
from tradewind.authoring.names import did_you_mean
from tradewind.authoring.sites import call_site, hide

hide(str(Path(__file__).parent))

_NONE: Mapping[str, str] = {}
_IMPORT_FROM = opmap["IMPORT_FROM"]
_PROVIDERS = "airflow.providers."
_FAMILIES = frozenset({"apache", "atlassian", "cncf", "common", "dbt", "microsoft"})
"""Providers of two words: `airflow.providers.apache.hive`."""


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
            found = _moved(module, name, deprecated[name])
            _warn(f"{module}.{name} is deprecated; {_advice(deprecated[name], found)}")
            return found
        if name in removed:
            found = _moved(module, name, removed[name])
            _warn(f"{module}.{name} was removed in Airflow 3; {_advice(removed[name], found)}")
            profile.report(f"imports {name} from {module}")
            return found
        raise _unknown(module, name, everything)

    return everything, get, lambda: everything


def fetch(place: str) -> Any:
    """The object at `module:name`, or the module."""
    module, _, name = place.partition(":")
    found = importlib.import_module(module)
    return getattr(found, name) if name else found


def _moved(module: str, name: str, place: str) -> Any:
    """What a name of earlier days is today. Raises ImportError that names the missing package."""
    try:
        return fetch(place)
    except ModuleNotFoundError as error:
        if not place.startswith(str(error.name)) or not _is_elsewhere(place):
            raise
        raise ImportError(
            f"{module}.{name} is {place.replace(':', '.')} today, {_missing(place)}",
            name=error.name,
        ) from None
    except AttributeError:
        raise ImportError(
            f"{module}.{name} was {place.replace(':', '.')} later, and the package that is "
            "installed has it no more",
            name=module,
        ) from None


def _is_elsewhere(place: str) -> bool:
    return place.startswith(_PROVIDERS) or not place.startswith(("airflow.", "tradewind."))


def _missing(place: str) -> str:
    if not place.startswith(_PROVIDERS):
        return f"and {place.partition('.')[0]} is not installed"
    words = place.removeprefix(_PROVIDERS).partition(":")[0].split(".")
    provider = "-".join(words[: 2 if words[0] in _FAMILIES else 1])
    return (
        f"of the package apache-airflow-providers-{provider}, which is not installed: "
        f"`tradewind providers install {provider}`"
    )


def _unknown(module: str, name: str, known: list[str]) -> Exception:
    """An ImportError where an import statement asks, which would not show the hint otherwise."""
    hint = did_you_mean(name, known)
    asking = sys._getframe(2)
    if asking.f_code.co_code[asking.f_lasti] == _IMPORT_FROM:
        return ImportError(f"cannot import name {name!r} from {module!r}{hint}", name=module)
    return AttributeError(f"module {module!r} has no attribute {name!r}{hint}")


def _advice(place: str, found: Any) -> str:
    module, _, name = place.partition(":")
    if module == "tradewind":
        return f"use airflow.sdk.{name}"
    home = getattr(found, "__module__", "")
    if isinstance(home, str) and home.startswith("airflow."):
        return f"use {home}.{name}"
    if not module.startswith("tradewind."):
        return f"use {module}.{name}" if name else f"use {module}"
    return "it has no place of its own any more"


def _warn(message: str) -> None:
    site = call_site()
    warnings.warn_explicit(message, DeprecationWarning, site.file, site.line)

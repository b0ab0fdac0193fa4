"""Modules of 1.10 and 2.x that are no more: made from `moved.txt` when somebody imports one.

A module that is there comes first; but a folder without any, such as a removed package leaves
behind with its bytecode, does not hide the names that moved.
"""

import sys
from collections.abc import Sequence
from functools import cache
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from airflow._finders import Finder
from airflow._names import serve

_TABLE = Path(__file__).with_name("moved.txt")
_PACKAGE = "airflow."
_PROVIDERS = "airflow.providers"


class Moved(NamedTuple):
    """The names of one module that is no more, each with its place today."""

    deprecated: dict[str, str]
    removed: dict[str, str]
    modules: dict[str, str]
    """Its own submodules, by name."""


@cache
def table() -> dict[str, Moved]:
    """Every old module by its path, and the packages above it."""
    found: dict[str, Moved] = {}
    current = Moved({}, {}, {})
    for line in _TABLE.read_text().splitlines():
        if line.startswith(" "):
            era, home, *names = line.split()
            places = current.deprecated if era == "3" else current.removed
            for word in names:
                old, _, new = word.partition("=")
                places[old] = f"{home}:{new or old}"
        elif not line.startswith("#"):
            current = _entry(found, line)
    return found


def _entry(found: dict[str, Moved], module: str) -> Moved:
    entry = found.get(module)
    if entry is None:
        entry = found[module] = Moved({}, {}, {})
        above, _, name = module.rpartition(".")
        if f"{above}." != _PACKAGE:
            _entry(found, above).modules[name] = module
    return entry


class MovedFinder(Finder):
    """Finds the modules of the table."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of a module that was moved, else None."""
        if not fullname.startswith(_PACKAGE) or fullname.startswith(_PROVIDERS):
            return None
        found = PathFinder.find_spec(fullname, path, target)
        if found is not None and found.origin is not None:
            return found
        entry = table().get(fullname)
        if entry is None:
            return found
        spec = ModuleSpec(fullname, self, origin=str(_TABLE), is_package=bool(entry.modules))
        if spec.submodule_search_locations is not None and found is not None:
            spec.submodule_search_locations.extend(found.submodule_search_locations or ())
        return spec

    def exec_module(self, module: ModuleType) -> None:
        """Give the module its names."""
        entry = table()[module.__name__]
        module.__doc__ = "Names of earlier versions of Airflow."
        everything, get, listed = serve(
            module.__name__,
            names={
                name: place
                for name, place in entry.modules.items()
                if name not in entry.deprecated and name not in entry.removed
            },
            deprecated=entry.deprecated,
            removed=entry.removed,
        )
        module.__dict__.update(__all__=everything, __getattr__=get, __dir__=listed)


def install() -> None:
    """Put the finder before the one for folders, once."""
    if not any(isinstance(finder, MovedFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, MovedFinder())

"""`airflow.providers.standard` from Tradewind's own integrations, while nobody else brings it.

The finder stands last on sys.meta_path: an installed distribution is found before it.
"""

import importlib
import importlib.util
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

from airflow._finders import Finder

_PROVIDERS = "airflow.providers"
_PREFIX = f"{_PROVIDERS}.standard"
_TARGET = "tradewind.integrations.standard"


class StandardFinder(Finder):
    """Finds modules below airflow.providers.standard and makes each a view of ours."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of a module that we have, else None."""
        if fullname == _PROVIDERS:
            return ModuleSpec(fullname, None, is_package=True)
        if fullname != _PREFIX and not fullname.startswith(f"{_PREFIX}."):
            return None
        ours = _target_of(fullname)
        try:
            found = importlib.util.find_spec(ours)
        except ModuleNotFoundError:
            return None
        if found is None:
            return None
        is_package = found.submodule_search_locations is not None
        return ModuleSpec(fullname, self, origin=found.origin, is_package=is_package)

    def exec_module(self, module: ModuleType) -> None:
        """Give the module the names of ours."""
        ours = importlib.import_module(_target_of(module.__name__))
        module.__doc__ = ours.__doc__
        module.__dict__.update(
            {name: value for name, value in vars(ours).items() if not name.startswith("__")}
        )


def _target_of(fullname: str) -> str:
    return _TARGET + fullname.removeprefix(_PREFIX)


def install() -> None:
    """Put the finder at the end of sys.meta_path, once."""
    if not any(isinstance(finder, StandardFinder) for finder in sys.meta_path):
        sys.meta_path.append(StandardFinder())

"""What finders of modules are made of, without importlib.abc, which costs 20 ms (tempfile, bz2, ...)."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.abc import Loader, MetaPathFinder
    from importlib.machinery import ModuleSpec
    from types import ModuleType

    class Finder(MetaPathFinder, Loader):
        """Finds modules and loads them."""

        def create_module(self, spec: ModuleSpec) -> ModuleType | None: ...

else:

    class Finder:
        """Finds modules and loads them: with `find_spec` and `exec_module`."""

        def create_module(self, _):
            """None: Python makes the module."""
            return None

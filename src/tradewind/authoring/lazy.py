"""Modules that are imported when they are first used, so that `from tradewind import DAG` is quick.

For heavy libraries (pendulum, jinja2, jsonschema, croniter behind `timetables`) only.
"""

import importlib
from types import ModuleType
from typing import Any


class LazyModule(ModuleType):
    """Stands for a module until an attribute of it is asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        value = getattr(importlib.import_module(self.__name__), name)
        self.__dict__[name] = value
        return value

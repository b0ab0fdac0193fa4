"""Modules whose names have moved, as packages declare them with `add_deprecated_classes`."""

import importlib
import sys
import warnings
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from tradewind.authoring.provider_kit.class_paths import import_string


class DeprecatedImportWarning(FutureWarning):
    """A name is imported from where it was."""

    __module__ = "airflow.utils.deprecation_tools"


def getattr_with_deprecation(
    imports: Mapping[str, str],
    module: str,
    override_deprecated_classes: Mapping[str, str],
    extra_message: str,
    name: str,
    message_override: str = "",
) -> Any:
    """The object that `module` had as `name`, from its home of today, with a warning.

    Raises AttributeError for a name that `imports` does not know. `*` there stands for every name.
    """
    target = imports.get(name) or (f"{imports['*']}.{name}" if "*" in imports else None)
    if target is None:
        raise AttributeError(f"The module `{module!r}` has no attribute `{name!r}`")
    shown = override_deprecated_classes.get(name, target)
    message = (
        message_override.format(module=module, name=name, target=shown)
        if message_override
        else f"{module}.{name} is deprecated; use {shown}."
    )
    if extra_message:
        message += f" {extra_message}."
    warnings.warn(message, DeprecatedImportWarning, stacklevel=2)
    return import_string(target)


def add_deprecated_classes(
    module_imports: Mapping[str, Mapping[str, str]],
    package: str,
    override_deprecated_classes: Mapping[str, Mapping[str, str]] | None = None,
    extra_message: str | None = None,
    message: str | None = None,
) -> None:
    """Make the modules `package.NAME` (or `package` itself) give each name from its new home."""
    shown = override_deprecated_classes or {}
    for module_name, imports in module_imports.items():
        full = f"{package}.{module_name}"
        itself = module_name == package.rpartition(".")[2]

        def get(
            name: str,
            _imports: Mapping[str, str] = imports,
            _full: str = package if itself else full,
            _shown: Mapping[str, str] = shown.get(module_name, {}),
        ) -> Any:
            return getattr_with_deprecation(
                _imports, _full, _shown, extra_message or "", name, message or ""
            )

        module = importlib.import_module(package) if itself else ModuleType(full)
        module.__getattr__ = get  # type: ignore[method-assign]
        if not itself:
            sys.modules.setdefault(full, module)
            setattr(importlib.import_module(package), module_name, module)

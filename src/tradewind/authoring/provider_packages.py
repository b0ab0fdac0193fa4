"""The provider packages installed beside user code, and what each says it brings.

Reading a description imports the package, so this is for processes that run user code only.
"""

import logging
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from tradewind.authoring.lazy import LazyModule

if TYPE_CHECKING:
    import importlib.metadata as metadata
else:
    metadata = LazyModule("importlib.metadata")

log = logging.getLogger(__name__)

_ENTRY_POINTS = "apache_airflow_provider"


class ProviderInfo(NamedTuple):
    """One package: its version, and its own description."""

    version: str
    data: dict[str, Any]


ProviderInfo.__module__ = "airflow.providers_manager"


@cache
def installed() -> dict[str, ProviderInfo]:
    """Every provider by package name; one whose description fails is left out with a warning."""
    found: dict[str, ProviderInfo] = {}
    for entry_point in metadata.entry_points(group=_ENTRY_POINTS):
        distribution = entry_point.dist
        assert distribution is not None
        try:
            data = entry_point.load()()
        except Exception as error:
            log.warning("provider %s cannot be read: %r", distribution.name, error)
            continue
        found.setdefault(distribution.name, ProviderInfo(distribution.version, data))
    return dict(sorted(found.items()))


def brought(key: str) -> Iterator[tuple[str, Any]]:
    """(package name, entry) of every entry under `key` in any description."""
    for name, provider in installed().items():
        for entry in provider.data.get(key, ()):
            yield name, entry


@cache
def task_decorators() -> dict[str, str]:
    """Class path of each `@task.NAME`."""
    return {entry["name"]: entry["class-name"] for _, entry in brought("task-decorators")}


@cache
def hook_classes() -> dict[str, tuple[str, str]]:
    """(package name, class path) of the hook for each connection type."""
    return {
        entry["connection-type"]: (name, entry["hook-class-name"])
        for name, entry in brought("connection-types")
    }


def default_option(section: str, key: str) -> tuple[bool, str | None]:
    """Whether a package has such an option, and its default."""
    for provider in installed().values():
        options = provider.data.get("config", {}).get(section, {}).get("options", {})
        if key in options:
            default = options[key].get("default")
            return True, None if default is None else str(default)
    return False, None


def default_options(section: str) -> dict[str, str]:
    """The defaults of all options that packages have in a section."""
    return {
        key: str(option["default"])
        for provider in installed().values()
        for key, option in provider.data.get("config", {})
        .get(section, {})
        .get("options", {})
        .items()
        if option.get("default") is not None
    }

"""The options as user code sees them: `conf.get("core", "parallelism")`, and our own defaults.

A process that loads DAG files says `use(settings)` first; without that the defaults and the
environment count. Never holds secrets: child processes are given scrubbed settings.
"""

import dataclasses
import importlib
import json
import os
import typing
from pathlib import Path
from typing import Any

from tradewind.authoring import airflow_options, provider_packages
from tradewind.authoring.errors import AirflowConfigException
from tradewind.authoring.notset import NOTSET
from tradewind.config.settings import Settings
from tradewind.config.values import BadValue, read

_PREFIXES = ("TRADEWIND", "AIRFLOW")
_HIDDEN_SECTIONS = frozenset({"database"})
_PROVIDERS = {
    "celery": "celery",
    "celery_broker_transport_options": "celery",
    "celery_kubernetes_executor": "celery",
    "kubernetes": "cncf-kubernetes",
    "kubernetes_environment_variables": "cncf-kubernetes",
    "kubernetes_executor": "cncf-kubernetes",
    "kubernetes_secrets": "cncf-kubernetes",
    "local_kubernetes_executor": "cncf-kubernetes",
    "common.io": "common-io",
    "elasticsearch": "elasticsearch",
    "fab": "fab",
    "openlineage": "openlineage",
    "opensearch": "opensearch",
}
"""Sections of Airflow's configuration that provider packages bring."""
_settings: Settings | None = None


def use(settings: Settings | None) -> None:
    """Take `settings` for everything that is authored from now on in this process."""
    global _settings
    _settings = settings


def current() -> Settings:
    """The settings in use."""
    global _settings
    if _settings is None:
        _settings = _from_environment()
    return _settings


def _from_environment() -> Settings:
    home = Path(os.environ.get("TRADEWIND_HOME") or "~/tradewind").expanduser()
    sections = {}
    for name, kind in typing.get_type_hints(Settings).items():
        if name == "home" or name in _HIDDEN_SECTIONS:
            continue
        hints = typing.get_type_hints(kind)
        values = {
            item.name: _value(item, hints[item.name], name, raw)
            for item in dataclasses.fields(kind)
            if (raw := _variable(name, item.name)) is not None
        }
        sections[name] = kind(**values)
    return Settings(home=home, **sections)


def _variable(section: str, key: str) -> str | None:
    for prefix in _PREFIXES:
        value = os.environ.get(f"{prefix}__{section}__{key}".upper())
        if value is not None:
            return value
    return None


def _variables(section: str) -> dict[str, str]:
    """What the environment says of a section, by option."""
    found = {}
    for prefix in reversed(_PREFIXES):
        start = f"{prefix}__{section}__".upper()
        for name, text in os.environ.items():
            if name.startswith(start):
                found[name.removeprefix(start).lower()] = text
    return found


def _value(item: "dataclasses.Field[Any]", annotation: Any, section: str, raw: str) -> Any:
    try:
        return read(item, annotation, raw)
    except BadValue as error:
        raise AirflowConfigException(
            f"option {section}.{item.name} must be {error}, not {raw!r}"
        ) from None


class Configuration:
    """`conf`: typed access by section and key, as DAG files use it."""

    __module__ = "airflow.sdk.configuration"

    def __init__(self) -> None:
        self._changed: dict[tuple[str, str], str | None] = {}

    def set(self, section: str, option: str, value: str | None = None) -> None:
        """Give an option a value for who asks `conf` in this process: no setting of Tradewind's."""
        self._changed[section.lower(), option.lower()] = value

    def remove_option(self, section: str, option: str, remove_default: bool = True) -> None:
        """Take back what `set` gave; with `remove_default` as if there were no such option."""
        self._changed.pop((section.lower(), option.lower()), None)
        if remove_default:
            self.set(section, option, None)

    def get(self, section: str, key: str, fallback: Any = NOTSET, **_: Any) -> Any:
        """The option as text, else `fallback`. Raises AirflowConfigException for an unknown one."""
        value = self._find(section.lower(), key.lower())
        if value is not None:
            return str(value)
        if fallback is NOTSET and not self._exists(section.lower(), key.lower()):
            known, default = _default(section.lower(), key.lower())
            if known and (section.lower(), key.lower()) not in self._changed:
                return default
            provider = _PROVIDERS.get(section.lower())
            of_provider = (
                f": it is an option of apache-airflow-providers-{provider}, "
                "set it where that is not installed"
                if provider
                else ""
            )
            raise AirflowConfigException(
                f"section/key [{section}/{key}] not found in config{of_provider}"
            )
        return None if fallback is NOTSET else fallback

    def get_mandatory_value(self, section: str, key: str, **kwargs: Any) -> str:
        """The option as text. Raises ValueError where it is not set."""
        value = self.get(section, key, **kwargs)
        if value is None:
            raise ValueError(f"the value {section}/{key} should be set")
        return str(value)

    def getint(self, section: str, key: str, fallback: Any = NOTSET, **_: Any) -> Any:
        """The option as a whole number."""
        return self._read(section, key, fallback, int, "a whole number")

    def getfloat(self, section: str, key: str, fallback: Any = NOTSET, **_: Any) -> Any:
        """The option as a number."""
        return self._read(section, key, fallback, float, "a number")

    def getboolean(self, section: str, key: str, fallback: Any = NOTSET, **_: Any) -> Any:
        """The option as True or False."""
        return self._read(section, key, fallback, _boolean, "true or false")

    def getlist(self, section: str, key: str, fallback: Any = NOTSET, **_: Any) -> Any:
        """The comma-separated option as a list."""
        return self._read(section, key, fallback, _split, "a comma-separated list")

    def getjson(self, section: str, key: str, fallback: Any = NOTSET, **_: Any) -> Any:
        """The option read as JSON."""
        return self._read(section, key, fallback, json.loads, "valid JSON")

    def getimport(self, section: str, key: str, fallback: Any = NOTSET, **_: Any) -> Any:
        """The object whose dotted path the option is; None where it is empty."""
        path = self.get(section, key, fallback)
        if not path:
            return None
        module, _dot, name = str(path).rpartition(".")
        try:
            return getattr(importlib.import_module(module), name)
        except (ImportError, AttributeError, ValueError) as error:
            raise AirflowConfigException(
                f"option {section}.{key} is {path!r}, which cannot be imported: {error}"
            ) from error

    def has_option(self, section: str, option: str, **_: Any) -> bool:
        """Whether the option has a value."""
        return self._find(section.lower(), option.lower()) is not None

    def has_section(self, section: str) -> bool:
        """Whether there is such a section."""
        return section in {item.name for item in dataclasses.fields(Settings)} - {"home"}

    def getsection(self, section: str) -> dict[str, Any] | None:
        """All options of a section of ours, or of a provider package or the environment; else None.

        Those of others are numbers or booleans where they read as such.
        """
        if section in _HIDDEN_SECTIONS:
            return None
        if not self.has_section(section):
            texts = provider_packages.default_options(section) | _variables(section)
            return {key: _plain(text) for key, text in texts.items()} or None
        options = getattr(current(), section)
        return {item.name: getattr(options, item.name) for item in dataclasses.fields(options)}

    def _read(self, section: str, key: str, fallback: Any, kind: Any, what: str) -> Any:
        value = self.get(section, key, fallback)
        if value is fallback or value is None:
            return value
        try:
            return kind(value)
        except ValueError:
            raise AirflowConfigException(
                f"option {section}.{key} must be {what}, not {value!r}"
            ) from None

    def _exists(self, section: str, key: str) -> bool:
        return self.has_section(section) and hasattr(getattr(current(), section), key)

    def _find(self, section: str, key: str) -> Any:
        if (section, key) in self._changed:
            return _variable(section, key) or self._changed[section, key]
        if section in _HIDDEN_SECTIONS:
            return None
        if self._exists(section, key):
            return getattr(getattr(current(), section), key)
        given = _variable(section, key)
        if given is None and section == "email":  # [smtp] has examples for defaults
            return airflow_options.DEFAULTS.get((section, key))
        return given


def _default(section: str, key: str) -> tuple[bool, str | None]:
    """Whether the option, which is none of ours, has a default, and that."""
    if (section, key) in airflow_options.DEFAULTS:
        return True, airflow_options.DEFAULTS[section, key]
    return provider_packages.default_option(section, key)


def _plain(text: str) -> bool | int | float | str:
    """A text as what it reads as."""
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _boolean(value: str) -> bool:
    word = value.strip().lower()
    if word in ("true", "t", "1", "yes", "on"):
        return True
    if word in ("false", "f", "0", "no", "off"):
        return False
    raise ValueError(value)


def _split(value: str) -> list[str]:
    return [item.strip() for item in value.split(",") if item.strip()]


conf = Configuration()

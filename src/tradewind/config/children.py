"""What processes that run user code get to know: the settings and the environment, scrubbed.

The database's address, the Fernet key, the token secret and brokers' passwords stay behind.
"""

import dataclasses
import json
import os
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tradewind.config.settings import Settings

_SECRET_OPTIONS = (
    "DATABASE__URL",
    "CORE__FERNET_KEY",
    "API_AUTH__JWT_SECRET",
    "DATABASE__SQL_ALCHEMY_CONN",
    "DATABASE__SQL_ALCHEMY_CONN_ASYNC",
    "CORE__SQL_ALCHEMY_CONN",
    "API__SECRET_KEY",
    "WEBSERVER__SECRET_KEY",
    "CELERY__BROKER_URL",
    "CELERY__RESULT_BACKEND",
)
_SECRET_VARIABLES = frozenset(
    {
        f"{prefix}__{option}{suffix}"
        for prefix in ("TRADEWIND", "AIRFLOW")
        for option in _SECRET_OPTIONS
        for suffix in ("", "_CMD", "_SECRET")
    }
    | {"TRADEWIND_ADMIN_PASSWORD"}
)


def child_environ(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment for a process that runs user code."""
    return {name: value for name, value in environ.items() if name not in _SECRET_VARIABLES}


def to_json(settings: Settings) -> str:
    """The settings as JSON text, without the sensitive ones."""
    data: dict[str, Any] = {"home": str(settings.home)}
    for section in dataclasses.fields(settings):
        if section.name == "home":
            continue
        options = getattr(settings, section.name)
        data[section.name] = {
            option.name: _plain(getattr(options, option.name))
            for option in dataclasses.fields(options)
            if not option.metadata["sensitive"]
        }
    return json.dumps(data)


def from_json(text: str) -> Settings:
    """The settings that `to_json` wrote; sensitive ones are empty."""
    data = json.loads(text)
    sections = {
        name: _section(kind, data[name])
        for name, kind in typing.get_type_hints(Settings).items()
        if name != "home"
    }
    return Settings(home=Path(data["home"]), **sections)


def _section(kind: type, data: dict[str, Any]) -> Any:
    hints = typing.get_type_hints(kind)
    values = {
        option.name: ""
        if option.metadata["sensitive"]
        else Path(data[option.name])
        if hints[option.name] is Path
        else data[option.name]
        for option in dataclasses.fields(kind)
    }
    return kind(**values)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Path) else value

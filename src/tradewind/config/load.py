"""Settings from files and environment. Reads them once; nothing else reads configuration.

Rank, lowest first: defaults, airflow.cfg, tradewind.toml, AIRFLOW__*, TRADEWIND__* variables.
"""

import dataclasses
import os
import typing
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tradewind.config.children import child_environ, from_json, to_json
from tradewind.config.secrets import fernet_key, jwt_secret
from tradewind.config.settings import Settings
from tradewind.config.sources import (
    AIRFLOW,
    TRADEWIND,
    Found,
    from_airflow_cfg,
    from_environ,
    from_toml,
)
from tradewind.config.values import BadValue, read
from tradewind.model.errors import InvalidSetting

__all__ = ["airflow_cfg", "child_environ", "from_json", "load_settings", "origins", "to_json"]

SECTIONS: dict[str, type] = {
    name: kind for name, kind in typing.get_type_hints(Settings).items() if name != "home"
}
"""The class of each section, by its name."""

KNOWN = {name: [item.name for item in dataclasses.fields(kind)] for name, kind in SECTIONS.items()}
"""The options of each section."""


def load_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """All options, checked and complete. Raises InvalidSetting.

    Makes home (0700) and the keys kept in it if they are not there.
    """
    home = _make_home(environ)
    found = _winners(_search(home, environ))
    sections = {
        name: kind(**dict(_values(name, kind, found, home))) for name, kind in SECTIONS.items()
    }
    settings = Settings(home=home, **sections)
    return dataclasses.replace(
        settings,
        core=dataclasses.replace(settings.core, fernet_key=fernet_key(settings)),
        api_auth=dataclasses.replace(settings.api_auth, jwt_secret=jwt_secret(settings)),
    )


def origins(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Where each `section.key` has its value from: a file, `variable NAME`, or `default`."""
    home = _make_home(environ)
    sources = {f"{section}.{key}": "default" for section in KNOWN for key in KNOWN[section]}
    sources["core.fernet_key"] = str(home / "fernet-key")
    sources["api_auth.jwt_secret"] = str(home / "jwt-secret")
    for (section, key), item in _winners(_search(home, environ)).items():
        if item.raw != "":
            sources[f"{section}.{key}"] = item.source
    return sources


def airflow_cfg(environ: Mapping[str, str]) -> Path | None:
    """Where an airflow.cfg would be."""
    if environ.get("AIRFLOW_CONFIG"):
        return Path(environ["AIRFLOW_CONFIG"]).absolute()
    if environ.get("AIRFLOW_HOME"):
        return _expand(environ["AIRFLOW_HOME"], environ) / "airflow.cfg"
    return None


def _search(home: Path, environ: Mapping[str, str]) -> Iterator[Found]:
    cfg = airflow_cfg(environ)
    if cfg is not None:
        yield from from_airflow_cfg(cfg, KNOWN)
    yield from from_toml(home / "tradewind.toml", KNOWN)
    yield from from_environ(environ, AIRFLOW, KNOWN)
    yield from from_environ(environ, TRADEWIND, KNOWN)


def _winners(found: Iterable[Found]) -> dict[tuple[str, str], Found]:
    return {(item.section, item.key): item for item in found}


def _values(
    section: str, kind: type, found: Mapping[tuple[str, str], Found], home: Path
) -> Iterator[tuple[str, Any]]:
    hints = typing.get_type_hints(kind)
    for option in dataclasses.fields(kind):
        item = found.get((section, option.name))
        if item is None:
            yield option.name, _placed(option.name, option.default, home, home)
            continue
        try:
            value = read(option, hints[option.name], item.raw)
        except BadValue as error:
            got = "" if option.metadata["sensitive"] else f", not {item.raw!r}"
            raise InvalidSetting(
                f"{item.source}: {section}.{option.name} must be {error}{got}"
            ) from None
        yield option.name, _placed(option.name, value, home, item.folder)


def _placed(key: str, value: Any, home: Path, folder: Path) -> Any:
    """`{home}` filled in and a relative path made absolute."""
    if isinstance(value, Path):
        path = Path(str(value).replace("{home}", str(home))).expanduser()
        return Path(os.path.normpath(folder / path))
    if not isinstance(value, str):
        return value
    value = value.replace("{home}", str(home))
    prefix = "sqlite:///"
    if key == "url" and value.startswith(prefix) and value[len(prefix) :] not in ("", ":memory:"):
        return prefix + os.path.normpath(folder / value[len(prefix) :])
    return value


def _make_home(environ: Mapping[str, str]) -> Path:
    name = "TRADEWIND_HOME" if environ.get("TRADEWIND_HOME") else "AIRFLOW_HOME"
    home = _expand(environ.get(name) or "~/tradewind", environ)
    try:
        if not home.is_dir():
            home.mkdir(parents=True)
            home.chmod(0o700)
        (home / "run").mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise InvalidSetting(
            f"home {home} cannot be made ({error.strerror}); "
            "set TRADEWIND_HOME to a folder you may write to"
        ) from None
    return home


def _expand(path: str, environ: Mapping[str, str]) -> Path:
    if path == "~" or path.startswith("~/"):
        path = (environ.get("HOME") or str(Path.home())) + path[1:]
    return Path(os.path.normpath(Path(path).absolute()))

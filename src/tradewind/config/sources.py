"""Where option values are found, lowest rank first: airflow.cfg, tradewind.toml, the environment.

Each source yields Found values; which of them wins and what they mean is not decided here.
"""

import configparser
import difflib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tradewind.model.errors import InvalidSetting

AIRFLOW = "AIRFLOW__"
TRADEWIND = "TRADEWIND__"
OURS_ALONE = frozenset({"database"})
"""Sections that Airflow's files and variables never fill: its database is not ours."""

Known = Mapping[str, Iterable[str]]


@dataclass(frozen=True, slots=True)
class Found:
    """One value as it stands in its source; relative paths in it start at `folder`."""

    section: str
    key: str
    raw: Any
    source: str
    folder: Path


def from_airflow_cfg(path: Path, known: Known) -> Iterator[Found]:
    """The options we know of an airflow.cfg, if there is one; the others are none of ours."""
    if not path.is_file():
        return
    parser = configparser.RawConfigParser(strict=False, comment_prefixes=("#", ";"))
    try:
        parser.read_string(path.read_text(encoding="utf-8"), source=str(path))
    except (configparser.Error, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise InvalidSetting(f"{path}: not an airflow.cfg that can be read: {reason}") from None
    for section in parser.sections():
        if section in OURS_ALONE:
            continue
        for key in known.get(section, ()):
            raw = parser.get(section, key, fallback="").split(" #")[0].strip()
            if raw:
                raw = raw.replace("%%", "%").replace("{AIRFLOW_HOME}", str(path.parent))
                yield Found(section, key, raw, str(path), path.parent)


def from_toml(path: Path, known: Known) -> Iterator[Found]:
    """The options of tradewind.toml. Raises InvalidSetting for one that does not exist."""
    if not path.is_file():
        return
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidSetting(f"{path}: not valid TOML: {error}") from None
    for section, table in tables.items():
        if section not in known:
            raise InvalidSetting(_unknown(str(path), f"section [{section}]", section, known))
        if not isinstance(table, dict):
            raise InvalidSetting(f"{path}: {section} must be a section: write [{section}]")
        for key, raw in table.items():
            if key not in known[section]:
                raise InvalidSetting(
                    _unknown(str(path), f"option {section}.{key}", key, known[section])
                )
            yield Found(section, key, raw, str(path), path.parent)


def from_environ(environ: Mapping[str, str], prefix: str, known: Known) -> Iterator[Found]:
    """Options of PREFIX__SECTION__KEY variables; an unknown one is an error only if it is ours."""
    names = {
        f"{prefix}{section}__{key}".upper(): (section, key)
        for section, keys in known.items()
        for key in keys
        if prefix == TRADEWIND or section not in OURS_ALONE
    }
    for name in sorted(environ):
        if not name.startswith(prefix):
            continue
        if name in names:
            yield Found(*names[name], environ[name], f"variable {name}", Path.cwd())
        elif prefix == TRADEWIND:
            raise InvalidSetting(_unknown("environment", f"variable {name}", name, names))


def _unknown(source: str, what: str, word: str, candidates: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(candidates), n=1, cutoff=0.6)
    hint = f"did you mean {close[0]}?" if close else "`tradewind config list` shows all options"
    return f"{source}: there is no {what}; {hint}"

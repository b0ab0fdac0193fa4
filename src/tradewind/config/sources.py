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

RENAMED: Mapping[tuple[str, str], tuple[str, str]] = {
    ("admin", "hide_sensitive_variable_fields"): ("core", "hide_sensitive_var_conn_fields"),
    ("celery", "default_queue"): ("operators", "default_queue"),
    ("core", "base_log_folder"): ("logging", "base_log_folder"),
    ("core", "dag_concurrency"): ("core", "max_active_tasks_per_dag"),
    ("core", "logging_level"): ("logging", "logging_level"),
    ("core", "non_pooled_task_slot_count"): ("core", "default_pool_task_slot_count"),
    ("scheduler", "max_threads"): ("dag_processor", "parsing_processes"),
    ("scheduler", "min_file_process_interval"): ("dag_processor", "min_file_process_interval"),
    ("scheduler", "parsing_processes"): ("dag_processor", "parsing_processes"),
    ("webserver", "base_url"): ("api", "base_url"),
    ("webserver", "web_server_host"): ("api", "host"),
    ("webserver", "web_server_port"): ("api", "port"),
}
"""Options of 1.10 and 2.x that have another name today; read where that is not set."""

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
    places = [
        *((old, new) for old, new in RENAMED.items() if new[1] in known.get(new[0], ())),
        *(
            (place, place)
            for section in known
            for key in known[section]
            if (place := (section, key))
        ),
    ]
    for old, new in places:
        raw = parser.get(*old, fallback="").split(" #")[0].strip()
        if raw and old[0] not in OURS_ALONE:
            raw = raw.replace("%%", "%").replace("{AIRFLOW_HOME}", str(path.parent))
            yield Found(*new, raw, str(path), path.parent)


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
    if prefix == AIRFLOW:
        for old, new in RENAMED.items():
            name = f"{prefix}{old[0]}__{old[1]}".upper()
            if name in environ:
                yield Found(*new, environ[name], f"variable {name}", Path.cwd())
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

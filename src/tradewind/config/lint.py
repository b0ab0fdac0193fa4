"""What of an airflow.cfg or of AIRFLOW__* variables does not count here, and what counts instead."""

import configparser
import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tradewind.config.load import KNOWN, airflow_cfg
from tradewind.config.settings import EXECUTORS
from tradewind.config.sources import AIRFLOW, OURS_ALONE, RENAMED


@dataclass(frozen=True, slots=True)
class Remark:
    """One option that somebody set for Airflow."""

    source: str
    option: str
    remark: str


def lint(environ: Mapping[str, str]) -> Iterator[Remark]:
    """A remark for each option that is unknown here, has another name, or names what is not there."""
    path = airflow_cfg(environ)
    if path is not None and path.is_file():
        for section, key, value in _options_of(path):
            yield from _remark(str(path), section, key, value)
    for name in sorted(environ):
        section, _, key = name.removeprefix(AIRFLOW).lower().partition("__")
        if name.startswith(AIRFLOW) and key:
            yield from _remark(f"variable {name}", section, key, environ[name])


def _options_of(path: Path) -> list[tuple[str, str, str]]:
    parser = configparser.RawConfigParser(strict=False, comment_prefixes=("#", ";"))
    parser.read_string(path.read_text(encoding="utf-8"), source=str(path))
    return [
        (section, key, set_to)
        for section in parser.sections()
        for key, value in parser.items(section)
        if (set_to := value.split(" #")[0].strip())
    ]


def _remark(source: str, section: str, key: str, value: str) -> Iterator[Remark]:
    said = _said(section, key, value)
    if said is not None:
        yield Remark(source, f"{section}.{key}", said)


def _said(section: str, key: str, value: str) -> str | None:
    if section in OURS_ALONE:
        return f"not read: Tradewind's [{section}] is its own; see tradewind.toml"
    if (section, key) == ("core", "executor") and value.rpartition(".")[2] not in EXECUTORS:
        return f"{value} is not there: set {' or '.join(EXECUTORS)}; the scheduler does not start"
    if key in KNOWN.get(section, ()):
        return None
    if (section, key) in RENAMED:
        return f"renamed: {'.'.join(RENAMED[section, key])} is set by it; write that"
    if section not in KNOWN:
        return f"not read by Tradewind itself: it has no section [{section}]"
    near = difflib.get_close_matches(key, KNOWN[section], n=1, cutoff=0.8)
    return "unknown here" + (f"; did you mean {section}.{near[0]}?" if near else "")

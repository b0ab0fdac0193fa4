"""Dates written by the patterns of Unicode's locale data (`EEEE d MMMM yyyy`), in a language."""

import re
from datetime import datetime

import pendulum
from pendulum.locales.locale import Locale

_PARTS = re.compile(r"'(?:[^']|'')*'|([A-Za-z])\1*|[^A-Za-z']+")
_TOKENS = {
    "y": "YYYY", "yy": "YY", "yyy": "YYYY", "yyyy": "YYYY",
    "M": "M", "MM": "MM", "MMM": "MMM", "MMMM": "MMMM",
    "L": "M", "LL": "MM", "LLL": "MMM", "LLLL": "MMMM",
    "d": "D", "dd": "DD", "D": "DDD", "DDD": "DDDD",
    "E": "ddd", "EE": "ddd", "EEE": "ddd", "EEEE": "dddd",
    "H": "H", "HH": "HH", "h": "h", "hh": "hh", "m": "m", "mm": "mm", "s": "s", "ss": "ss",
    "S": "S", "SS": "SS", "SSS": "SSS", "a": "A", "Q": "Q", "z": "z", "Z": "ZZ",
}  # fmt: skip


def write(moment: datetime, pattern: str, locale: str | None) -> str:
    """The moment by the pattern. Raises ValueError for a letter or a language we do not know."""
    date = pendulum.instance(moment)
    language = _language(locale)
    return "".join(_part(date, part[0], language) for part in _PARTS.finditer(pattern))


def _part(date: pendulum.DateTime, part: str, language: str) -> str:
    if part.startswith("'"):
        return part[1:-1].replace("''", "'") or "'"
    if not part[0].isalpha():
        return part
    if part not in _TOKENS:
        raise ValueError(f"{part!r} in a date's pattern is none of {', '.join(_TOKENS)}")
    return str(date.format(_TOKENS[part], locale=language))


def _language(locale: str | None) -> str:
    """The nearest that pendulum has: a country's own, or its language."""
    asked = (locale or "en").replace("-", "_").lower()
    for name in (asked, asked.partition("_")[0]):
        try:
            Locale.load(name)
        except ValueError:
            continue
        return name
    raise ValueError(f"no dates are known in the language {locale!r}")

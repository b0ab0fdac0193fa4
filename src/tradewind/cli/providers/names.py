"""What a user calls a provider: `http`, `common.sql`, `amazon[s3fs]>=9`, or a whole name."""

import re

from tradewind.model.errors import UserError

PREFIX = "apache-airflow-providers-"

_REQUIREMENT = re.compile(
    r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)"
    r"(?P<rest>(?:\[[A-Za-z0-9._,-]*\])?(?:(?:,|(?<=[\w\]]))(?:===|[=!~<>]=|[<>])[^\s,;@<>=!~]+)*)"
)
_SPACED = re.compile(r"\s*([\[\],=!~<>]+)\s*")


def requirement(text: str) -> str:
    """What the installer is asked for. Raises UserError.

    A name with `airflow` in it is a distribution's own; any other is a provider's of Apache, so
    that a slip of the finger never brings some other package of the index.
    """
    found = _REQUIREMENT.fullmatch(_SPACED.sub(r"\1", text.strip()))
    if found is None:
        raise UserError(
            f"{text!r} is no provider: write a name (http, common.sql, "
            f"{PREFIX}http), then any extras and versions: 'amazon[s3fs]>=9,<10'"
        )
    return distribution(found["name"]) + found["rest"]


def distribution(name: str) -> str:
    """The whole name of a distribution, as an index spells it."""
    spelled = re.sub(r"[-_.]+", "-", name).lower()
    return spelled if "airflow" in spelled else PREFIX + spelled


def short(package_name: str) -> str:
    """The name without what all of Apache's have in common."""
    return package_name.removeprefix(PREFIX)

"""What shows that a file was written for 2.x: arguments and imports that 3.3 refuses.

Each legacy spelling reports itself here, with its line, when it is used; a DAG of a file with any
such report has profile 2 and keeps the meanings of 2.x (see `compile`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath
from typing import NamedTuple

from tradewind.authoring.libraries import is_library
from tradewind.authoring.sites import Site, call_site


class Evidence(NamedTuple):
    """One legacy spelling and where it stands."""

    site: Site
    what: str
    """Such as `passes schedule_interval to DAG`."""

    def __str__(self) -> str:
        return f"{PurePath(self.site.file).name}:{self.site.line} {self.what}"


_reports: list[Evidence] = []


def report(what: str) -> None:
    """A legacy spelling is being used by the author's innermost line; a library's says nothing."""
    evidence = Evidence(call_site(), what)
    if evidence not in _reports and not is_library(evidence.site.file):
        _reports.append(evidence)


@contextmanager
def reports_of_one_file() -> Iterator[list[Evidence]]:
    """Collect what is reported while one DAG file is executed."""
    global _reports
    outer, _reports = _reports, []
    try:
        yield _reports
    finally:
        _reports = outer


def reported_for(file: str) -> Evidence | None:
    """The first legacy spelling in `file` itself, for DAGs that were not loaded from a folder."""
    return next((item for item in _reports if item.site.file == file), None)

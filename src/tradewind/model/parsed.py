"""What reading one DAG file yields."""

from dataclasses import dataclass

from tradewind.model.commands import TimetableSaid
from tradewind.model.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedInput:
    """Something a parse depended on. `kind`: file, folder (its names), path (what is there),
    variable, variable_keys, connection, env.

    `fingerprint` tells whether it has changed: a content hash, or "" where it was absent.
    """

    kind: str
    name: str
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One state of a DAG file: everything that its DAGs are made of."""

    code_hash: str
    fileloc: str
    text: str
    """Of the DAG file itself."""
    inputs: tuple[RecordedInput, ...] = ()
    modules: tuple[tuple[str, str], ...] = ()
    """(fingerprint, text) of the project's modules that it imported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFile:
    """One DAG file as it was read. Either `error` is set or `plans` holds its DAGs."""

    fileloc: str
    """Absolute path."""
    relative_fileloc: str
    """Path below the DAGs folder."""
    plans: tuple[Plan, ...] = ()
    error: str | None = None
    """The one clear message first, then the traceback through the user's own lines."""
    code_hash: str = ""
    """Hash over all inputs."""
    source_code: str = ""
    duration_s: float = 0.0
    inputs: tuple[RecordedInput, ...] = ()
    modules: tuple[tuple[str, str], ...] = ()
    """As in Source."""
    told: tuple[TimetableSaid, ...] = ()
    """What its authors' own timetables answered to the scheduler's questions."""
    unwatchable: bool = False
    """It read something whose change we cannot see (network, clock, a subprocess)."""

    @property
    def source(self) -> Source:
        """What is kept under its code_hash."""
        return Source(
            code_hash=self.code_hash,
            fileloc=self.fileloc,
            text=self.source_code,
            inputs=self.inputs,
            modules=self.modules,
        )

"""What reading one DAG file yields."""

from dataclasses import dataclass

from tradewind.model.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedInput:
    """Something a parse depended on. `kind`: file, variable, connection, env, folder.

    `fingerprint` tells whether it has changed: a content hash, or "" where it was absent.
    """

    kind: str
    name: str
    fingerprint: str


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
    unwatchable: bool = False
    """It read something whose change we cannot see (network, clock, a subprocess)."""

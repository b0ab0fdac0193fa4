"""Events as values, and many of them in few bytes."""

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedEvent:
    """One row of the log, as far as it concerns one run or one DAG. `kind` as in `events`."""

    id: int
    at: datetime
    kind: str
    task_id: str | None
    map_index: int | None
    state: str | None
    try_number: int | None
    max_tries: int | None
    token: str | None
    due_at: datetime | None
    facts: str | None
    reason: str


FIELDS = tuple(LoggedEvent.__dataclass_fields__)
_MOMENTS = tuple(FIELDS.index(name) for name in ("at", "due_at"))


def pack(events: Sequence[LoggedEvent]) -> bytes:
    """Events in order; what two calls gave may be joined."""
    rows = [[getattr(event, name) for name in FIELDS] for event in events]
    for row in rows:
        for place in _MOMENTS:
            row[place] = None if row[place] is None else (row[place] - _EPOCH) // _MICROSECOND
    return zlib.compress(json.dumps(rows, separators=(",", ":")).encode(), 9)


def unpack(packed: bytes) -> list[LoggedEvent]:
    """What was packed."""
    found = []
    while packed:
        stream = zlib.decompressobj()
        found += [_event(row) for row in json.loads(stream.decompress(packed))]
        packed = stream.unused_data
    return found


def _event(row: list[Any]) -> LoggedEvent:
    for place in _MOMENTS:
        row[place] = None if row[place] is None else _EPOCH + row[place] * _MICROSECOND
    return LoggedEvent(**dict(zip(FIELDS, row, strict=True)))

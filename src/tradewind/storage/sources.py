"""The code of DAG files by the hash of all their inputs: what a try ran, long after it changed.

The file's text and the list of its inputs are kept by code_hash, the modules of the project that
it imported each once, by their fingerprints.
"""

from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from tradewind.model.codec import from_data, to_data
from tradewind.model.parsed import RecordedInput, Source
from tradewind.storage import statements
from tradewind.storage.tables import source, source_module

_KEEP_MODULE = statements.upsert(source_module, keep=["created_at"])


def record(conn: sa.Connection, kept: Source, now: datetime) -> None:
    """Keep one state of a file under its code_hash, if it is not there yet."""
    known = sa.select(source.c.code_hash).where(source.c.code_hash == kept.code_hash)
    if conn.execute(known).first() is not None:
        return
    conn.execute(
        sa.insert(source).values(
            code_hash=kept.code_hash,
            fileloc=kept.fileloc,
            source_code=kept.text,
            inputs=[to_data(_guarded(item)) for item in kept.inputs],
            created_at=now,
        )
    )
    rows = [
        {"fingerprint": fingerprint, "source_code": text, "created_at": now}
        for fingerprint, text in kept.modules
    ]
    _KEEP_MODULE.run(conn, rows)


def _guarded(item: RecordedInput) -> RecordedInput:
    """Of values that may be secrets only enough is kept to tell that they have changed."""
    if item.kind in ("file", "folder", "path"):
        return item
    return replace(item, fingerprint=item.fingerprint[:4])


def get(conn: sa.Connection, code_hash: str) -> str | None:
    """The text of the DAG file, or None if it is not known."""
    query = sa.select(source.c.source_code).where(source.c.code_hash == code_hash)
    text: str | None = conn.execute(query).scalar()
    return text


def whole(conn: sa.Connection, code_hash: str) -> Source | None:
    """All that is kept under a code_hash, or None if it is not known."""
    row = conn.execute(sa.select(source).where(source.c.code_hash == code_hash)).first()
    if row is None:
        return None
    inputs = tuple(from_data(RecordedInput, item) for item in row.inputs)
    modules = conn.execute(
        sa.select(source_module.c.fingerprint, source_module.c.source_code).where(
            source_module.c.fingerprint.in_({item.fingerprint for item in inputs})
        )
    )
    return Source(
        code_hash=code_hash,
        fileloc=row.fileloc,
        text=row.source_code,
        inputs=inputs,
        modules=tuple((fingerprint, text) for fingerprint, text in modules),
    )

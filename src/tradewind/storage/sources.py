"""The text of DAG files by the hash of all their inputs: what a try ran, long after it changed."""

from datetime import datetime

import sqlalchemy as sa

from tradewind.model.parsed import ParsedFile
from tradewind.storage.tables import source


def record(conn: sa.Connection, parsed: ParsedFile, now: datetime) -> None:
    """Keep a file's text under its code_hash, if it is not there yet."""
    known = sa.select(source.c.code_hash).where(source.c.code_hash == parsed.code_hash)
    if conn.execute(known).first() is None:
        conn.execute(
            sa.insert(source).values(
                code_hash=parsed.code_hash,
                fileloc=parsed.fileloc,
                source_code=parsed.source_code,
                created_at=now,
            )
        )


def get(conn: sa.Connection, code_hash: str) -> str | None:
    """The text, or None if it is not known."""
    query = sa.select(source.c.source_code).where(source.c.code_hash == code_hash)
    text: str | None = conn.execute(query).scalar()
    return text

"""Upgrades the schema of an older database with Alembic, which is imported for nothing else."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tradewind.model.errors import DatabaseNotMigrated

FOLDER = Path(__file__).parent / "migrations"


def upgrade(conn: sa.Connection, *, found: str | None, name: str) -> None:
    """Run every revision after `found`, in the caller's transaction.

    Raises DatabaseNotMigrated for a revision that is not known: a newer Tradewind made it.
    """
    from alembic import command  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = _config(conn)
    known = {item.revision for item in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise DatabaseNotMigrated(
            f"{name} has schema {found}, which this Tradewind does not know: a newer one made it"
        )
    command.upgrade(config, "head")


def head() -> str | None:
    """The last revision there is."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    return ScriptDirectory.from_config(_config(None)).get_current_head()


def _config(conn: sa.Connection | None) -> Any:
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = conn
    return config

"""Makes a fresh database from the DDL snapshot, upgrades an older one, tells whether one is fit.

Alembic is imported only where there is something to upgrade.
"""

import sqlalchemy as sa

from tradewind.model.errors import DatabaseNotMigrated, DatabaseUnavailable
from tradewind.storage import ddl, leader, migrate, pools
from tradewind.storage.database import Database

_MIGRATE = "run `tradewind db migrate`"
_ONLY_ONE_AT_A_TIME = 7203421
"""PostgreSQL's advisory lock under which schemas are made."""


def create_or_upgrade(database: Database, *, default_pool_slots: int = 128) -> str:
    """Bring the schema to the head revision; returns `created`, `upgraded` or `unchanged`.

    Makes SQLite's file and folder, default_pool and the leader row too. Raises
    DatabaseUnavailable, or DatabaseNotMigrated for a database of a newer Tradewind.
    """
    _make_file(database)
    with database.write() as conn:
        if database.dialect == "postgresql":
            conn.execute(sa.select(sa.func.pg_advisory_xact_lock(_ONLY_ONE_AT_A_TIME)))
        found = revision(conn)
        if found == ddl.HEAD:
            return "unchanged"
        if found is None:
            _create(conn, database)
        else:
            migrate.upgrade(conn, found=found, name=database.name)
        leader.create(conn)
        pools.create_default(conn, default_pool_slots)
    return "created" if found is None else "upgraded"


def check(database: Database) -> None:
    """Raise DatabaseUnavailable or DatabaseNotMigrated unless the schema is the head revision."""
    with database.read() as conn:
        found = revision(conn)
    if found is None:
        raise DatabaseNotMigrated(f"{database.name} is empty: {_MIGRATE}")
    if found != ddl.HEAD:
        raise DatabaseNotMigrated(
            f"{database.name} has schema {found}, this Tradewind needs {ddl.HEAD}: {_MIGRATE}"
        )


def revision(conn: sa.Connection) -> str | None:
    """The revision a database is stamped with, None if it has none."""
    if not sa.inspect(conn).has_table("alembic_version"):
        return None
    found: str | None = conn.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    return found


def _make_file(database: Database) -> None:
    if database.path is None:
        return
    try:
        database.path.parent.mkdir(parents=True, exist_ok=True)
        database.path.touch(mode=0o600)
    except OSError as error:
        raise DatabaseUnavailable(f"{database.path} cannot be made: {error.strerror}") from error


def _create(conn: sa.Connection, database: Database) -> None:
    strangers = sorted(set(sa.inspect(conn).get_table_names()) & {"dag", "dag_run", "xcom"})
    if strangers:
        raise DatabaseNotMigrated(
            f"{database.name} holds tables of another program ({', '.join(strangers)}): "
            "name a database of Tradewind's own"
        )
    for statement in ddl.statements(database.dialect):
        conn.exec_driver_sql(statement)

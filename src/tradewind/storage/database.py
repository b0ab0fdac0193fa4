"""One database, SQLite or PostgreSQL: transactions that write, transactions that only read.

Connections are opened when first needed and never shared with a forked child. Knows nothing of
what the tables mean.
"""

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tradewind.model.errors import DatabaseNotMigrated, DatabaseUnavailable, InvalidSetting

BUSY_TIMEOUT_S = 10.0
"""How long a SQLite transaction waits for another one to end."""
IDLE_TIMEOUT_S = 15.0
"""How long PostgreSQL lets a writer that hangs in its transaction hold its locks."""
CHECKPOINT_PAGES = 4000
"""Pages of SQLite's write-ahead log after which a commit checkpoints although nobody is idle."""


class Database:
    """Opens nothing before the first transaction. Raises InvalidSetting for a URL of no use."""

    def __init__(self, url: str) -> None:
        self.url = _parse(url)
        self.dialect = self.url.get_backend_name()
        self._engines: dict[str, sa.Engine] = {}
        self._pid = os.getpid()
        self._opening = threading.Lock()
        self._file: tuple[int, int] | None = None
        self._turn: AbstractContextManager[Any] = (
            threading.RLock() if self.is_in_memory else nullcontext()
        )

    @classmethod
    def in_memory(cls) -> "Database":
        """An empty SQLite database on one shared connection, gone when it is closed."""
        return cls("sqlite://")

    @property
    def path(self) -> Path | None:
        """SQLite's file; None in memory and on PostgreSQL."""
        if self.dialect != "sqlite" or self.is_in_memory:
            return None
        return Path(self.url.database or "")

    @property
    def is_in_memory(self) -> bool:
        return self.dialect == "sqlite" and self.url.database in (None, "", ":memory:")

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """One transaction, committed if the block ends well. On SQLite it begins IMMEDIATE, so
        waiting happens here and not in the middle.

        Raises DatabaseUnavailable or DatabaseNotMigrated.
        """
        with self._turn, self._explained():
            engine = self._engine("write")
            self._check_file()
            with engine.begin() as conn:
                yield conn

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """One transaction that cannot write and sees one moment from beginning to end. Keep it
        short: on SQLite it holds back checkpoints.

        Raises DatabaseUnavailable or DatabaseNotMigrated.
        """
        with self._turn, self._explained(), self._engine("read").begin() as conn:
            yield conn

    @contextmanager
    def raw(self) -> Iterator[Any]:
        """A reader's driver connection outside any transaction, for one cheap look."""
        with self._turn, self._explained():
            pooled = self._engine("read").raw_connection()
            try:
                yield pooled.driver_connection
            finally:
                pooled.close()

    def direct_connection(self, application_name: str) -> Any:
        """A psycopg connection of the caller's own, in autocommit, for locks and notifications.

        Raises DatabaseUnavailable.
        """
        import psycopg  # noqa: PLC0415

        with self._explained():
            return psycopg.connect(
                self.url.set(drivername="postgresql").render_as_string(hide_password=False),
                autocommit=True,
                application_name=application_name,
                connect_timeout=10,
            )

    def checkpoint(self) -> None:
        """Move SQLite's write-ahead log into its file, as far as readers allow. For idle times."""
        if self.path is None:
            return
        with self._explained():
            pooled = self._engine("write").raw_connection()
            try:
                pooled.driver_connection.execute("PRAGMA wal_checkpoint(PASSIVE)")  # type: ignore[union-attr]
            finally:
                pooled.close()

    def close(self) -> None:
        """Close every connection; a later transaction opens new ones."""
        with self._opening:
            for engine in self._engines.values():
                engine.dispose()
            self._engines.clear()

    def _engine(self, kind: str) -> sa.Engine:
        if self._pid != os.getpid():
            self._forget_the_parents()
        kind = "write" if self.is_in_memory else kind
        known = self._engines.get(kind)
        if known is not None:
            return known
        with self._opening:
            if kind not in self._engines:
                make = _sqlite_engine if self.dialect == "sqlite" else _postgresql_engine
                self._engines[kind] = make(self, readonly=kind == "read")
            return self._engines[kind]

    def _check_file(self) -> None:
        """SQLite goes on writing to a file that has been moved or removed, where nobody will ever
        find it. Raises DatabaseUnavailable instead; the next transaction opens what is there then.
        """
        if self.path is None:
            return
        found = _identity(self.path)
        if self._file is None:
            self._file = found
        elif found != self._file:
            self._file = None
            self.close()
            raise DatabaseUnavailable(f"{self.name}: its file was moved, removed or replaced")

    def _forget_the_parents(self) -> None:
        """After a fork the connections belong to the parent: drop them without closing."""
        for engine in self._engines.values():
            engine.dispose(close=False)
        self._engines = {}
        self._opening = threading.Lock()
        self._pid = os.getpid()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
            explained = self._explanation(cause)
            if explained is None:
                raise
            if isinstance(explained, DatabaseUnavailable) and self.dialect == "postgresql":
                self._discard()  # with one connection broken the others most likely are
            raise explained from error

    def _discard(self) -> None:
        """Have the next transactions open new connections."""
        for engine in list(self._engines.values()):
            engine.dispose()

    def _explanation(self, cause: BaseException | None) -> Exception | None:
        """What a driver's error means to whoever runs us; None for any other exception."""
        lines = str(cause).strip().splitlines() or [type(cause).__name__]
        if _is_undefined(cause):
            return DatabaseNotMigrated(f"{self.name}: {lines[0]}; run `tradewind db migrate`")
        if _is_unavailable(cause):
            return DatabaseUnavailable(f"{self.name}: {lines[0]}")
        return None

    @property
    def name(self) -> str:
        """What messages call it: no password."""
        return self.url.render_as_string(hide_password=True)


def _is_undefined(cause: BaseException | None) -> bool:
    """A table or column that is not there."""
    if isinstance(cause, sqlite3.OperationalError):
        return str(cause).startswith(("no such table", "no such column"))
    return getattr(cause, "sqlstate", None) in ("42P01", "42703")


def _identity(path: Path) -> tuple[int, int] | None:
    """What tells one file from another of the same name; None if there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


_AWAY = ("08", "25006", "25P03", "53", "57", "58")
"""Beginnings of PostgreSQL's codes for a lost connection, a server that is a standby now, an idle
writer thrown out, lacking resources, a shutdown, a failing disk."""


def _is_unavailable(cause: BaseException | None) -> bool:
    """A server that is away, a lock held too long, a full disk, a damaged file. Drivers call this
    OperationalError, each its own; SQLite has DatabaseError itself for damage.
    """
    names = [cls.__name__ for cls in type(cause).__mro__]
    return (
        "OperationalError" in names
        or str(getattr(cause, "sqlstate", None) or "").startswith(_AWAY)
        or ("is closed" in str(cause) and "InterfaceError" in names)
        or type(cause) is sqlite3.DatabaseError
        or isinstance(cause, sa.exc.TimeoutError)
    )


def _parse(text: str) -> sa.URL:
    try:
        url = sa.make_url(text)
    except sa.exc.ArgumentError as error:
        raise InvalidSetting(
            "database.url is not a URL: sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME"
        ) from error
    backend = url.drivername.partition("+")[0]
    if backend == "sqlite":
        return url.set(drivername="sqlite")
    if backend in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    raise InvalidSetting(
        f"database.url names {backend!r}: sqlite:///PATH and postgresql://... can be used"
    )


def _sqlite_engine(database: Database, *, readonly: bool) -> sa.Engine:
    path = database.path
    engine = sa.create_engine(
        "sqlite://",
        creator=_sqlite_opener(path, readonly=readonly),
        poolclass=sa.pool.StaticPool if path is None else sa.pool.QueuePool,
        **({} if path is None else {"pool_size": 4, "max_overflow": 60}),
        pool_reset_on_return=None,
    )
    begin = "BEGIN" if readonly else "BEGIN IMMEDIATE"

    @sa.event.listens_for(engine, "begin")
    def _begin(conn: sa.Connection) -> None:
        conn.connection.driver_connection.execute(begin)  # type: ignore[union-attr]

    return engine


def _sqlite_opener(path: Path | None, *, readonly: bool) -> Callable[[], sqlite3.Connection]:
    def connect() -> sqlite3.Connection:
        if path is None:
            where = ":memory:"
        elif path.exists():
            where = f"{path.absolute().as_uri()}?mode=rw"
        else:
            raise DatabaseNotMigrated(f"there is no database {path}: run `tradewind db migrate`")
        opened = sqlite3.connect(
            where,
            uri=path is not None,
            timeout=BUSY_TIMEOUT_S,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=512,
        )
        if path is not None:
            opened.execute("PRAGMA journal_mode = WAL")
            opened.execute("PRAGMA synchronous = FULL")
            opened.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        if readonly:
            opened.execute("PRAGMA query_only = ON")
        return opened

    return connect


def _postgresql_engine(database: Database, *, readonly: bool) -> sa.Engine:
    settings = {"timezone": "UTC"}
    if readonly:
        settings["default_transaction_read_only"] = "on"
        settings["default_transaction_isolation"] = r"repeatable\ read"
    else:
        settings["idle_in_transaction_session_timeout"] = str(int(IDLE_TIMEOUT_S * 1000))
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    try:
        return sa.create_engine(
            database.url,
            connect_args={"options": options, "connect_timeout": 10},
            pool_size=4,
            max_overflow=60,
            pool_pre_ping=False,
        )
    except ModuleNotFoundError as error:
        raise InvalidSetting(
            "database.url is PostgreSQL's: pip install 'tradewind[postgres]' for its driver"
        ) from error

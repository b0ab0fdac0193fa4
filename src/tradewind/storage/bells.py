"""Bells: how one process tells another that there is something to look at in the database.

A ring says "look", never what: whoever misses one finds the same rows later. On PostgreSQL a ring
is NOTIFY; on SQLite a datagram to each socket that table `bell` names.
"""

import contextlib
import hashlib
import logging
import os
import socket
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa

from tradewind.model.errors import DatabaseUnavailable
from tradewind.storage.database import Database
from tradewind.storage.tables import bell

log = logging.getLogger(__name__)

TOPICS = ("scheduler", "answers", "changes", "triggers", "timetables")
"""What the scheduler looks for; a Variable or Connection; what the scheduler has committed; what of
that triggerers look for; what of it the DAG processor does."""
_CHANNEL = "tradewind_"
_PREFIX = "bell-"
"""Of the sockets' names."""
_LONGEST_ADDRESS = 100
"""Bytes of a path that surely fit into a socket address."""
_MAYBE_FULL = 8
"""Datagrams a socket surely holds; after as many, further ones may have been dropped."""


class Bell(Protocol):
    """A listener. Wait until `fileno` is readable, then drain."""

    payloads: dict[str, str]
    """What came with the last ring of each topic."""

    def fileno(self) -> int:
        """The descriptor to wait on; ask again after each drain, it may change."""

    def drain(self) -> list[str]:
        """The topics rung since the last call, without waiting; all of them if rings may have
        been lost. Raises DatabaseUnavailable if it cannot hear any more.
        """

    def close(self) -> None:
        """Stop listening."""


def ring(database: Database, topic: str, payload: str = "") -> None:
    """Wake everybody who listens to a topic. Call it after the commit there is to see."""
    if database.dialect == "postgresql":
        with database.raw() as connection, connection.pipeline():  # one round trip
            connection.execute("SELECT pg_notify(%s, %s)", (_CHANNEL + topic, payload))
            connection.commit()
        return
    with database.raw() as connection:
        found = connection.execute("SELECT address FROM bell WHERE topic = ?", (topic,)).fetchall()
    if not found:
        return
    message = f"{topic}\n{payload}".encode()
    gone = [address for (address,) in found if not _send(address, message)]
    if gone:
        with database.write() as conn:
            conn.execute(sa.delete(bell).where(bell.c.address.in_(gone)))


def listen(database: Database, topics: Collection[str], owner: str, run_folder: Path) -> Bell:
    """Begin to listen; what is rung from now on is heard. `owner` says who, for people."""
    if database.dialect == "postgresql":
        return _NotifyBell(database, topics, owner)
    return _SocketBell(database, topics, owner, run_folder)


class _SocketBell:
    """A datagram socket under a short name in the run folder, its address in table `bell`."""

    def __init__(
        self, database: Database, topics: Collection[str], owner: str, run_folder: Path
    ) -> None:
        self.payloads: dict[str, str] = {}
        self._database = database
        self._topics = tuple(topics)
        run_folder.mkdir(parents=True, exist_ok=True)
        _sweep(run_folder)
        self._path = run_folder.absolute() / _short_name(owner)
        self._path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        try:
            with _reachable(str(self._path)) as address:
                self._socket.bind(address)
            self._say_where_it_is(owner)
        except BaseException:
            self._socket.close()
            raise

    def _say_where_it_is(self, owner: str) -> None:
        row = {"address": str(self._path), "owner": owner}
        with self._database.write() as conn:
            conn.execute(sa.delete(bell).where(bell.c.address == str(self._path)))
            conn.execute(sa.insert(bell), [{**row, "topic": topic} for topic in self._topics])

    def fileno(self) -> int:
        return self._socket.fileno()

    def drain(self) -> list[str]:
        rung: dict[str, None] = {}
        count = 0
        with contextlib.suppress(BlockingIOError):
            while True:
                topic, _, payload = self._socket.recv(65536).decode().partition("\n")
                rung[topic] = None
                self.payloads[topic] = payload
                count += 1
        return list(self._topics if count >= _MAYBE_FULL else rung)

    def close(self) -> None:
        if self._socket.fileno() < 0:
            return
        self._socket.close()
        self._path.unlink(missing_ok=True)
        with contextlib.suppress(DatabaseUnavailable), self._database.write() as conn:
            conn.execute(sa.delete(bell).where(bell.c.address == str(self._path)))


def _sweep(run_folder: Path) -> None:
    """Remove the sockets of listeners that died without closing them."""
    for path in run_folder.absolute().glob(f"{_PREFIX}*"):
        if path.is_socket() and _is_deaf(str(path)):
            path.unlink(missing_ok=True)


def _is_deaf(address: str) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as caller:
        try:
            with _reachable(address) as reachable:
                caller.connect(reachable)
        except ConnectionRefusedError:
            return True
        except OSError as error:
            log.debug("could not tell whether anybody listens at %s: %s", address, error)
        return False


class _NotifyBell:
    """LISTEN on a connection of its own, opened anew when it breaks."""

    def __init__(self, database: Database, topics: Collection[str], owner: str) -> None:
        self.payloads: dict[str, str] = {}
        self._database = database
        self._topics = tuple(topics)
        self._owner = owner
        self._connection = self._open()

    def fileno(self) -> int:
        return int(self._connection.fileno())

    def drain(self) -> list[str]:
        rung: dict[str, None] = {}
        try:
            self._connection.pgconn.consume_input()
            while (notice := self._connection.pgconn.notifies()) is not None:
                topic = notice.relname.decode().removeprefix(_CHANNEL)
                rung[topic] = None
                self.payloads[topic] = notice.extra.decode()
        except _broken_connection():
            log.warning("the connection that listens for notifications broke; opening another")
            self._connection.close()
            self._connection = self._open()
            return list(self._topics)
        return list(rung)

    def close(self) -> None:
        self._connection.close()

    def _open(self) -> Any:
        connection = self._database.direct_connection(f"tradewind {self._owner}")
        for topic in self._topics:
            connection.execute(f'LISTEN "{_CHANNEL}{topic}"')
        return connection


def _broken_connection() -> type[Exception]:
    import psycopg  # noqa: PLC0415

    return psycopg.OperationalError


def _short_name(owner: str) -> str:
    unique = f"{owner} {os.getpid()} {os.urandom(8).hex()}"
    return f"{_PREFIX}{hashlib.sha256(unique.encode()).hexdigest()[:12]}"


def _send(address: str, message: bytes) -> bool:
    """False if nobody can be there any more. A full socket is left alone: it has been rung."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sender:
        try:
            with _reachable(address) as reachable:
                sender.sendto(message, reachable)
        except (ConnectionRefusedError, FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            log.debug("could not ring %s: %s", address, error)
        return True


@contextmanager
def _reachable(address: str) -> Iterator[str]:
    """The address, or a short one for a path too long for a socket, good within the block."""
    if len(os.fsencode(address)) <= _LONGEST_ADDRESS:
        yield address
        return
    folder, name = os.path.split(address)
    descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{descriptor}/{name}"
    finally:
        os.close(descriptor)

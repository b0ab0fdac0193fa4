"""The scheduler's surroundings: the real `LocalExecutor` over a played wire, a bell, a database that
fails when it is told to."""

import os
import select
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from tests.simulation.violation import Crash
from tests.simulation.wires import Wire
from tradewind.executors.local import LocalExecutor
from tradewind.executors.protocol import Question
from tradewind.model.attempts import Attempt
from tradewind.model.events import Event
from tradewind.model.states import TaskState
from tradewind.storage.database import Database

if TYPE_CHECKING:
    from tests.simulation.world import World


class Readiness:
    """Stands where an executor's epoll would: watched by the simulation itself."""

    def register(self, *watched: Any) -> None: ...

    def unregister(self, *watched: Any) -> None: ...

    def close(self) -> None: ...

    def fileno(self) -> int:
        return -1


class PlayedExecutor(LocalExecutor):
    """The real one, except for how it gets its socket, and for what the network does to it."""

    def __init__(self, world: "World", slots: int) -> None:
        super().__init__(world.machine.settings)
        self.slots = slots
        self._world = world
        self.wires: list[Wire] = []

    def start(self, epoch: int = 0) -> None:
        self._epoch = epoch
        self._bell = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._readiness = Readiness()  # type: ignore[assignment]
        self._connect()

    def is_readable(self) -> bool:
        """Whether `receive` has something."""
        wire = self._wire
        return bool(
            (wire is not None and wire.is_readable)
            or select.select([self._bell], [], [], 0)[0]
            or self._world.network.late
        )

    @property
    def _wire(self) -> Wire | None:
        found: Any = None if self._channel is None else self._channel.socket
        return found

    def _knock(self) -> Any:
        if not self._world.faults.may_connect():
            return None
        wire = self._world.machine.connect()
        self.wires.append(wire)
        return wire

    def receive(self) -> list[Event | Question]:
        return self._world.network.garble(super().receive())

    def dispatch(self, attempt: Attempt) -> None:
        self._world.dispatched(attempt)
        for _ in range(self._world.network.copies()):
            super().dispatch(attempt)

    def kill(self, token: str, reason: str) -> None:
        for _ in range(self._world.network.copies()):
            super().kill(token, reason)

    def acknowledge(self, token: str, state: TaskState) -> None:
        self._world.acknowledged(token, state)
        for _ in range(self._world.network.copies()):
            super().acknowledge(token, state)

    def flush(self) -> None:
        if not self._orders:
            return
        faults, orders = self._world.faults, self._orders
        some = self._world.rng.randrange(len(orders) + 1)
        if faults.chance("crash between orders"):
            self._orders = orders[:some]
            super().flush()
            raise Crash
        if faults.chance("connection lost between orders"):
            self._orders = orders[:some]
            super().flush()
            self._world.cut_connection()
            self._orders = orders[some:]
        super().flush()
        self._world.meanwhile(0.1)

    def stop(self, kill_tasks: bool) -> None:
        is_connected = self._channel is not None
        super().stop(kill_tasks)
        if is_connected:
            self._bell = -1

    def die(self) -> None:
        """Its process is gone: the kernel closes what it had open."""
        wire = self._wire
        if wire is not None:
            wire.close()
            self._channel = None
        if self._bell >= 0:
            os.close(self._bell)
            self._bell = -1


class PlayedBell:
    """The scheduler's ear: rung without a socket."""

    def __init__(self) -> None:
        self.payloads: dict[str, str] = {}
        self.is_rung = False

    def fileno(self) -> int:
        return -1

    def drain(self) -> list[str]:
        was_rung, self.is_rung = self.is_rung, False
        return ["scheduler"] if was_rung else []

    def close(self) -> None: ...


class FailingDatabase(Database):
    """The real one, failing and crashing where it is told to."""

    world: "World"

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        self.world.faults.may_use_database()
        self.world.faults.before_transaction()
        self.world.begins_transaction()
        with super().write() as conn:
            yield conn
            self.world.faults.before_commit()
        self.world.committed()
        self.world.faults.after_commit()

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        self.world.faults.may_use_database()
        with super().read() as conn:
            yield conn

    @contextmanager
    def raw(self) -> Iterator[Any]:
        self.world.faults.may_use_database()
        with super().raw() as conn:
            yield conn

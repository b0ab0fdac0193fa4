"""Keeps a scheduler turning in the background, whenever its bell rings."""

import os
from datetime import timedelta
from multiprocessing.connection import wait
from threading import RLock, Thread
from types import TracebackType
from typing import Any, Self

from tests.patience import PATIENCE_S
from tests.scheduler.harness import Ship
from tradewind.model.attempts import Result
from tradewind.model.commands import Command
from tradewind.model.plan import Plan


class Crew:
    """What the test does to the ship goes through here, so that the thread is not in its way."""

    def __init__(self, ship: Ship) -> None:
        self.ship = ship
        self._lock = RLock()
        self._read, self._write = os.pipe()
        self._thread = Thread(target=self._work)
        self._failure: BaseException | None = None

    def __enter__(self) -> Self:
        self.ship.settle()
        self.ship.scheduler.heartbeat.beat(None)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.rest()
        if self._failure is not None and error is None:
            raise self._failure

    def rest(self) -> None:
        """Stop turning: commands are no longer answered."""
        if self._thread.is_alive():
            os.write(self._write, b"x")
            self._thread.join(PATIENCE_S)
            assert not self._thread.is_alive()

    def load(self, *plans: Plan) -> None:
        with self._lock:
            self.ship.load(*plans)
            self.ship.settle()

    def runs(self, task_id: str, result: Result = Result.SUCCESS, **facts: Any) -> None:
        """Have the waiting attempt of a task run to its end."""
        with self._lock:
            self.ship.executor.runs(task_id, result, **facts)
            self.ship.settle()

    def starts(self, task_id: str) -> None:
        with self._lock:
            self.ship.executor.starts(task_id)
            self.ship.settle()

    def ends(self, task_id: str, result: Result, **facts: Any) -> None:
        with self._lock:
            self.ship.executor.ends(task_id, result, **facts)
            self.ship.settle()

    def command(self, command: Command) -> None:
        """Have a command carried out."""
        with self._lock:
            command_id = self.ship.command(command)
            self.ship.settle()
            assert self.ship.outcome(command_id).applied

    def wait_a_minute(self) -> None:
        with self._lock:
            self.ship.clock.move_to(self.ship.clock.now() + timedelta(minutes=1))
            self.ship.settle()

    def _work(self) -> None:
        try:
            while True:
                ready = wait([self.ship.bell, self._read])
                if self._read in ready:
                    return
                with self._lock:
                    self.ship.settle()
        except BaseException as error:
            self._failure = error

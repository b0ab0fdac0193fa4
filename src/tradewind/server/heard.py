"""Hearing the scheduler's bell: one listener for all requests of this process."""

import logging
import os
import select
from pathlib import Path
from threading import Condition, Thread

from tradewind.model.errors import TradewindError
from tradewind.storage import bells
from tradewind.storage.database import Database

log = logging.getLogger(__name__)

_TRY_AGAIN_S = 1.0


class ChangesHeard:
    """Counts the bell `changes`. Before `start` and after `stop` it hears nothing."""

    def __init__(self, database: Database, *, owner: str, run_folder: Path) -> None:
        self._database = database
        self._owner = owner
        self._run_folder = run_folder
        self._rung = Condition()
        self._count = 0
        self._is_over = False
        self._thread: Thread | None = None
        self._stop_reader, self._stop_writer = -1, -1

    @property
    def count(self) -> int:
        """How often the bell has rung."""
        return self._count

    @property
    def is_over(self) -> bool:
        """True once `give_up` was called: whoever waits should not."""
        return self._is_over

    def give_up(self) -> None:
        """Wake everybody who waits, for good: the process is about to end."""
        with self._rung:
            self._is_over = True
            self._rung.notify_all()

    def wait_beyond(self, count: int, timeout_s: float) -> int:
        """Wait until the bell has rung more than `count` times, at most `timeout_s`: the count."""
        with self._rung:
            self._rung.wait_for(lambda: self._is_over or self._count > count, timeout_s)
            return self._count

    def start(self) -> None:
        """Begin to listen. While there is no bell, waiting falls back to its timeout."""
        self._stop_reader, self._stop_writer = os.pipe()
        self._thread = Thread(target=self._run, name="changes", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End listening and take the bell away."""
        if self._thread is None:
            return
        os.close(self._stop_writer)
        self._thread.join()
        os.close(self._stop_reader)
        self._thread = None

    def _run(self) -> None:
        while not self._is_stopped(0.0):
            try:
                bell = bells.listen(self._database, ["changes"], self._owner, self._run_folder)
                try:
                    self._listen(bell)
                finally:
                    bell.close()
            except (TradewindError, OSError) as error:
                log.warning("cannot hear the scheduler's bell, polling meanwhile: %s", error)
                self._is_stopped(_TRY_AGAIN_S)

    def _listen(self, bell: bells.Bell) -> None:
        while True:
            ready, _, _ = select.select([bell.fileno(), self._stop_reader], [], [])
            if self._stop_reader in ready:
                return
            bell.drain()
            with self._rung:
                self._count += 1
                self._rung.notify_all()

    def _is_stopped(self, within_s: float) -> bool:
        return bool(select.select([self._stop_reader], [], [], within_s)[0])

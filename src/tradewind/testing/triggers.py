"""Runs triggers in this process, beside the tasks: all on one event loop, in a thread of its own, so
that it works where another loop runs already (a notebook, an asynchronous test).
"""

import asyncio
import logging
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tradewind.authoring import configuration
from tradewind.model.deferral import Deferral, Word
from tradewind.model.keys import TaskKey
from tradewind.runtime.protocol import CancelTrigger, RunTrigger, TriggerSpoke
from tradewind.runtime.trigger_runner import TriggerRunner

log = logging.getLogger("trigger")

END_WITHIN_S = 10.0
"""A trigger that blocks its thread longer than that is left behind."""


class Triggers:
    """What the deferred tasks of a test wait for."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._runner: TriggerRunner | None = None
        self._spoken: queue.SimpleQueue[TriggerSpoke] = queue.SimpleQueue()
        self._running: dict[TaskKey, str] = {}

    @property
    def are_running(self) -> bool:
        """Whether there is one that has not had its say."""
        return bool(self._running)

    def begin(self, name: str, key: TaskKey, try_number: int, deferral: Deferral) -> None:
        """Run a trigger until it says something."""
        assert deferral.classpath is not None
        loop, runner = self._begun()
        self._running[key] = name
        log.info("Running the trigger %s in place", deferral.classpath)
        order = RunTrigger(name, key, try_number, deferral.classpath, deferral.kwargs, log="")
        loop.call_soon_threadsafe(runner.run, order)

    def end(self, key: TaskKey) -> None:
        """Nobody waits any more for what a task instance waited for."""
        name = self._running.pop(key, None)
        if name is not None and self._loop is not None and self._runner is not None:
            self._loop.call_soon_threadsafe(self._runner.cancel, CancelTrigger(name, by_user=False))

    def wait(self, limit_s: float | None) -> tuple[TaskKey, str, Word] | None:
        """Who waited for what, and the first word of it that comes; None if none came in time."""
        try:
            spoke = self._spoken.get(timeout=limit_s)
        except queue.Empty:
            return None
        for key, name in self._running.items():
            if name == spoke.trigger:
                del self._running[key]
                return key, name, spoke.word
        return None

    def close(self) -> None:
        """End all of them, and the thread."""
        if self._loop is None or self._thread is None:
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(END_WITHIN_S)
        if self._thread.is_alive():
            log.warning("a trigger blocks its thread and is left behind")

    def _begun(self) -> tuple[asyncio.AbstractEventLoop, TriggerRunner]:
        if self._loop is None or self._runner is None:
            self._loop = asyncio.new_event_loop()
            on_kill_timeout_s = configuration.current().triggerer.on_kill_timeout
            self._runner = TriggerRunner(self._spoken.put, on_kill_timeout_s)
            self._thread = threading.Thread(
                target=_serve, args=(self._loop, self._runner), name="triggers", daemon=True
            )
            self._thread.start()
        return self._loop, self._runner


@contextmanager
def triggers() -> Iterator[Triggers]:
    """Triggers that are ended with the `with`."""
    there = Triggers()
    try:
        yield there
    finally:
        there.close()


def _serve(loop: asyncio.AbstractEventLoop, runner: TriggerRunner) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        runner.close(loop)
        loop.run_until_complete(loop.shutdown_default_executor())
    finally:
        loop.close()

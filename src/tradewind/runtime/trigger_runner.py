"""Runs triggers, all on one event loop, and says what each has to say.

User code: it knows no database, and of the world only the socket to its triggerer.
"""

import asyncio
import importlib
import logging
import os
import traceback
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from types import ModuleType

from tradewind.authoring import serde
from tradewind.authoring.triggers import BaseTrigger
from tradewind.model.deferral import Word, number_of
from tradewind.model.keys import TaskKey
from tradewind.runtime.deferring import word_of
from tradewind.runtime.logs import TaskLog, last_line, open_log
from tradewind.runtime.protocol import CancelTrigger, RunTrigger, TriggerSpoke

log = logging.getLogger("trigger")

_log_path: ContextVar[str | None] = ContextVar("log_path", default=None)


class TriggerLog(TaskLog):
    """Writes what a trigger logs to the log of the try that waits for it."""

    def write_bytes(self, data: bytes) -> None:
        path = _log_path.get()
        if path is None:
            super().write_bytes(data)
            return
        with suppress(OSError):  # a full disk must not fail the trigger
            handle = open_log(path)
            try:
                os.write(handle, data)
            finally:
                os.close(handle)


@dataclass(frozen=True, slots=True)
class WaitingTask:
    """What a trigger may know of the task that waits for it."""

    dag_id: str
    run_id: str
    task_id: str
    map_index: int
    try_number: int

    @classmethod
    def of(cls, key: TaskKey, try_number: int) -> "WaitingTask":
        return cls(*key, try_number)


class TriggerRunner:
    """The triggers of one process."""

    def __init__(self, say: Callable[[TriggerSpoke], None], on_kill_timeout_s: float) -> None:
        self._say = say
        self._on_kill_timeout_s = on_kill_timeout_s
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._killed: set[str] = set()

    def run(self, order: RunTrigger) -> None:
        """Begin to run a trigger."""
        key = order.key
        name = f"{key.dag_id}.{key.task_id} {key.run_id} {key.map_index} try {order.try_number}"
        task = asyncio.create_task(self._run(order), name=name)
        self._tasks[order.trigger] = task
        task.add_done_callback(lambda _: self._tasks.pop(order.trigger, None))

    def cancel(self, order: CancelTrigger) -> None:
        """End a trigger, if it is still there."""
        task = self._tasks.get(order.trigger)
        if task is not None:
            if order.by_user:
                self._killed.add(order.trigger)
            task.cancel()

    def close(self, loop: asyncio.AbstractEventLoop) -> None:
        """End all of them; others will run them, so none is told that it was killed."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))

    async def _run(self, order: RunTrigger) -> None:
        _log_path.set(order.log)
        try:
            if not await self._listen(_make(order), order):
                log.error("The trigger ended without an event: its task fails")
                self._say(TriggerSpoke(order.trigger, Word(failure=())))
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # sys.exit() must not end all other triggers
            log.error("The trigger failed: %s", last_line(error), exc_info=error)
            failure = tuple(traceback.format_exception(error))
            self._say(TriggerSpoke(order.trigger, Word(failure=failure)))

    async def _listen(self, trigger: BaseTrigger, order: RunTrigger) -> bool:
        """Say the trigger's first event as soon as it comes; whether there was one."""
        has_spoken = False
        try:
            async for event in trigger.run():
                if not has_spoken:  # nobody waits for another
                    word = word_of(event)
                    log.info("The trigger fired: %r", event)
                    self._say(TriggerSpoke(order.trigger, word))
                    has_spoken = True
        except asyncio.CancelledError:
            if order.trigger in self._killed and not has_spoken:
                await self._call_on_kill(trigger)
            raise
        finally:
            self._killed.discard(order.trigger)
            try:
                await trigger.cleanup()
            except Exception:
                log.exception("cleanup of the trigger failed")
        return has_spoken

    async def _call_on_kill(self, trigger: BaseTrigger) -> None:
        try:
            await asyncio.wait_for(trigger.on_kill(), self._on_kill_timeout_s)
        except Exception:
            log.exception("on_kill of the trigger failed")


_STANDARD = "airflow.providers.standard."


def _module(name: str) -> ModuleType:
    """The module of a trigger; of those shipped with us also where nothing has that name."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if not name.startswith(_STANDARD) or error.name not in ("airflow", "airflow.providers"):
            raise
        ours = name.removeprefix(_STANDARD)
        return importlib.import_module(f"tradewind.integrations.standard.{ours}")


def _make(order: RunTrigger) -> BaseTrigger:
    module, _, name = order.classpath.rpartition(".")
    kind = getattr(_module(module), name)
    trigger: BaseTrigger = kind(**serde.deserialize(order.kwargs))
    trigger.trigger_id = number_of(order.trigger)
    trigger.task_instance = WaitingTask.of(order.key, order.try_number)
    return trigger

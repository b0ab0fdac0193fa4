"""How a running task is stopped from within its process: its time is up, or SIGTERM comes."""

import contextlib
import logging
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

from tradewind.authoring.errors import AirflowTaskTerminated, AirflowTaskTimeout
from tradewind.authoring.operator import BaseOperator
from tradewind.runtime.postponement import call_or_postpone

log = logging.getLogger("task")


@contextlib.contextmanager
def interruptible(task: BaseOperator) -> Iterator[None]:
    """While the task executes: its alarm raises AirflowTaskTimeout in it, SIGTERM
    AirflowTaskTerminated; `on_kill` is called before either."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals belong to the main thread: this is somebody's test
        return
    with _handler(signal.SIGTERM, lambda: _terminate(task)):
        if task.execution_timeout is None:
            yield
            return
        seconds = task.execution_timeout.total_seconds()
        with _handler(signal.SIGALRM, lambda: _time_out(task, seconds)):
            signal.setitimer(signal.ITIMER_REAL, max(seconds, 1e-6))
            try:
                yield
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)


def _terminate(task: BaseOperator) -> None:
    _call_on_kill(task)
    raise AirflowTaskTerminated("terminated by SIGTERM")


def _time_out(task: BaseOperator, seconds: float) -> None:
    _call_on_kill(task)
    raise AirflowTaskTimeout(f"execution_timeout of {seconds:g} s")


def _call_on_kill(task: BaseOperator) -> None:
    try:
        task.on_kill()
    except Exception:
        log.exception("on_kill of %s failed", task.task_id)


@contextlib.contextmanager
def _handler(number: int, call: Callable[[], None]) -> Iterator[None]:
    def handle(_number: int, _frame: FrameType | None) -> Any:
        call_or_postpone(call)

    before = signal.signal(number, handle)
    try:
        yield
    finally:
        signal.signal(number, before)

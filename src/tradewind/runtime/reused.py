"""A worker: a process that makes many attempts of one DAG file, one after another. For isolation
`reuse`.

It is a fork of the file's zygote. Between two tasks it puts back what a task can change about its
process; where that cannot be done, it leaves, and its supervisor hires another.
"""

import os
import socket
from typing import NoReturn

from tradewind.authoring.errors import AirflowTaskTerminated, AirflowTaskTimeout
from tradewind.config.settings import Settings
from tradewind.runtime import callbacks, task_process
from tradewind.runtime.channel import Channel
from tradewind.runtime.client import TaskHost
from tradewind.runtime.execution import Ran
from tradewind.runtime.forked import Prepared, reseed
from tradewind.runtime.leftovers import mark_process
from tradewind.runtime.logs import LOG, finish_output
from tradewind.runtime.process_name import set_process_name
from tradewind.runtime.protocol import Begin, Declined, Freed, Message
from tradewind.runtime.surroundings import Surroundings, rss_kib
from tradewind.runtime.usage import Usage
from tradewind.runtime.user_code import UserCode

WEIGHED_EVERY = 16
"""Attempts between two looks at how much memory has been taken."""


def become_worker(
    control: socket.socket, settings: Settings, code: UserCode, file: str
) -> NoReturn:
    """Make attempts until the supervisor has no more."""
    exit_code = 1
    try:
        os.setpgid(0, 0)
        worker = Worker(Channel(control), settings, code, file)
        while (begin := worker.next()) is not None and worker.make(begin):
            pass
        exit_code = 0
    except BaseException as error:
        LOG.failure("a worker broke down", error)
    finally:
        finish_output()
        os._exit(exit_code)


class Worker:
    """The state of the process between its attempts."""

    def __init__(self, channel: Channel, settings: Settings, code: UserCode, file: str) -> None:
        self._channel = channel
        self._settings = settings
        self._code = code
        self._idle_name = f"worker {file}"
        self._own_output = os.dup(2)
        self._surroundings = Surroundings()
        self._made = 0
        self._rss_kib = rss_kib()
        set_process_name(self._idle_name)

    def next(self) -> Begin | None:
        """The next order; None when there will be none."""
        message = self._channel.receive()
        while message is not None and not isinstance(message, Begin):
            message = self._channel.receive()  # an answer that came too late
        return message

    def make(self, begin: Begin) -> bool:
        """Make one attempt; whether there may be another."""
        if (changed := self._code.first_changed()) is not None:
            self._channel.send(Declined(begin.attempt.token, f"{changed.name} has changed"))
            return False
        forget_peak()
        before = Usage.now()
        prepared = Prepared.of(begin)
        reseed()
        set_process_name(prepared.name)
        mark_process(begin.mark)
        if prepared.log is not None:
            LOG.point_at(prepared.log)
        token = begin.attempt.token
        host = TaskHost(token, self._channel, LOG.mask)
        ran = task_process.perform(begin, self._channel, host, self._code, before)
        finish_output()
        end = task_process.end_of(begin, ran)
        first: tuple[Message, ...] = (end,)
        if callbacks.are_wanted(ran):
            self._channel.send(end)
            task_process.run_callbacks(ran, self._channel, host)
            first = ()
        used = Usage.now()
        leaves = self._tidy(ran, used, prepared)
        self._channel.send(*first, Freed(token, used.cpu_s, leaves))
        return not leaves

    def _tidy(self, ran: Ran, used: Usage, prepared: Prepared) -> bool:
        """Be as before the attempt; whether that cannot be."""
        self._made += 1
        finish_output()
        reason = self._surroundings.restore() or self._why_it_is_enough(ran, used)
        if reason is not None:
            LOG.write("info", "tradewind.worker", f"This process makes no other task: {reason}")
        LOG.point_at(self._own_output)
        prepared.close()
        set_process_name(self._idle_name)
        return reason is not None

    def _why_it_is_enough(self, ran: Ran, used: Usage) -> str | None:
        core = self._settings.core
        if isinstance(ran.error, AirflowTaskTerminated | AirflowTaskTimeout):
            return "its task was interrupted"
        if used.programs_peak_kib > used.peak_kib:  # and would be taken for that of later ones
            return "a program of its task has held more memory than it has"
        if 0 < core.reuse_max_tasks <= self._made:
            return f"it has made {self._made}"
        if core.reuse_max_growth and self._made % WEIGHED_EVERY == 0:
            grown_mib = (rss_kib() - self._rss_kib) >> 10
            if grown_mib > core.reuse_max_growth:
                return f"it has grown by {grown_mib} MiB"
        return None


def forget_peak() -> None:
    """Have the kernel count this process's peak memory from now on."""
    handle = os.open("/proc/self/clear_refs", os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(handle, b"5")
    finally:
        os.close(handle)

"""A warm process that forks task processes: `python -m tradewind.runtime.zygote SETTINGS PARENT`.

The base zygote is started by exec from the supervisor, with its control socket as descriptor 3
and nothing else; it imports what tasks need. A file zygote is a fork of it that has loaded one DAG
file. It has one thread and never runs a task itself.
"""

import contextlib
import gc
import os
import select
import signal
import socket
import sys
from collections import deque
from pathlib import Path
from typing import NoReturn

from tradewind.authoring import configuration
from tradewind.authoring.asked import question_of
from tradewind.config.children import from_json
from tradewind.config.settings import Settings
from tradewind.runtime.channel import CHUNK_BYTES, Channel, LineBuffer
from tradewind.runtime.client import TaskHost
from tradewind.runtime.forked import Prepared, become_task, default_handlers
from tradewind.runtime.launch import CONTROL, close_all_above
from tradewind.runtime.leftovers import shown_environment
from tradewind.runtime.logs import LOG, finish_output, take_over_output
from tradewind.runtime.parent_death import die_with_parent
from tradewind.runtime.preload import preload
from tradewind.runtime.process_name import set_process_name
from tradewind.runtime.protocol import (
    Begin,
    Declined,
    Exited,
    Grow,
    Grown,
    Hire,
    Ready,
    decode,
    encode,
)
from tradewind.runtime.rehearsal import rehearse
from tradewind.runtime.reused import become_worker
from tradewind.runtime.safety import Resources, private_kib, what_makes_unsafe
from tradewind.runtime.spare import KEPT_MS, ORDER_BYTES_MAX, RUNNING_MAX, Spare, stand_by
from tradewind.runtime.user_code import UserCode


class Zygote:
    """Serves orders on its control socket until that closes."""

    def __init__(
        self, settings: Settings, control: socket.socket, code: UserCode, name: str = ""
    ) -> None:
        self._settings = settings
        self._control = control
        self._code = code
        self._name = name
        self._buffer = LineBuffer()
        self._descriptors: deque[int] = deque()
        self._tokens: dict[int, str] = {}
        self._handlers = default_handlers()
        self._spare: Spare | None = None
        self._spares_work = False
        self._has_forked_a_task = False

    def serve(self) -> NoReturn:
        """Fork on demand and tell of every exit."""
        self._wake, wake_end = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._own = (self._control.fileno(), self._wake, wake_end)
        signal.set_wakeup_fd(wake_end, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        poll.register(self._wake, select.POLLIN)
        gc.collect()
        gc.freeze()  # a collection in a child must not touch, and so copy, what it shares
        while True:
            ready = poll.poll(KEPT_MS if self._spare is not None else None)
            for number, _ in ready:
                if number == self._wake:
                    self._reap()
                else:
                    self._take_orders()
            if not ready:
                self._dismiss_spare()
            elif self._has_use_for_spare:
                self._fork_spare()

    def _take_orders(self) -> None:
        chunk, descriptors, _, _ = socket.recv_fds(self._control, CHUNK_BYTES, 8)
        if not chunk:
            os._exit(0)
        self._descriptors.extend(descriptors)
        for line in self._buffer.feed(chunk):
            order = decode(line)
            descriptor = self._descriptors.popleft()
            if isinstance(order, Begin):
                self._make_task(order, line, descriptor)
            elif isinstance(order, Hire):
                self._fork_worker(order, descriptor)
            elif isinstance(order, Grow):
                self._fork_zygote(order, descriptor)

    def _make_task(self, begin: Begin, line: bytes, descriptor: int) -> None:
        if (changed := self._code.first_changed()) is not None:
            declined = Declined(begin.attempt.token, f"{changed.name} has changed")
            self._control.sendall(encode(declined) + b"\n")
            os.close(descriptor)
            return
        if (spare := self._take_spare(line)) is not None and spare.order(line, descriptor):
            self._tokens[spare.pid] = begin.attempt.token
            os.close(descriptor)
        else:
            self._fork_task(begin, descriptor)
        self._has_forked_a_task = True

    def _fork_task(self, begin: Begin, descriptor: int) -> None:
        """What needs no user code is done before the fork, where memory is not shared."""
        prepared = Prepared.of(begin)
        if self._fork(begin.attempt.token):
            become_task(prepared, socket.socket(fileno=descriptor), self._code)
        prepared.close()
        os.close(descriptor)

    @property
    def _has_use_for_spare(self) -> bool:
        """A base zygote has none: a file that has tasks at all soon has a zygote of its own."""
        is_wanted = self._has_forked_a_task and self._spare is None and self._name != ""
        return is_wanted and len(self._tokens) <= RUNNING_MAX

    def _take_spare(self, order: bytes) -> Spare | None:
        """One that will make the attempt; the first must have shown that it can."""
        spare = self._spare
        if spare is None or len(order) > ORDER_BYTES_MAX:
            return None
        self._spares_work = self._spares_work or spare.is_ready()
        if not self._spares_work:
            return None
        self._spare = None
        return spare

    def _fork_spare(self) -> None:
        ours, theirs = socket.socketpair()
        parent = os.getpid()
        try:
            pid = os.fork()
        except OSError:  # whoever needs the next process will say so
            ours.close()
            theirs.close()
            return
        if pid == 0:
            ours.close()
            self._leave_zygote(parent)
            stand_by(theirs, self._code, self._name)
        theirs.close()
        self._spare = Spare(pid, ours)

    def _dismiss_spare(self) -> None:
        if self._spare is not None:
            self._spare.dismiss()
            self._spare = None
            self._has_forked_a_task = False

    def _fork_worker(self, order: Hire, descriptor: int) -> None:
        if self._fork(order.name):
            become_worker(socket.socket(fileno=descriptor), self._settings, self._code, self._name)
        os.close(descriptor)

    def _fork(self, token: str) -> bool:
        """Whether this is the child. Its end will be told under `token`."""
        parent = os.getpid()
        try:
            pid = os.fork()
        except OSError as error:
            LOG.write("error", "tradewind.zygote", f"cannot fork: {error}")
            self._control.sendall(encode(Exited(token, 0, 1 << 8, 0.0, 0)) + b"\n")
            return False
        if pid == 0:
            self._leave_zygote(parent)
            return True
        self._tokens[pid] = token
        return False

    def _fork_zygote(self, order: Grow, descriptor: int) -> None:
        parent = os.getpid()
        if os.fork() == 0:
            self._leave_zygote(parent)
            control = socket.socket(fileno=descriptor)
            grow(order, control, self._settings)
        os.close(descriptor)

    def _leave_zygote(self, parent: int) -> None:
        """In the child: be rid of what belongs to the zygote."""
        die_with_parent(parent)
        signal.set_wakeup_fd(-1)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        for number in (*self._own, *self._descriptors):  # those too that came for other children
            os.close(number)
        self._control.detach()
        if self._spare is not None:
            self._spare.dismiss()

    def _reap(self) -> None:
        os.read(self._wake, 4096)
        lines = b""
        with contextlib.suppress(ChildProcessError):
            while (gone := os.wait4(-1, os.WNOHANG))[0]:
                pid, status, usage = gone
                token = self._tokens.pop(pid, None)
                if self._spare is not None and self._spare.pid == pid:
                    self._dismiss_spare()
                if token is not None:
                    cpu_s = usage.ru_utime + usage.ru_stime
                    exited = Exited(token, pid, status, cpu_s, usage.ru_maxrss)
                    lines += encode(exited) + b"\n"
        self._control.sendall(lines)


def grow(order: Grow, control: socket.socket, settings: Settings) -> NoReturn:
    """Become the zygote of one file."""
    name = Path(order.fileloc).name
    set_process_name(f"zygote {name}")
    channel = Channel(control)
    channel.send(Grown(os.getpid()))
    before = Resources.now()
    code = UserCode(settings)
    try:
        loaded = code.load(order.fileloc, TaskHost(order.name, channel, LOG.mask))
    except BaseException as error:  # the task that loads it itself tells its user
        ready = Ready(f"it does not load: {type(error).__name__}")
    else:
        asked = tuple(item for item in loaded.inputs if question_of(item) is not None)
        ready = Ready(what_makes_unsafe(before), private_kib(), loaded.code_hash, asked)
    finish_output()  # no child shall write what its file printed
    channel.send(ready)
    Zygote(settings, control, code, name).serve()


def main() -> NoReturn:
    """Become the base zygote."""
    settings = from_json(sys.argv[1])
    die_with_parent(int(sys.argv[2]))
    close_all_above(CONTROL)
    sys.argv[:] = ["tradewind"]
    set_process_name("zygote")
    configuration.use(settings)
    take_over_output(settings.logging.logging_level)
    preload()
    rehearse()
    shown_environment()
    control = socket.socket(fileno=CONTROL)
    control.set_inheritable(False)
    Zygote(settings, control, UserCode(settings)).serve()


if __name__ == "__main__":
    main()

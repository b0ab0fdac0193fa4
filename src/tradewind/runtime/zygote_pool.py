"""The supervisor's warm processes: which one forks a task, when one is made, when one goes.

The base zygote has imported Tradewind and the operators, a file zygote one DAG file besides. A
file zygote belongs to one code_hash for life, so changed code never meets a stale one.
"""

import contextlib
import os
import signal
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tradewind.config.settings import Settings
from tradewind.runtime.channel import LoopChannel
from tradewind.runtime.launch import launch_zygote
from tradewind.runtime.protocol import (
    Exited,
    Fork,
    Grow,
    Grown,
    Message,
    Ready,
    decode,
    encode,
)
from tradewind.runtime.reactor import Reactor, Timer

FILE_ZYGOTES_MAX = 16
PRIVATE_KIB_MAX = 1 << 20
"""Memory that file zygotes do not share, all together."""
SECOND_TASK_WITHIN_S = 60.0
IDLE_S_MAX = 600.0
BASE_RESTART_S = 1.0
"""A base zygote that dies at once is not started again before this has passed."""

Code = tuple[str, str]
"""(fileloc, code_hash)."""


@dataclass(slots=True, eq=False)
class Zygote:
    """One warm process as its supervisor sees it."""

    name: str
    channel: LoopChannel
    code: Code | None = None
    pid: int | None = None
    is_ready: bool = False
    private_kib: int = 0
    running: set[str] = field(default_factory=set)
    waiting: list[tuple[str, int]] = field(default_factory=list)
    """(token, socket) of tasks that wait until it has loaded."""
    started_at: float = 0.0
    timer: Timer | None = None


class ZygotePool:
    """Forks task processes. Tells `on_exited` of each one's end, whatever became of its zygote."""

    def __init__(
        self,
        reactor: Reactor,
        settings: Settings,
        on_exited: Callable[[str, Exited | None], None],
        on_question: Callable[[bytes], None],
    ) -> None:
        self._reactor = reactor
        self._settings = settings
        self._on_exited = on_exited
        self._on_question = on_question
        self._files: dict[Code, Zygote] = {}
        self._unsafe: set[Code] = set()
        self._last_seen: dict[Code, float] = {}
        self._serial = 0
        self._base = self._start_base()

    def fork(self, token: str, code: Code, task_socket: int) -> None:
        """Have a process made for an attempt. Takes the descriptor over."""
        self._order(self._choose(code), token, task_socket)

    def withdraw(self, token: str) -> bool:
        """Take an attempt back that still waits for its zygote to load."""
        for zygote in (self._base, *self._files.values()):
            for waiting in zygote.waiting:
                if waiting[0] == token:
                    zygote.waiting.remove(waiting)
                    os.close(waiting[1])
                    return True
        return False

    def answer(self, name: str, line: bytes) -> None:
        """Hand an answer to the file zygote that asked while it was loading."""
        for zygote in self._files.values():
            if zygote.name == name:
                zygote.channel.send(line)

    def reaped(self, pid: int) -> None:
        """A direct child of the supervisor is gone: perhaps the base zygote."""
        if pid == self._base.pid:
            self._base.channel.drain()  # closes, and makes a new one

    def close(self) -> None:
        """End every zygote; their tasks end with them."""
        for zygote in (*self._files.values(), self._base):
            if zygote.timer is not None:
                zygote.timer.cancel()
            zygote.channel.close()
        for zygote in (self._base, *self._files.values()):
            if zygote.pid is not None:  # the base first: the others become our own children then
                with contextlib.suppress(ProcessLookupError, ChildProcessError):
                    os.kill(zygote.pid, signal.SIGKILL)
                    os.waitpid(zygote.pid, 0)

    def _choose(self, code: Code) -> Zygote:
        now = time.monotonic()
        last_seen, self._last_seen[code] = self._last_seen.get(code), now
        if code in self._files:
            self._files[code] = self._files.pop(code)  # keeps them in order of use
            return self._files[code]
        is_second = last_seen is not None and now - last_seen < SECOND_TASK_WITHIN_S
        if not is_second or code in self._unsafe:
            return self._base
        return self._grow(code)

    def _order(self, zygote: Zygote, token: str, task_socket: int) -> None:
        if not zygote.is_ready:
            zygote.waiting.append((token, task_socket))
            return
        zygote.running.add(token)
        if zygote.timer is not None:
            zygote.timer.cancel()
            zygote.timer = None
        zygote.channel.send(encode(Fork(token)), task_socket)

    def _start_base(self, waiting: Sequence[tuple[str, int]] = ()) -> Zygote:
        ours, theirs = socket.socketpair()
        zygote = self._watch("base", ours)
        zygote.pid = launch_zygote(self._settings, theirs)
        zygote.is_ready = True  # what it is told meanwhile it finds when it has imported
        zygote.started_at = time.monotonic()
        for token, task_socket in waiting:
            self._order(zygote, token, task_socket)
        return zygote

    def _restart_base(self) -> None:
        self._base = self._start_base(self._base.waiting)

    def _grow(self, code: Code) -> Zygote:
        self._make_room(code)
        ours, theirs = socket.socketpair()
        self._serial += 1
        zygote = self._watch(f"zygote-{self._serial}", ours)
        zygote.code = code
        self._files[code] = zygote
        self._base.channel.send(encode(Grow(zygote.name, *code)), theirs.detach())
        zygote.timer = self._reactor.after(
            self._settings.core.dagbag_import_timeout, lambda: self._give_up(zygote)
        )
        return zygote

    def _watch(self, name: str, ours: socket.socket) -> Zygote:
        zygote: Zygote
        channel = LoopChannel(
            self._reactor,
            ours,
            lambda line: self._on_message(zygote, line, decode(line)),
            lambda: self._on_closed(zygote),
        )
        zygote = Zygote(name, channel)
        return zygote

    def _on_message(self, zygote: Zygote, line: bytes, message: Message) -> None:
        match message:
            case Exited(token):
                zygote.running.discard(token)
                if not zygote.running:
                    self._is_idle(zygote)
                self._on_exited(token, message)
            case Grown(pid):
                zygote.pid = pid
            case Ready():
                self._on_ready(zygote, message)
            case _:
                self._on_question(line)

    def _on_ready(self, zygote: Zygote, ready: Ready) -> None:
        if ready.unsafe is not None:
            self._give_up(zygote)
            return
        zygote.private_kib, zygote.is_ready = ready.private_kib, True
        if zygote.timer is not None:
            zygote.timer.cancel()
        waiting, zygote.waiting = zygote.waiting, []
        for token, task_socket in waiting:
            self._order(zygote, token, task_socket)
        if not zygote.running:
            self._is_idle(zygote)

    def _give_up(self, zygote: Zygote) -> None:
        """It cannot load the file, or must not fork: its tasks load the file themselves."""
        assert zygote.code is not None
        self._unsafe.add(zygote.code)
        waiting, zygote.waiting = zygote.waiting, []
        self._retire(zygote)
        if zygote.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(zygote.pid, signal.SIGKILL)  # it may never come back from the import
        for token, task_socket in waiting:
            self._order(self._base, token, task_socket)

    def _is_idle(self, zygote: Zygote) -> None:
        if zygote.code is not None:
            zygote.timer = self._reactor.after(IDLE_S_MAX, lambda: self._retire(zygote))

    def _make_room(self, code: Code) -> None:
        """Retire idle zygotes: other states of the same file, then the least recently used."""
        idle = [one for one in self._files.values() if one.is_ready and not one.running]
        idle.sort(key=lambda one: one.code is not None and one.code[0] != code[0])
        for zygote in idle:
            is_stale = zygote.code is not None and zygote.code[0] == code[0]
            private_kib = sum(one.private_kib for one in self._files.values())
            if is_stale or len(self._files) >= FILE_ZYGOTES_MAX or private_kib > PRIVATE_KIB_MAX:
                self._retire(zygote)

    def _retire(self, zygote: Zygote) -> None:
        """Its socket closes, so it exits."""
        if zygote.timer is not None:
            zygote.timer.cancel()
        if zygote.code is not None and self._files.get(zygote.code) is zygote:
            del self._files[zygote.code]
        zygote.channel.close()

    def _on_closed(self, zygote: Zygote) -> None:
        """It died, and its tasks with it."""
        lost, zygote.running = zygote.running, set()
        if zygote is self._base:
            zygote.is_ready = False
            lived_s = time.monotonic() - zygote.started_at
            self._reactor.after(max(0.0, BASE_RESTART_S - lived_s), self._restart_base)
        elif zygote.is_ready:
            self._retire(zygote)
        else:
            self._give_up(zygote)
        for token in lost:
            self._on_exited(token, None)

"""The supervisor's zygotes: which one makes an attempt's process, when one is made and when it goes.

The base zygote has imported Tradewind and the operators, a file zygote one DAG file besides. A
file zygote belongs to one code_hash for life, so changed code never meets a stale one.
"""

import contextlib
import itertools
import os
import socket
import time
from collections.abc import Callable

from tradewind.config.settings import Settings
from tradewind.runtime.attempts import HeldAttempt
from tradewind.runtime.launch import launch_zygote
from tradewind.runtime.protocol import Exited, Grow, Grown, Ready, decode, encode
from tradewind.runtime.reactor import Reactor
from tradewind.runtime.warm import Birth, Code, Reports, Zygote

FILE_ZYGOTES_MAX = 16
PRIVATE_KIB_MAX = 1 << 20
"""Memory that file zygotes do not share, all together."""
SECOND_TASK_WITHIN_S = 60.0
IDLE_S_MAX = 600.0
RESTART_S = 1.0
"""A base zygote that dies at once is not started again before this has passed."""
CODES_REMEMBERED = 1000


class ZygotePool:
    """Makes task processes. Reports each one's end, whatever became of its zygote."""

    def __init__(
        self,
        reactor: Reactor,
        settings: Settings,
        reports: Reports,
        make_file_zygote: Callable[..., Zygote] = Zygote,
    ) -> None:
        self._reactor = reactor
        self._settings = settings
        self._reports = reports
        self._make_file_zygote = make_file_zygote
        self._files: dict[Code, Zygote] = {}
        """The least recently used first."""
        self._unsafe: set[Code] = set()
        self._last_seen: dict[Code, float] = {}
        self._base_started_at = 0.0
        self._base = self._start_base()

    def start(self, attempt: HeldAttempt, code: Code, begin: bytes) -> None:
        """Have a process made for an attempt; it gets `begin`."""
        self._choose(code).begin(Birth(attempt, begin))

    def withdraw(self, token: str) -> bool:
        """Take an attempt back that still waits for its zygote to load."""
        return any(zygote.withdraw(token) for zygote in (self._base, *self._files.values()))

    def answer(self, name: str, line: bytes) -> None:
        """Hand an answer to the file zygote that asked while it was loading."""
        for zygote in self._files.values():
            if zygote.name == name:
                zygote.say(line)

    def reaped(self, pid: int) -> None:
        """A child of the supervisor is gone: perhaps the base zygote."""
        if pid == self._base.pid:
            self._base.hear()  # that it has closed

    def close(self) -> None:
        """End every zygote; their tasks end with them."""
        zygotes = (self._base, *self._files.values())
        pids = [zygote.pids() for zygote in zygotes]
        for zygote in zygotes:
            zygote.close()
            zygote.kill()
        for pid in itertools.chain(*pids):  # parents first: then the others are our own children
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)

    def _choose(self, code: Code) -> Zygote:
        now = time.monotonic()
        last_seen = self._last_seen.pop(code, None)
        self._last_seen[code] = now
        if len(self._last_seen) > CODES_REMEMBERED:
            self._unsafe.discard(oldest := next(iter(self._last_seen)))
            del self._last_seen[oldest]
        if code in self._files:
            self._files[code] = self._files.pop(code)
            return self._files[code]
        is_second = last_seen is not None and now - last_seen < SECOND_TASK_WITHIN_S
        return self._grow(code) if is_second and code not in self._unsafe else self._base

    def _start_base(self) -> Zygote:
        ours, theirs = socket.socketpair()
        zygote = Zygote(self._reactor, self._reports, ours, None, self)
        zygote.pid = launch_zygote(self._settings, theirs)
        self._base_started_at = time.monotonic()
        zygote.ready()  # what it is told meanwhile it finds when it has imported
        return zygote

    def _restart_base(self) -> None:
        waiting = self._base.waiting
        self._base = self._start_base()
        for birth in waiting:
            self._base.begin(birth)

    def _grow(self, code: Code) -> Zygote:
        self._make_room(code)
        ours, theirs = socket.socketpair()
        zygote = self._make_file_zygote(self._reactor, self._reports, ours, code, self)
        self._files[code] = zygote
        self._base.say(encode(Grow(zygote.name, *code)), theirs.detach())
        limit_s = self._settings.core.dagbag_import_timeout
        zygote.timer = self._reactor.after(limit_s, lambda: self._give_up(zygote))
        return zygote

    def heard(self, zygote: Zygote, line: bytes) -> None:
        """A zygote says something."""
        match message := decode(line):
            case Exited():
                zygote.ended(message)
            case Grown(pid):
                zygote.pid = pid
            case Ready(None, private_kib):
                zygote.private_kib = private_kib
                zygote.ready()
                if not zygote.running:
                    self.idle(zygote)
            case Ready():
                self._give_up(zygote)
            case _:
                self._reports.asked(line)

    def _give_up(self, zygote: Zygote) -> None:
        """It cannot load the file, or must not fork: its tasks load the file themselves."""
        assert zygote.code is not None
        self._unsafe.add(zygote.code)
        self._retire(zygote)
        zygote.kill()  # it may never come back from the import
        waiting, zygote.waiting = zygote.waiting, []
        for birth in waiting:
            self._base.begin(birth)

    def idle(self, zygote: Zygote) -> None:
        """Nothing of a zygote is running: it may stay for a while."""
        if zygote.code is not None:
            zygote.cancel_timer()
            zygote.timer = self._reactor.after(IDLE_S_MAX, lambda: self._retire(zygote))

    def _make_room(self, code: Code) -> None:
        """Retire idle zygotes: other states of the same file, then the least recently used."""
        idle = [one for one in self._files.values() if one.is_ready and not one.running]
        for zygote in sorted(idle, key=lambda one: not _is_other_state(one, code)):
            private_kib = sum(one.private_kib for one in self._files.values())
            is_full = len(self._files) >= FILE_ZYGOTES_MAX or private_kib > PRIVATE_KIB_MAX
            if is_full or _is_other_state(zygote, code):
                self._retire(zygote)

    def _retire(self, zygote: Zygote) -> None:
        if zygote.code is not None and self._files.get(zygote.code) is zygote:
            del self._files[zygote.code]
        zygote.close()

    def closed(self, zygote: Zygote) -> None:
        """A zygote died, and its tasks with it."""
        zygote.close()
        if zygote is self._base:
            zygote.is_ready = False
            lived_s = time.monotonic() - self._base_started_at
            self._reactor.after(max(0.0, RESTART_S - lived_s), self._restart_base)
        elif zygote.is_ready:
            self._retire(zygote)
        else:
            self._give_up(zygote)
        zygote.lose_all()


def _is_other_state(zygote: Zygote, code: Code) -> bool:
    return zygote.code is not None and zygote.code[0] == code[0]

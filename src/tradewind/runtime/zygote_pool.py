"""The supervisor's zygotes: which one makes an attempt's process, when one is made and when it goes.

The base zygote has imported Tradewind and the operators, a file zygote one DAG file besides. A
task runs what its file is when it starts, whatever it was when it was ordered: before a file zygote
forks it looks whether all that it has read is as it was, and declines if not; what it was told of
Variables and Connections is asked again when any has changed. An old zygote ends with its last
task, and what it declines the base zygote makes, which loads the file anew.
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
from tradewind.runtime.protocol import Declined, Exited, Grow, Grown, Ready, decode, encode, peek
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
        self._files: dict[str, Zygote] = {}
        """The least recently used first."""
        self._old: list[Zygote] = []
        """They make nothing more; their last tasks run."""
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
        """Hand an answer to the file zygote that asked while it was loading, or we for it."""
        zygote = next((one for one in self._files.values() if one.name == name), None)
        if zygote is None:
            return
        if zygote.loaded is None:
            zygote.say(line)
        elif not zygote.is_same_answer(peek(line)[1]):
            self._outdate(zygote)
        elif not zygote.is_in_doubt:
            self._let_fork(zygote)

    def answers_changed(self) -> None:
        """Some Variable or Connection is different: let no zygote fork that was told another."""
        for zygote in self._files.values():
            self._ask_again(zygote)

    def reaped(self, pid: int) -> None:
        """A child of the supervisor is gone: perhaps the base zygote."""
        if pid == self._base.pid:
            self._base.hear()  # that it has closed

    def close(self) -> None:
        """End every zygote; their tasks end with them."""
        zygotes = (self._base, *self._files.values(), *self._old)
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
        zygote = self._files.get(code[0])
        if zygote is not None and not zygote.has_loaded(code[1]):
            self._outdate(zygote)  # whatever it is that the dag-processor has seen
            zygote = None
        if zygote is not None:
            self._files[code[0]] = self._files.pop(code[0])
            return zygote
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
        self._make_room()
        ours, theirs = socket.socketpair()
        zygote = self._make_file_zygote(self._reactor, self._reports, ours, code, self)
        self._files[code[0]] = zygote
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
            case Ready(None):
                zygote.loaded = message
                if zygote.is_in_doubt:
                    self._ask_again(zygote)
                if zygote.is_in_doubt:
                    return
                self._let_fork(zygote)
            case Ready():
                self._give_up(zygote)
            case Declined(token):
                zygote.declined(token)
            case _:
                self._reports.asked(line)

    def declined(self, zygote: Zygote, birth: Birth) -> None:
        """What a zygote has loaded is not what is on disk."""
        self._outdate(zygote)
        self._base.begin(birth)

    def _let_fork(self, zygote: Zygote) -> None:
        zygote.ready()
        if not zygote.running:
            self.idle(zygote)

    def _ask_again(self, zygote: Zygote) -> None:
        zygote.ask_again()
        if zygote.loaded is not None and zygote.is_in_doubt:
            zygote.cancel_timer()
            limit_s = self._settings.core.dagbag_import_timeout
            zygote.timer = self._reactor.after(limit_s, lambda: self._outdate(zygote))

    def _outdate(self, zygote: Zygote) -> None:
        """Its code, or what it was told, is not what it is now: others make its tasks."""
        waiting = zygote.take_waiting()
        self._retire(zygote)
        for birth in waiting:
            self._base.begin(birth)

    def _give_up(self, zygote: Zygote) -> None:
        """It cannot load the file, or must not fork: its tasks load the file themselves."""
        assert zygote.code is not None
        self._unsafe.add(zygote.code)
        self._retire(zygote)
        zygote.kill()  # it may never come back from the import
        for birth in zygote.take_waiting():
            self._base.begin(birth)

    def idle(self, zygote: Zygote) -> None:
        """Nothing of a zygote is running: it may stay for a while."""
        if zygote in self._old:
            self._old.remove(zygote)
            zygote.close()
        elif zygote.code is not None and zygote.is_ready:
            zygote.cancel_timer()
            zygote.timer = self._reactor.after(IDLE_S_MAX, lambda: self._retire(zygote))

    def _make_room(self) -> None:
        """Retire idle zygotes, the least recently used first."""
        for zygote in tuple(self._files.values()):
            private_kib = sum(one.private_kib for one in (*self._files.values(), *self._old))
            is_full = len(self._files) >= FILE_ZYGOTES_MAX or private_kib > PRIVATE_KIB_MAX
            if is_full and zygote.is_ready and not zygote.running:
                self._retire(zygote)

    def _retire(self, zygote: Zygote) -> None:
        """Have it end as soon as none of its tasks runs."""
        if zygote.code is not None and self._files.get(zygote.code[0]) is zygote:
            del self._files[zygote.code[0]]
        zygote.cancel_timer()
        if not zygote.running:
            zygote.close()
        elif zygote not in self._old:
            self._old.append(zygote)

    def closed(self, zygote: Zygote) -> None:
        """A zygote died, and its tasks with it."""
        zygote.close()
        if zygote is self._base:
            zygote.is_ready = False
            lived_s = time.monotonic() - self._base_started_at
            self._reactor.after(max(0.0, RESTART_S - lived_s), self._restart_base)
        elif zygote in self._old:
            self._old.remove(zygote)
        elif zygote.loaded is not None:
            self._outdate(zygote)
        else:
            self._give_up(zygote)
        zygote.lose_all()

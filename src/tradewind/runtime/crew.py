"""The workers of one file: processes that make its attempts one after another, for isolation
`reuse`.

A worker has one attempt at a time; the others wait here, so that one can still be taken back and
the next goes to whoever is free first. There are as many workers as cores. More are hired when
those are held up: tasks that sleep or wait run side by side, as they do with a process each.
"""

import os
import signal
import socket
import time
from collections import deque
from dataclasses import dataclass, field, replace
from pathlib import Path

from tradewind.runtime.attempts import HeldAttempt
from tradewind.runtime.channel import LoopChannel
from tradewind.runtime.leftovers import signal_group
from tradewind.runtime.protocol import Exited, Freed, Hire, decode, encode, is_called
from tradewind.runtime.reactor import Reactor, Timer
from tradewind.runtime.warm import Birth, Code, Owner, Reports, Zygote

CREW = len(os.sched_getaffinity(0)) + 1
"""Workers of one file at once: one per core, and one more for when one of them waits for the disk."""
LOOK_S = 0.01
"""How often it is asked, while attempts wait, whether the workers are held up."""
WAIT_S_MAX = 0.05
"""An attempt that has waited so long has another worker hired, however busy the others are."""
IDLE_S_MAX = 60.0


class WorkerLine:
    """An attempt's share of its worker's channel: closed when the worker is free again."""

    def __init__(self, channel: LoopChannel) -> None:
        self._channel: LoopChannel | None = channel

    @property
    def is_open(self) -> bool:
        return self._channel is not None and self._channel.is_open

    def send(self, line: bytes) -> None:
        if self._channel is not None:
            self._channel.send(line)

    def drain(self) -> None:
        if self._channel is not None:
            self._channel.drain()

    def close(self) -> None:
        self._channel = None


@dataclass(slots=True, eq=False)
class Worker:
    """One process, as its supervisor sees it."""

    name: str
    pid: int | None = None
    """Known when it has first said something."""
    channel: LoopChannel = field(init=False)
    attempt: HeldAttempt | None = None
    is_leaving: bool = False
    """Gets no attempt any more."""
    cpu_s: float = 0.0
    """Used up to its last attempt, that excluded."""
    idle_since: float = 0.0


class Crew(Zygote):
    """A file zygote that forks workers."""

    def __init__(
        self,
        reactor: Reactor,
        reports: Reports,
        control: socket.socket,
        code: Code | None,
        owner: Owner,
    ) -> None:
        super().__init__(reactor, reports, control, code, owner)
        self._workers: dict[str, Worker] = {}
        self._idle: list[Worker] = []
        """The last that became so last: it is the warmest."""
        self._queue: deque[tuple[Birth, float]] = deque()
        """Attempts for which no worker is free, and since when."""
        self._hired = 0
        self._begun = 0
        self._begun_at_last_look = 0
        self._look: Timer | None = None
        self._dismissal: Timer | None = None

    def withdraw(self, token: str) -> bool:
        for waiting in self._queue:
            if waiting[0].attempt.token == token:
                self._queue.remove(waiting)
                self.running.pop(token, None)
                return True
        return super().withdraw(token)

    def take_waiting(self) -> list[Birth]:
        queued = [birth for birth, _ in self._queue]
        self._queue.clear()
        for birth in queued:
            self.running.pop(birth.attempt.token, None)
        return [*super().take_waiting(), *queued]

    def ended(self, exited: Exited) -> None:
        worker = self._workers.get(exited.token)
        if worker is None:
            return
        worker.is_leaving = True
        worker.channel.drain()
        self._strike_out(worker)
        if (attempt := worker.attempt) is not None:
            worker.attempt = None
            used_s = max(0.0, exited.cpu_s - worker.cpu_s)
            self._over(attempt.token, replace(exited, token=attempt.token, cpu_s=used_s))

    def lose_all(self) -> None:
        for worker in tuple(self._workers.values()):
            worker.is_leaving = True
            worker.channel.drain()
        self._queue.clear()  # none of these has begun, and so it will be told
        super().lose_all()

    def close(self) -> None:
        super().close()
        for timer in (self._look, self._dismissal):
            if timer is not None:
                timer.cancel()
        for worker in tuple(self._workers.values()):
            if worker.attempt is None:
                self._strike_out(worker)

    def pids(self) -> list[int]:
        return [*super().pids(), *(one.pid for one in self._workers.values() if one.pid)]

    def _make(self, birth: Birth) -> None:
        self.running[birth.attempt.token] = birth
        while self._idle:
            worker = self._idle.pop()
            if not worker.is_leaving:
                self._assign(worker, birth)
                return
        if sum(not worker.is_leaving for worker in self._workers.values()) < CREW:
            self._hire(birth)
            return
        self._queue.append((birth, time.monotonic()))
        if self._look is None:
            self._look_later()

    # --- a worker and its attempts ------------------------------------------------------------

    def _hire(self, birth: Birth) -> None:
        try:
            ours, theirs = socket.socketpair()
        except OSError as error:  # too many open files
            self.running.pop(birth.attempt.token, None)
            self._reports.refused(birth.attempt, str(error))
            return
        self._hired += 1
        worker = Worker(f"worker-{self._hired}")
        worker.channel = LoopChannel(
            self._reactor,
            ours,
            lambda line: self._on_line(worker, line),
            lambda: self._on_closed(worker),
        )
        self._workers[worker.name] = worker
        self.say(encode(Hire(worker.name)), theirs.detach())
        self._assign(worker, birth)

    def _assign(self, worker: Worker, birth: Birth) -> None:
        self._begun += 1
        worker.attempt = birth.attempt
        birth.attempt.channel = WorkerLine(worker.channel)
        worker.channel.send(birth.begin)

    def _on_line(self, worker: Worker, line: bytes) -> None:
        attempt = worker.attempt
        if attempt is None:  # user code that outlived its task, or writes where it should not
            self._dismiss(worker)
        elif is_called("Freed", line):
            freed = decode(line)
            assert isinstance(freed, Freed)
            self._on_freed(worker, attempt, freed)
        elif is_called("Declined", line):
            worker.attempt = None
            worker.is_leaving = True
            self.declined(attempt.token)
        else:
            self._reports.said(attempt, line)

    def _on_freed(self, worker: Worker, attempt: HeldAttempt, freed: Freed) -> None:
        worker.pid = attempt.pid
        if attempt.end_reason is not None:  # killed: nothing of that process is used again
            self._dismiss(worker)
            return
        worker.attempt = None
        worker.cpu_s = freed.cpu_s
        worker.is_leaving |= freed.leaves
        if attempt.channel is not None:
            attempt.channel.close()
        if not worker.is_leaving:
            self._give_next(worker)
        elif self._queue:
            self._hire(self._queue.popleft()[0])
        assert worker.pid is not None
        self._over(attempt.token, Exited(attempt.token, worker.pid, 0, 0.0, 0))

    def _give_next(self, worker: Worker) -> None:
        if self._queue:
            birth, _ = self._queue.popleft()
            self._assign(worker, birth)
            return
        worker.idle_since = time.monotonic()
        self._idle.append(worker)
        if self._dismissal is None:
            self._dismissal = self._reactor.after(IDLE_S_MAX, self._dismiss_idle)

    def _on_closed(self, worker: Worker) -> None:
        worker.is_leaving = True  # our zygote will tell how it ended, if it is there
        if worker.attempt is not None:
            self._reports.hung_up(worker.attempt)

    def _dismiss(self, worker: Worker) -> None:
        """End it with all that belongs to it; our zygote will tell that it is gone."""
        worker.is_leaving = True
        if worker.pid is not None:
            signal_group(worker.pid, signal.SIGKILL)
        else:
            worker.channel.close()

    def _strike_out(self, worker: Worker) -> None:
        self._workers.pop(worker.name, None)
        if worker in self._idle:
            self._idle.remove(worker)
        worker.channel.close()

    # --- how many there are -------------------------------------------------------------------

    def _look_later(self) -> None:
        self._begun_at_last_look = self._begun
        self._look = self._reactor.after(LOOK_S, self._hire_more)

    def _hire_more(self) -> None:
        """As many as there are attempts waiting if all workers sleep, one if it moves slowly."""
        self._look = None
        if not self._queue:
            return
        is_held_up = self._begun == self._begun_at_last_look and all(
            _is_asleep(worker) for worker in self._workers.values() if worker.attempt is not None
        )
        has_waited_s = time.monotonic() - self._queue[0][1]
        wanted = len(self._queue) if is_held_up else int(has_waited_s > WAIT_S_MAX)
        for _ in range(wanted):
            self._hire(self._queue.popleft()[0])
        self._look_later()

    def _dismiss_idle(self) -> None:
        self._dismissal = None
        now = time.monotonic()
        for worker in tuple(self._idle):
            if now - worker.idle_since >= IDLE_S_MAX:
                self._strike_out(worker)  # its channel closes, so it exits
        if self._idle:
            wait_s = IDLE_S_MAX - (now - self._idle[0].idle_since)
            self._dismissal = self._reactor.after(wait_s, self._dismiss_idle)


def _is_asleep(worker: Worker) -> bool:
    """Whether it waits for something; more of its kind would not take the processor from it."""
    pid = worker.attempt.pid if worker.attempt is not None else worker.pid
    if pid is None:
        return False  # it has yet to come up
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return True
    return stat.rpartition(b")")[2].split()[0] == b"S"

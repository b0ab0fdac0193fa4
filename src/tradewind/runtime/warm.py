"""One zygote as its supervisor sees it: what it is to fork, what it has forked, when it is ready."""

import contextlib
import itertools
import os
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from tradewind.authoring.asked import of_answer, question_of
from tradewind.runtime.attempts import HeldAttempt
from tradewind.runtime.channel import LoopChannel
from tradewind.runtime.protocol import Exited, Question, Ready, encode, pack_request
from tradewind.runtime.reactor import Reactor, Timer

Code = tuple[str, str]
"""(fileloc, code_hash)."""

_serials = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Birth:
    """A task process that is to be made."""

    attempt: HeldAttempt
    begin: bytes
    """The Begin message, as a line."""


@dataclass(frozen=True, slots=True)
class Reports:
    """What whoever makes task processes tells of them."""

    said: Callable[[HeldAttempt, bytes], None]
    """A line from the process of an attempt."""
    hung_up: Callable[[HeldAttempt], None]
    """No process has the other end of an attempt's line any more."""
    exited: Callable[[str, Exited | None], None]
    """The attempt of this token has no process any more; or (None) its zygote is gone, and so
    its process will be."""
    refused: Callable[[HeldAttempt, str], None]
    """No process can be made for it."""
    asked: Callable[[bytes], None]
    """A zygote asks something while it loads."""

    def connect(self, reactor: Reactor, attempt: HeldAttempt) -> socket.socket | None:
        """Open the attempt's line; the end that its process gets. None if it was refused."""
        try:
            ours, theirs = socket.socketpair()
        except OSError as error:  # too many open files
            self.refused(attempt, str(error))
            return None
        attempt.channel = LoopChannel(
            reactor,
            ours,
            lambda line: self.said(attempt, line),
            lambda: self.hung_up(attempt),
        )
        return theirs


class Owner(Protocol):
    """Who keeps zygotes."""

    def heard(self, zygote: "Zygote", line: bytes) -> None:
        """It says something."""

    def closed(self, zygote: "Zygote") -> None:
        """It is gone."""

    def declined(self, zygote: "Zygote", birth: Birth) -> None:
        """What it has loaded is old: somebody else must make this one."""

    def idle(self, zygote: "Zygote") -> None:
        """Nothing of it is running."""


class Zygote:
    """A warm process; with one DAG file loaded if it has a `code`."""

    def __init__(
        self,
        reactor: Reactor,
        reports: Reports,
        control: socket.socket,
        code: Code | None,
        owner: Owner,
    ) -> None:
        self.code = code
        """The file, and the hash with which the attempt was ordered that it was made for."""
        self._reactor = reactor
        self._reports = reports
        self._owner = owner
        self.name = f"zygote-{next(_serials)}"
        self.pid: int | None = None
        self.loaded: Ready | None = None
        """What it said when its file was loaded."""
        self.is_ready = False
        self.timer: Timer | None = None
        self.running: dict[str, Birth] = {}
        self.waiting: list[Birth] = []
        """What is to be forked once it is ready."""
        self._must_ask = False
        self._asked: dict[int, str] = {}
        """What has been asked again: the fingerprint of each answer as it was."""
        self._channel = LoopChannel(
            reactor, control, lambda line: owner.heard(self, line), lambda: owner.closed(self)
        )

    @property
    def private_kib(self) -> int:
        """Memory that it shared with no other when it had loaded."""
        return self.loaded.private_kib if self.loaded is not None else 0

    def has_loaded(self, code_hash: str) -> bool:
        """Whether an attempt ordered with this hash may be one of its children."""
        if self.code is None or self.loaded is None:
            return True
        return code_hash in (self.code[1], self.loaded.code_hash)

    def begin(self, birth: Birth) -> None:
        """Make a task process, as soon as it can."""
        if not self.is_ready:
            self.waiting.append(birth)
            return
        self.cancel_timer()
        self._make(birth)

    def _make(self, birth: Birth) -> None:
        socket_of_task = self._reports.connect(self._reactor, birth.attempt)
        if socket_of_task is not None:
            self.running[birth.attempt.token] = birth
            self.say(birth.begin, socket_of_task.detach())

    def declined(self, token: str) -> None:
        """It has not made this one, for what it has loaded is old."""
        birth = self.running.pop(token, None)
        if birth is not None:
            self._owner.declined(self, birth)

    def ended(self, exited: Exited) -> None:
        """A process that it has forked is gone."""
        self._over(exited.token, exited)

    def _over(self, token: str, exited: Exited) -> None:
        self.running.pop(token, None)
        self._reports.exited(token, exited)
        if not self.running:
            self._owner.idle(self)

    def ready(self) -> None:
        """Fork what waits."""
        self.is_ready = True
        self.cancel_timer()
        waiting, self.waiting = self.waiting, []
        for birth in waiting:
            self.begin(birth)

    def take_waiting(self) -> list[Birth]:
        """What it has not begun and never will: somebody else must."""
        waiting, self.waiting = self.waiting, []
        return waiting

    def withdraw(self, token: str) -> bool:
        """Take back what waits; whether there was any."""
        for birth in self.waiting:
            if birth.attempt.token == token:
                self.waiting.remove(birth)
                return True
        return False

    def ask_again(self) -> None:
        """Make nothing before what it was told while it loaded is known to be the same now."""
        if self.loaded is None:
            self._must_ask = True  # some answers may be of before
            return
        self._must_ask = False
        self._asked.clear()
        for item in self.loaded.asked:
            if (question := question_of(item)) is not None:
                number = -next(_serials)  # its own questions count upwards
                self._asked[number] = item.fingerprint
                line = encode(Question(self.name, number, pack_request(question)))
                self._reports.asked(line)
        self.is_ready = not self._asked

    @property
    def is_in_doubt(self) -> bool:
        """Whether anything is to be asked again, or an answer is awaited."""
        return self._must_ask or bool(self._asked)

    def is_same_answer(self, answer: dict[str, Any]) -> bool:
        """Take in an answer to what was asked again; whether it is what it was."""
        known = self._asked.pop(answer["request_id"], None)
        is_same = answer.get("error") is None and of_answer(answer.get("data")) == known
        return known is None or is_same

    def say(self, line: bytes, descriptor: int | None = None) -> None:
        self._channel.send(line, descriptor)

    def hear(self) -> None:
        """Handle what has arrived."""
        self._channel.drain()

    def lose_all(self) -> None:
        """It died, and what it has forked with it."""
        lost, self.running = self.running, {}
        for token in lost:
            self._reports.exited(token, None)

    def close(self) -> None:
        """Its control socket closes, so it exits."""
        self.cancel_timer()
        self._channel.close()

    def pids(self) -> list[int]:
        """Its process, and those it keeps to itself."""
        return [] if self.pid is None else [self.pid]

    def kill(self) -> None:
        """For one that may not listen."""
        if self.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    def cancel_timer(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

"""Runs attempts on this machine, through a supervisor that outlives the scheduler.

Finds the supervisor of the run folder or starts one, keeps the connection, and after a loss takes
up again where it stood: what the old supervisor had begun the next one knows from its journal.
"""

import contextlib
import os
import select
import signal
import socket
import struct
import time
from datetime import UTC, datetime
from typing import Any

from tradewind.config.settings import Settings
from tradewind.executors.protocol import Question
from tradewind.model.attempts import Attempt, Outcome, Result
from tradewind.model.changes import EndAcknowledged, Kill
from tradewind.model.errors import Bug, EnvironmentFailure
from tradewind.model.events import (
    AttemptEnded,
    AttemptStarted,
    CodeLoaded,
    Event,
    FieldsRendered,
    XComPushed,
)
from tradewind.model.states import TaskState
from tradewind.runtime import door, protocol
from tradewind.runtime.channel import Channel
from tradewind.runtime.launch import launch_supervisor

ANSWER_WITHIN_S = 15
"""A supervisor that says nothing for so long is broken."""
PAUSES_S = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
"""Between attempts to get a supervisor."""
_REPORTS = (AttemptStarted, CodeLoaded, AttemptEnded, XComPushed, FieldsRendered)
_TIMEVAL = struct.pack("ll", ANSWER_WITHIN_S, 0)


class LocalExecutor:
    """The scheduler's side of the supervisor on this machine."""

    def __init__(
        self, settings: Settings, *, name: str = "LocalExecutor", slots: int | None = None
    ) -> None:
        """`slots`: attempts at once, `core.parallelism` if left out."""
        self.name = name
        self.slots = settings.core.parallelism if slots is None else slots
        self._settings = settings
        self._epoch = 0
        self._channel: Channel | None = None
        self._children: list[int] = []
        self._in_flight: set[str] = set()
        self._to_end: dict[str, str] = {}
        """Attempts that are to be killed, and why: the order may get lost with a connection."""
        self._early: list[protocol.Message] = []
        """Came while we waited for a Welcome."""
        self._unstarted: list[Event] = []
        """Ends of attempts that were lost on the way to a supervisor that died."""
        self._orders: list[protocol.Message] = []
        self._bell = -1
        self._readiness: select.epoll

    def start(self, epoch: int = 0) -> None:
        """Connect to the supervisor, starting one if there is none. Raises EnvironmentFailure."""
        self._epoch = epoch
        self._bell = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._readiness = select.epoll()
        self._readiness.register(self._bell, select.EPOLLIN)
        self._connect()

    def fileno(self) -> int:
        """Readable when `receive` has something; the same from start to stop."""
        return self._readiness.fileno()

    def receive(self) -> list[Event | Question]:
        """What has happened since the last call. Reconnects if the supervisor is gone."""
        with contextlib.suppress(BlockingIOError):
            os.eventfd_read(self._bell)
        try:
            self._early += self._open_channel().receive_ready()
        except (EOFError, ConnectionError):
            self._reconnect()
        events: list[Event | Question] = [*self._unstarted]
        for message in self._early:
            if isinstance(message, protocol.Question):
                request = protocol.unpack_request(message.request)
                events.append(Question(message.token, message.request_id, request))
            elif isinstance(message, _REPORTS):
                events.append(message)
        self._early.clear()
        self._unstarted.clear()
        return events

    def dispatch(self, attempt: Attempt) -> None:
        """Start an attempt. If the supervisor is gone it will be reported as not started."""
        self._in_flight.add(attempt.token)
        self._orders.append(protocol.Start(attempt))

    def kill(self, token: str, reason: str) -> None:
        """End an attempt's processes: SIGTERM, and SIGKILL after `killed_task_cleanup_time`."""
        self._to_end[token] = reason
        self._orders.append(Kill(token, reason))

    def acknowledge(self, token: str, state: TaskState) -> None:
        """Let the supervisor forget an attempt, and its task run its callbacks."""
        self._in_flight.discard(token)
        self._to_end.pop(token, None)
        self._orders.append(EndAcknowledged(token, state))

    def flush(self) -> None:
        """Send what is ordered, in as few writes as it fits into."""
        orders, self._orders = self._orders, []
        if orders:
            self._send(*orders)

    def answer(self, question: Question, data: Any = None, *, error: str | None = None) -> None:
        """Answer a question of a task."""
        self._send(protocol.Answer(question.token, question.request_id, data, error))

    def answers_changed(self) -> None:
        """Have zygotes ask again for the Variables and Connections that they were told."""
        self._send(protocol.AnswersChanged())

    def reconcile(self, tokens: set[str]) -> list[Event]:
        """Take over attempts: those unknown to the supervisor are answered as not started."""
        self._in_flight = set(tokens)
        try:
            self._greet()
        except (EOFError, ConnectionError, BlockingIOError):
            self._reconnect()
        unstarted, self._unstarted = self._unstarted, []
        return unstarted

    def stop(self, kill_tasks: bool) -> None:
        """Ask the supervisor to end; with `kill_tasks`, wait until it has."""
        if self._bell < 0:
            return
        if self._channel is not None:
            self._ask_to_end(self._channel, kill_tasks)
            self._disconnect()
            self._reap(wait=kill_tasks)
        self._readiness.close()
        os.close(self._bell)
        self._bell = -1

    def _ask_to_end(self, channel: Channel, kill_tasks: bool) -> None:
        with contextlib.suppress(OSError, EOFError):
            try:
                channel.send(protocol.Stop(kill_tasks))
                if kill_tasks:
                    grace_s = self._settings.core.killed_task_cleanup_time + ANSWER_WITHIN_S
                    channel.socket.settimeout(grace_s)
                    while channel.receive() is not None:
                        pass
            except (TimeoutError, BlockingIOError):  # it hangs: its tasks die with it
                for pid in self._children if kill_tasks else ():
                    os.kill(pid, signal.SIGKILL)

    def _send(self, *messages: protocol.Message) -> None:
        try:
            self._open_channel().send(*messages)
        except (ConnectionError, BlockingIOError):
            # The greeting tells of lost starts and repeats kills; the rest is asked for again.
            self._reconnect()

    def _open_channel(self) -> Channel:
        if self._bell < 0:
            raise Bug("the executor has not been started")
        if self._channel is None:
            raise ConnectionResetError("no supervisor has been there when last looked for")
        return self._channel

    def _reconnect(self) -> None:
        """Find or start a supervisor. Raises EnvironmentFailure; another call tries again."""
        self._disconnect()
        self._connect()
        try:
            self._greet()
        except (EOFError, ConnectionError, BlockingIOError) as error:
            self._disconnect()
            raise EnvironmentFailure("the supervisor hung up at once") from error

    def _greet(self) -> None:
        """Say which attempts we believe in, and learn which of them nobody has begun."""
        channel = self._open_channel()
        self._orders.clear()  # of a turn that broke off: whoever is not known is ordered anew
        channel.send(protocol.Hello(self._epoch, tuple(sorted(self._in_flight))))
        while not isinstance(message := channel.receive(), protocol.Welcome):
            if message is None:
                raise EOFError
            if isinstance(message, protocol.Unwelcome):
                self._disconnect()
                raise EnvironmentFailure(
                    f"the supervisor serves a later scheduler (epoch {message.epoch})"
                )
            self._early.append(message)
        known = set(message.tokens)
        unknown = sorted(self._in_flight - known)
        self._unstarted += [_not_started(token) for token in unknown]
        self._to_end = {token: self._to_end[token] for token in self._to_end.keys() & known}
        channel.send(*(Kill(token, reason) for token, reason in self._to_end.items()))
        os.eventfd_write(self._bell, 1)  # what has come early must not lie unread

    def _connect(self) -> None:
        folder = self._settings.run_folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sock = self._knock()
        if sock is None:
            log = self._settings.logging.base_log_folder / "supervisor.log"
            raise EnvironmentFailure(f"no supervisor could be started; see {log}")
        # Not Python's own timeout, which would also make `receive_ready` wait.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _TIMEVAL)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _TIMEVAL)
        self._channel = Channel(sock)
        self._readiness.register(sock, select.EPOLLIN)

    def _knock(self) -> socket.socket | None:
        """A connection to the supervisor that is there, or to one that we start."""
        for pause_s in PAUSES_S:
            with contextlib.suppress(FileNotFoundError, ConnectionError):
                return door.connect(self._settings.run_folder)
            self._reap()
            self._children.append(launch_supervisor(self._settings))
            with contextlib.suppress(FileNotFoundError, ConnectionError):
                return door.connect(self._settings.run_folder)
            time.sleep(pause_s)  # the one before it is about to leave, and has the lock
        return None

    def _disconnect(self) -> None:
        if self._channel is not None:
            self._readiness.unregister(self._channel.socket)
            self._channel.close()
            self._channel = None

    def _reap(self, wait: bool = False) -> None:
        for pid in tuple(self._children):
            with contextlib.suppress(ChildProcessError):
                if os.waitpid(pid, 0 if wait else os.WNOHANG) == (0, 0):
                    continue
            self._children.remove(pid)


def _not_started(token: str) -> AttemptEnded:
    outcome = Outcome(
        result=Result.NOT_STARTED,
        end_date=datetime.now(UTC),
        reason="no supervisor has begun it",
    )
    return AttemptEnded(token, outcome)

"""The caller's side of one file under way: what its process sends and what it prints."""

import contextlib
import os
import socket
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tradewind.loading import frames
from tradewind.model.parsed import RecordedInput

OUTPUT_KEPT = 16_384
"""Bytes of output that are kept, the last ones."""


@dataclass(slots=True)
class Reading:
    """One file under way. `listen` fills `questions`, `parsed` and the output."""

    serial: int
    path: Path
    connection: socket.socket
    output: int
    """The pipe it prints to."""
    inbox: frames.Inbox
    started: float
    questions: deque[dict[str, Any]] = field(default_factory=deque)
    answered: list[RecordedInput] = field(default_factory=list)
    """Variables and Connections it was told."""
    parsed: dict[str, Any] | None = None
    open: list[socket.socket | int] = field(default_factory=list)
    """What is still listened to."""
    _printed: bytearray = field(default_factory=bytearray)

    @classmethod
    def begin(cls, serial: int, path: Path) -> tuple["Reading", tuple[int, int]]:
        """A reading and the descriptors its process is to have: connection, output."""
        ours, theirs = socket.socketpair()
        read, write = os.pipe()
        os.set_blocking(read, False)
        reading = cls(serial, path, ours, read, frames.Inbox(ours), time.monotonic())
        reading.open = [ours, read]
        return reading, (theirs.detach(), write)

    @property
    def duration_s(self) -> float:
        return time.monotonic() - self.started

    def listen(self) -> list[socket.socket | int]:
        """Take what there is; what is at its end is named and not listened to again."""
        before = list(self.open)
        if self.connection in self.open:
            for message in self.inbox.drain():
                if "parsed" in message:
                    self.parsed = message["parsed"]
                else:
                    self.questions.append(message)
            if self.inbox.closed:
                self.open.remove(self.connection)
        if self.output in self.open and self._read_output():
            self.open.remove(self.output)
        return [fileobj for fileobj in before if fileobj not in self.open]

    def reply(self, message: dict[str, Any]) -> None:
        """Answer a question; it does not matter if nobody waits for it any more."""
        with contextlib.suppress(OSError):
            frames.send(self.connection, message)

    def printed(self) -> str:
        """The last part of what it printed."""
        return self._printed.decode(errors="replace")

    def close(self) -> None:
        """Give everything up."""
        self.open.clear()
        self.connection.close()
        os.close(self.output)

    def _read_output(self) -> bool:
        """True at the end of the pipe. Reads a bounded amount, for it may be endless."""
        for _ in range(64):
            try:
                chunk = os.read(self.output, 65_536)
            except BlockingIOError:
                return False
            if not chunk:
                return True
            self._printed += chunk
            del self._printed[:-OUTPUT_KEPT]
        return False

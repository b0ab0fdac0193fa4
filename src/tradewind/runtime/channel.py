"""Lines over stream sockets, with a descriptor attached where one must be handed over.

`Channel` blocks when it sends: for processes with one partner. `LoopChannel` never blocks: for
the supervisor's loop. Neither knows what the lines mean, `Channel` only that they are messages.
"""

import array
import contextlib
import socket
from collections import deque
from collections.abc import Callable

from tradewind.runtime.postponement import postponed
from tradewind.runtime.protocol import Message, decode, encode
from tradewind.runtime.reactor import Reactor

CHUNK_BYTES = 1 << 18


class LineBuffer:
    """Cuts what arrives into lines."""

    def __init__(self) -> None:
        self._rest: list[bytes] = []

    def feed(self, chunk: bytes) -> list[bytes]:
        """The lines that `chunk` completes, without their newlines."""
        if b"\n" not in chunk:
            self._rest.append(chunk)
            return []
        head, *lines = (
            (b"".join(self._rest) + chunk).split(b"\n") if self._rest else chunk.split(b"\n")
        )
        tail = lines.pop()
        self._rest = [tail] if tail else []
        return [head, *lines]


class Channel:
    """Messages to and from one partner, over a blocking socket."""

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        self._buffer = LineBuffer()
        self._lines: deque[bytes] = deque()

    def fileno(self) -> int:
        return self.socket.fileno()

    def send(self, *messages: Message) -> None:
        """Raises OSError when the partner is gone. An interruption comes after it, not within."""
        lines = b"".join(encode(message) + b"\n" for message in messages)
        with postponed():
            self.socket.sendall(lines)

    def receive(self) -> Message | None:
        """Wait for the next message; None when the partner has closed. An interruption ends the
        wait, and loses nothing of what comes."""
        while not self._lines:
            self.socket.recv(1, socket.MSG_PEEK)
            with postponed():
                chunk = self.socket.recv(CHUNK_BYTES)
                self._lines.extend(self._buffer.feed(chunk))
            if not chunk:
                return None
        return decode(self._lines.popleft())

    def receive_ready(self) -> list[Message]:
        """The messages that are there, without waiting. Raises EOFError after the last one."""
        with contextlib.suppress(BlockingIOError):
            while chunk := self.socket.recv(CHUNK_BYTES, socket.MSG_DONTWAIT):
                self._lines.extend(self._buffer.feed(chunk))
                if len(chunk) < CHUNK_BYTES:
                    break
            else:
                if not self._lines:
                    raise EOFError
        messages = [decode(line) for line in self._lines]
        self._lines.clear()
        return messages

    def close(self) -> None:
        self.socket.close()


class LoopChannel:
    """Lines to and from one partner of a loop; what cannot be sent at once waits in memory."""

    def __init__(
        self,
        reactor: Reactor,
        sock: socket.socket,
        on_line: Callable[[bytes], None],
        on_closed: Callable[[], None],
    ) -> None:
        sock.setblocking(False)
        self.socket = sock
        self.is_open = True
        self._reactor = reactor
        self._on_line = on_line
        self._on_closed = on_closed
        self._buffer = LineBuffer()
        self._outbox: deque[tuple[bytes, int | None]] = deque()
        reactor.watch(sock, self._on_ready)

    def send(self, line: bytes, descriptor: int | None = None) -> None:
        """Send or keep a line. Takes `descriptor` over: it is closed here once it is sent."""
        if not self.is_open:
            if descriptor is not None:
                _close_descriptor(descriptor)
            return
        self._outbox.append((line + b"\n", descriptor))
        if len(self._outbox) == 1:
            self._flush()

    def drain(self) -> None:
        """Handle every line that has arrived, without waiting."""
        while self.is_open:
            try:
                chunk = self.socket.recv(CHUNK_BYTES)
            except BlockingIOError:
                return
            except OSError:
                chunk = b""
            if not chunk:
                self.close()
                self._on_closed()
                return
            for line in self._buffer.feed(chunk):
                self._on_line(line)
            if len(chunk) < CHUNK_BYTES:
                return

    def close(self) -> None:
        """Close without a word to `on_closed`; what waits is dropped."""
        if self.is_open:
            self.is_open = False
            self._reactor.forget(self.socket)
            self.socket.close()
            for _, descriptor in self._outbox:
                if descriptor is not None:
                    _close_descriptor(descriptor)
            self._outbox.clear()

    def over(self, sock: socket.socket) -> "LoopChannel":
        """Close, and have what arrives over another socket handled the same way."""
        self.close()
        return LoopChannel(self._reactor, sock, self._on_line, self._on_closed)

    def _on_ready(self, readable: bool, writable: bool) -> None:
        if writable:
            self._flush()
        if readable:
            self.drain()

    def _flush(self) -> None:
        while self._outbox:
            line, descriptor = self._outbox[0]
            try:
                sent = self.socket.sendmsg([line], _rights(descriptor))
            except BlockingIOError:
                sent = 0
            except OSError:  # the partner is gone: reading will tell
                self._drop_outbox()
                return
            if sent and descriptor is not None:
                _close_descriptor(descriptor)
                descriptor = None
            if sent < len(line):
                self._outbox[0] = (line[sent:], descriptor)
                self._reactor.want_write(self.socket, True)
                return
            self._outbox.popleft()
        self._reactor.want_write(self.socket, False)

    def _drop_outbox(self) -> None:
        for _, descriptor in self._outbox:
            if descriptor is not None:
                _close_descriptor(descriptor)
        self._outbox.clear()


def _rights(descriptor: int | None) -> list[tuple[int, int, "array.array[int]"]]:
    if descriptor is None:
        return []
    return [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [descriptor]))]


def _close_descriptor(descriptor: int) -> None:
    socket.close(descriptor)

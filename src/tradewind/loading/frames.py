"""JSON messages over a stream socket: four bytes of length, then the text."""

import json
import socket
import struct
from typing import Any

_LENGTH = struct.Struct("!I")


def send(connection: socket.socket, message: dict[str, Any]) -> None:
    """Send one message, waiting until it is taken. Raises OSError if the other end is gone."""
    data = json.dumps(message).encode()
    connection.sendall(_LENGTH.pack(len(data)) + data)


def receive(connection: socket.socket) -> dict[str, Any] | None:
    """Wait for one message; None when the other end has closed."""
    head = _read(connection, _LENGTH.size)
    if head is None:
        return None
    body = _read(connection, _LENGTH.unpack(head)[0])
    if body is None:
        return None
    message: dict[str, Any] = json.loads(body)
    return message


def _read(connection: socket.socket, count: int) -> bytes | None:
    chunks = bytearray()
    while len(chunks) < count:
        chunk = connection.recv(min(count - len(chunks), 1 << 20))
        if not chunk:
            return None
        chunks += chunk
    return bytes(chunks)


class Inbox:
    """Puts messages together from what a socket has so far, without waiting."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._data = bytearray()
        self.closed = False

    def drain(self) -> list[dict[str, Any]]:
        """All messages that are complete; sets `closed` when the other end has closed.

        Reads a bounded amount, for the other end may never stop; what is no message closes it too.
        """
        for _ in range(64):
            try:
                chunk = self._connection.recv(1 << 16, socket.MSG_DONTWAIT)
            except BlockingIOError:
                break
            except OSError:
                chunk = b""
            if not chunk:
                self.closed = True
                break
            self._data += chunk
        return self._complete()

    def _complete(self) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = []
        start = 0
        while len(self._data) - start >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._data, start)
            end = start + _LENGTH.size + length
            if len(self._data) < end:
                break
            message = _message_in(self._data[start + _LENGTH.size : end])
            if message is None:
                self.closed = True
                break
            messages.append(message)
            start = end
        del self._data[:start]
        return messages


def _message_in(data: bytearray) -> dict[str, Any] | None:
    try:
        message = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) else None

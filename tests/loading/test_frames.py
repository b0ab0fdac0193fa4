"""Messages survive any cutting of the stream."""

import json
import socket
import struct
from collections.abc import Iterator

import pytest

from tradewind.loading import frames


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    one, other = socket.socketpair()
    with one, other:
        yield one, other


def test_messages_arrive_in_order(ends: tuple[socket.socket, socket.socket]) -> None:
    one, other = ends
    frames.send(one, {"a": 1})
    frames.send(one, {"b": "ü"})
    assert frames.receive(other) == {"a": 1}
    assert frames.receive(other) == {"b": "ü"}
    one.close()
    assert frames.receive(other) is None


def test_an_inbox_waits_for_whole_messages(ends: tuple[socket.socket, socket.socket]) -> None:
    one, other = ends
    inbox = frames.Inbox(other)
    data = json.dumps({"x": "y" * 1000}).encode()
    stream = (struct.pack("!I", len(data)) + data) * 2
    assert inbox.drain() == []
    for cut in (stream[:3], stream[3:900], stream[900:1100]):
        one.sendall(cut)
    assert inbox.drain() == [{"x": "y" * 1000}]
    one.sendall(stream[1100:])
    one.close()
    assert inbox.drain() == [{"x": "y" * 1000}]
    assert inbox.closed


def test_a_message_cut_short_is_no_message(ends: tuple[socket.socket, socket.socket]) -> None:
    one, other = ends
    one.sendall(struct.pack("!I", 10) + b"abc")
    one.close()
    assert frames.receive(other) is None

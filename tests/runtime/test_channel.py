"""Lines over sockets: whole, in order, however they arrive; descriptors with their line."""

import os
import socket
from collections.abc import Iterator

import pytest

from tradewind.model.events import XComPushed
from tradewind.runtime.channel import Channel, LineBuffer, LoopChannel
from tradewind.runtime.protocol import Grown, decode, encode
from tradewind.runtime.reactor import Reactor


class Loop:
    """One loop channel and the other end of its socket."""

    def __init__(self) -> None:
        self.reactor = Reactor()
        ours, self.other = socket.socketpair()
        self.lines: list[bytes] = []
        self.closed = 0
        self.channel = LoopChannel(self.reactor, ours, self.lines.append, self._on_closed)

    def _on_closed(self) -> None:
        self.closed += 1


@pytest.fixture
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.channel.close()
    loop.other.close()
    loop.reactor.close()


@pytest.mark.parametrize(
    ("chunks", "lines"),
    [
        ([b"a\n"], [b"a"]),
        ([b"a", b"b\n"], [b"ab"]),
        ([b"a\nb", b"", b"c\nd\n"], [b"a", b"bc", b"d"]),
        ([b"a\n\nb"], [b"a", b""]),
    ],
)
def test_line_buffer(chunks: list[bytes], lines: list[bytes]) -> None:
    buffer = LineBuffer()
    assert [line for chunk in chunks for line in buffer.feed(chunk)] == lines


def test_message_of_megabytes_waits_until_there_is_room(loop: Loop) -> None:
    message = XComPushed("1-1", "k", "x" * 3_000_000)
    loop.channel.send(encode(message))  # does not block, though nobody reads
    buffer = LineBuffer()
    received: list[bytes] = []
    while not received:
        received += buffer.feed(loop.other.recv(1 << 20))
        loop.reactor.after(0, lambda: None)
        loop.reactor.turn()
    assert [decode(line) for line in received] == [message]


def test_descriptor_arrives_with_its_line(loop: Loop) -> None:
    read_end, write_end = os.pipe()
    loop.channel.send(encode(Grown(1)), write_end)
    line, (received,), _, _ = socket.recv_fds(loop.other, 1000, 4)
    assert decode(line.strip()) == Grown(1)
    os.write(received, b"through")
    assert os.read(read_end, 10) == b"through"
    os.close(received)
    assert os.read(read_end, 10) == b""  # handed over: nobody else has the write end
    os.close(read_end)


def test_lines_before_the_end_are_heard_first(loop: Loop) -> None:
    loop.other.sendall(b"one\ntwo\n")
    loop.other.close()
    loop.reactor.turn()
    loop.reactor.turn()
    assert (loop.lines, loop.closed) == ([b"one", b"two"], 1)


def test_sending_to_nobody_is_no_error(loop: Loop) -> None:
    loop.other.close()
    loop.channel.send(b"hello")
    loop.channel.send(b"again")


def test_blocking_channel_tells_the_end_after_the_last_message() -> None:
    ours, other = socket.socketpair()
    with ours, other:
        channel = Channel(ours)
        Channel(other).send(Grown(1))
        other.close()
        assert channel.receive_ready() == [Grown(1)]
        with pytest.raises(EOFError):
            channel.receive_ready()
        assert channel.receive() is None

"""Lines over sockets: whole, in order, however they arrive; descriptors with their line."""

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tradewind import DAG, BaseOperator
from tradewind.authoring.errors import AirflowTaskTerminated
from tradewind.model.events import XComPushed
from tradewind.model.requests import GetVariable
from tradewind.runtime.channel import Channel, LineBuffer, LoopChannel
from tradewind.runtime.client import TaskHost
from tradewind.runtime.interruptions import interruptible
from tradewind.runtime.protocol import Answer, Grown, Question, decode, encode
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


# --- interruptions --------------------------------------------------------------------------


class Killed(BaseOperator):
    """Does nothing but what it is told to when it is killed."""

    def on_kill(self) -> None:
        self.when_killed()

    def when_killed(self) -> None:
        pass


@pytest.fixture
def task() -> Killed:
    with DAG("d", schedule=None, auto_register=False):
        return Killed(task_id="t")


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def kill_main_thread() -> None:
    ident = threading.main_thread().ident
    assert ident is not None
    signal.pthread_kill(ident, signal.SIGTERM)


def test_an_interruption_does_not_cut_a_message(
    task: Killed, ends: tuple[socket.socket, socket.socket]
) -> None:
    ours, theirs = ends
    sent = [XComPushed("1-1", "k", "x" * 5_000_000), XComPushed("1-1", "k", "after")]
    received: list[object] = []

    def partner() -> None:
        channel = Channel(theirs)
        theirs.recv(1, socket.MSG_PEEK)  # it is being sent, and has no room
        kill_main_thread()
        received.extend([channel.receive(), channel.receive()])

    thread = threading.Thread(target=partner)
    thread.start()
    channel = Channel(ours)
    with pytest.raises(AirflowTaskTerminated), interruptible(task):
        channel.send(sent[0])
        time.sleep(600)
    channel.send(sent[1])
    thread.join()
    assert received == sent


def test_an_interruption_loses_no_part_of_an_answer(
    task: Killed, ends: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = ends
    answers = [Answer("1-1", 1, "one"), Answer("1-1", 2, "two")]
    Channel(theirs).send(*answers)

    class Interrupted(socket.socket):
        def recv(self, size: int, flags: int = 0) -> bytes:
            data = super().recv(size, flags)
            if not flags & socket.MSG_PEEK:
                kill_main_thread()
            return data

    with Interrupted(fileno=os.dup(ours.fileno())) as interrupted:
        channel = Channel(interrupted)
        with pytest.raises(AirflowTaskTerminated), interruptible(task):
            channel.receive()
            time.sleep(600)
        assert [channel.receive(), channel.receive()] == answers


def test_on_kill_may_ask_while_an_answer_is_waited_for(
    task: Killed, ends: tuple[socket.socket, socket.socket]
) -> None:
    ours, theirs = ends
    host = TaskHost("1-1", Channel(ours), lambda secrets: None)
    told: list[object] = []
    task.when_killed = lambda: told.append(host.ask(GetVariable(key="b")))  # type: ignore[method-assign]

    def partner() -> None:
        channel = Channel(theirs)
        first = channel.receive()
        assert isinstance(first, Question)
        kill_main_thread()
        second = channel.receive()
        assert isinstance(second, Question)
        channel.send(Answer("1-1", first.request_id, "a"), Answer("1-1", second.request_id, "b"))

    thread = threading.Thread(target=partner)
    thread.start()
    with pytest.raises(AirflowTaskTerminated), interruptible(task):
        host.ask(GetVariable(key="a"))
    thread.join()
    assert told == ["b"]

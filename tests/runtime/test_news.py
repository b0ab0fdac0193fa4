"""What nobody waits for is told together with what follows."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tradewind.runtime import partner as partners
from tradewind.runtime.partner import Partner
from tradewind.runtime.protocol import Hello, encode
from tradewind.runtime.reactor import Reactor


class Ends:
    """A Partner and the executor's end of its socket."""

    def __init__(self, path: Path) -> None:
        self.reactor = Reactor()
        self._path = str(path / "door")
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self._path)
        self._listener.listen()
        self.heard: list[bytes] = []
        self.partner = Partner(self.reactor, self._listener, self.heard.append, lambda: None)
        self.executor = self.greet()

    def greet(self) -> socket.socket:
        executor = socket.socket(socket.AF_UNIX)
        executor.connect(self._path)
        executor.sendall(encode(Hello(1, ())) + b"\n")
        greetings = len(self.heard)
        while len(self.heard) == greetings:
            self.reactor.turn()
        return executor

    def close(self) -> None:
        self.executor.close()
        while self.partner.is_there:
            self.reactor.turn()
        self._listener.close()
        self.reactor.close()


@pytest.fixture
def ends(tmp_path: Path) -> Iterator[Ends]:
    made = Ends(tmp_path)
    yield made
    made.close()


def test_a_start_waits_for_the_end_that_follows(
    ends: Ends, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partners, "HOLD_S", 3600.0)
    ends.partner.say_soon(b"started")
    ends.partner.say_soon(b"rendered")
    ends.partner.say(b"ended")
    assert ends.executor.recv(100) == b"started\nrendered\nended\n"


def test_a_start_does_not_wait_for_ever(ends: Ends) -> None:
    ends.partner.say_soon(b"started")
    ends.reactor.turn()
    assert ends.executor.recv(100) == b"started\n"


def test_a_new_partner_is_not_told_what_its_greeting_will_repeat(
    ends: Ends, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partners, "HOLD_S", 3600.0)
    ends.partner.say_soon(b"started")
    later = ends.greet()
    ends.partner.say(b"ended")
    assert later.recv(100) == b"ended\n"
    ends.executor.close()
    ends.executor = later

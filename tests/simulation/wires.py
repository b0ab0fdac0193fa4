"""Stream sockets, a listener and a reactor without descriptors: bytes arrive by the agenda."""

import socket
from collections.abc import Callable
from random import Random
from typing import Any

from tests.simulation.agenda import Agenda
from tradewind.runtime.reactor import Timer

LATENCY_S = 0.002


class Wire:
    """One end of a stream: what is written arrives at the other end in order, a little later."""

    def __init__(self, agenda: Agenda, rng: Random, *, local: bool) -> None:
        self._agenda = agenda
        self._rng = rng
        self._local = local
        self.peer: Wire
        self.arrived = bytearray()
        self.is_open = True
        self.has_ended = False
        """The other end is closed, and everything from it has arrived."""
        self.is_cut = False
        """What is under way to here gets lost."""
        self.on_ready: Callable[[bool, bool], None] | None = None
        self.pump: Callable[[], None] | None = None
        """Lets the world go on until something has arrived, for a receiver that blocks."""
        self._arrives_at = 0.0

    # --- what the product calls ---------------------------------------------------------------

    def send(self, data: bytes) -> int:
        if not self.is_open or self.has_ended or not self.peer.is_open:
            raise BrokenPipeError("nobody is at the other end")
        self.peer._take(bytes(data))
        return len(data)

    def sendall(self, data: bytes) -> None:
        self.send(data)

    def sendmsg(self, buffers: list[bytes], ancillary: Any = ()) -> int:
        return self.send(b"".join(buffers))

    def recv(self, most: int, flags: int = 0) -> bytes:
        waits = not flags & socket.MSG_DONTWAIT
        if not self.arrived and not self.has_ended and self.pump and waits:
            self.pump()
        if self.arrived:
            chunk = bytes(self.arrived[:most])
            if not flags & socket.MSG_PEEK:
                del self.arrived[:most]
            return chunk
        if self.has_ended or not self.is_open:
            return b""
        raise BlockingIOError

    def close(self) -> None:
        if self.is_open:
            self.is_open = False
            self.on_ready = None
            self.peer._expect(self.peer._end)

    def setblocking(self, blocks: bool) -> None: ...

    def setsockopt(self, *option: Any) -> None: ...

    # --- what the simulation calls ------------------------------------------------------------

    @property
    def is_readable(self) -> bool:
        return self.is_open and bool(self.arrived or self.has_ended)

    def cut(self) -> None:
        """Break the connection: what is under way in both directions is lost."""
        for end in (self, self.peer):
            end.is_cut = True
        for end in (self, self.peer):
            end._end(forced=True)

    def _take(self, data: bytes) -> None:
        """On one machine it can be read at once, though its reader is woken later."""
        if self._local:
            self.arrived += data
            self._expect(lambda: self._tell() if self.is_open else None)
            return

        def arrive() -> None:
            if self.is_open and not self.is_cut:
                self.arrived += data
                self._tell()

        self._expect(arrive)

    def _expect(self, call: Callable[[], None]) -> None:
        latency = self._rng.random() * LATENCY_S
        self._arrives_at = max(self._arrives_at, self._agenda.seconds + latency)
        self._agenda.after(self._arrives_at - self._agenda.seconds, call)

    def _end(self, forced: bool = False) -> None:
        if self.is_open and not self.has_ended:
            self.has_ended = True
            self._tell()

    def _tell(self) -> None:
        if self.on_ready is not None:
            self.on_ready(True, False)


def pair(agenda: Agenda, rng: Random, *, local: bool) -> tuple[Wire, Wire]:
    """Two ends of a stream, within one machine or across a network."""
    one, other = Wire(agenda, rng, local=local), Wire(agenda, rng, local=local)
    one.peer, other.peer = other, one
    return one, other


class Listener:
    """Where connections are taken up."""

    def __init__(self) -> None:
        self.on_ready: Callable[[bool, bool], None] | None = None
        self._knocking: list[Wire] = []

    def setblocking(self, blocks: bool) -> None: ...

    def accept(self) -> tuple[Wire, None]:
        if not self._knocking:
            raise BlockingIOError
        return self._knocking.pop(0), None

    def knock(self, agenda: Agenda, rng: Random) -> Wire:
        """Connect; the caller's end."""
        ours, theirs = pair(agenda, rng, local=False)
        self._knocking.append(theirs)
        assert self.on_ready is not None
        self.on_ready(True, False)
        return ours


class WireReactor:
    """Stands where a supervisor's Reactor would. Dead, it calls nobody any more."""

    def __init__(self, agenda: Agenda) -> None:
        self._agenda = agenda
        self.is_dead = False
        self.after_each: Callable[[], None] = lambda: None
        self.wires: dict[int, Wire] = {}

    def watch(self, source: Any, on_ready: Callable[[bool, bool], None]) -> None:
        def call(readable: bool, writable: bool) -> None:
            if not self.is_dead:
                on_ready(readable, writable)
                self.after_each()

        source.on_ready = call
        if isinstance(source, Wire):
            self.wires[id(source)] = source
            if source.is_readable:
                self._agenda.after(0.0, lambda: source._tell())

    def want_write(self, source: Any, wanted: bool) -> None: ...

    def forget(self, source: Any) -> None:
        source.on_ready = None
        self.wires.pop(id(source), None)

    def after(self, delay_s: float, call: Callable[[], None]) -> Timer:
        timer = Timer(call)

        def due() -> None:
            if timer.call is not None and not self.is_dead:
                timer.call()
                self.after_each()

        self._agenda.after(delay_s, due)
        return timer


class Sockets:
    """Stands where a supervisor's module `socket` would."""

    socket = socket.socket

    def __init__(self, agenda: Agenda, rng: Random) -> None:
        self._agenda = agenda
        self._rng = rng

    def socketpair(self) -> tuple[Wire, Wire]:
        return pair(self._agenda, self._rng, local=True)

    def gethostname(self) -> str:
        return "here"

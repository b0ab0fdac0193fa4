"""The one executor a supervisor listens to, and the door it comes through."""

import os
import socket
import struct
from collections.abc import Callable

from tradewind.runtime.channel import LoopChannel
from tradewind.runtime.protocol import Unwelcome, encode, peek
from tradewind.runtime.reactor import Reactor, Timer

HOLD_S = 0.01


class Partner:
    """Whoever said Hello last, under no earlier leadership. Others are turned away."""

    def __init__(
        self,
        reactor: Reactor,
        listener: socket.socket,
        on_order: Callable[[bytes], None],
        on_gone: Callable[[], None],
    ) -> None:
        self._epoch = -1
        self._latest_order = -1
        self._reactor = reactor
        self._listener = listener
        self._on_order = on_order
        self._on_gone = on_gone
        self._channel: LoopChannel | None = None
        self._news: list[bytes] = []
        self._news_timer: Timer | None = None
        listener.setblocking(False)
        reactor.watch(listener, lambda *_: self._accept())

    @property
    def is_there(self) -> bool:
        return self._channel is not None

    def why_stale(self, epoch: int) -> str | None:
        """Why an order given under `epoch` is too old to be followed; None if it is not."""
        leading = max(self._epoch, self._latest_order)
        if epoch < leading:
            return f"ordered under epoch {epoch}, but {leading} leads"
        self._latest_order = epoch
        return None

    def say(self, line: bytes) -> None:
        """Say something, if anybody is there: what matters is held and said again."""
        if self._channel is not None:
            self._channel.send(b"\n".join((*self._take_news(), line)))

    def say_soon(self, line: bytes) -> None:
        """Say something that nobody waits for, together with what follows within HOLD_S.

        So the start and the end of a short task wake the scheduler once, and become one commit.
        """
        if self._channel is None:
            return
        self._news.append(line)
        if self._news_timer is None:
            self._news_timer = self._reactor.after(HOLD_S, self._say_news)

    def _say_news(self) -> None:
        news = self._take_news()
        if self._channel is not None:
            self._channel.send(b"\n".join(news))

    def _take_news(self) -> list[bytes]:
        if self._news_timer is not None:
            self._news_timer.cancel()
            self._news_timer = None
        news, self._news = self._news, []
        return news

    def _accept(self) -> None:
        try:
            sock, _ = self._listener.accept()
        except (BlockingIOError, ConnectionError):  # it went away again
            return
        if peer_uid(sock) != os.getuid():
            sock.close()
            return
        channel: LoopChannel
        channel = LoopChannel(
            self._reactor,
            sock,
            lambda line: self._on_line(channel, line),
            lambda: self._on_closed(channel),
        )

    def _on_line(self, channel: LoopChannel, line: bytes) -> None:
        if channel is not self._channel and not self._take_place(channel, line):
            return
        self._on_order(line)

    def _take_place(self, channel: LoopChannel, line: bytes) -> bool:
        name, data = peek(line)
        if name != "Hello" or data["epoch"] < self._epoch:
            channel.send(encode(Unwelcome(self._epoch)))
            channel.close()
            return False
        if self._channel is not None:
            self._channel.close()
        self._take_news()  # it will be told everything again
        self._channel = channel
        self._epoch = data["epoch"]
        return True

    def _on_closed(self, channel: LoopChannel) -> None:
        if channel is self._channel:
            self._channel = None
            self._on_gone()


def peer_uid(sock: socket.socket) -> int:
    """The user at the other end of a Unix socket."""
    raw = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, uid, _ = struct.unpack("3i", raw)
    return int(uid)

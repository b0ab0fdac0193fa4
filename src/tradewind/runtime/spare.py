"""A child that a file zygote has forked ahead of its order.

With a processor to spare, the next task need not wait for a fork, nor for the page faults of its
first steps: this process has taken them in a rehearsal (docs/decisions/0006-what-a-fork-costs.md).
"""

import contextlib
import os
import socket
from dataclasses import dataclass
from typing import NoReturn

from tradewind.runtime.channel import CHUNK_BYTES
from tradewind.runtime.forked import Prepared, become_task
from tradewind.runtime.logs import LOG
from tradewind.runtime.process_name import set_process_name
from tradewind.runtime.protocol import Begin, decode
from tradewind.runtime.rehearsal import warm_up
from tradewind.runtime.usage import Usage
from tradewind.runtime.user_code import UserCode

RUNNING_MAX = len(os.sched_getaffinity(0))
"""With more tasks under way there is no processor for it."""
KEPT_MS = 30_000
"""How long it waits for an order: it holds memory of its own."""
ORDER_BYTES_MAX = 1 << 16
"""So much its line takes at once, however busy it is."""
_READY = b"!"


@dataclass(frozen=True, slots=True)
class Spare:
    """The waiting child, as its zygote holds it."""

    pid: int
    line: socket.socket

    def is_ready(self) -> bool:
        """Whether it has rehearsed: what a DAG file has patched may keep it for ever."""
        try:
            return self.line.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == _READY
        except OSError:
            return False

    def order(self, begin: bytes, descriptor: int) -> bool:
        """Have it make an attempt; False if it is gone."""
        with self.line:
            try:
                socket.send_fds(self.line, [begin, b"\n"], [descriptor])
            except OSError:
                return False
        return True

    def dismiss(self) -> None:
        """Let it go: nothing was ordered."""
        self.line.close()


def stand_by(line: socket.socket, code: UserCode, file: str) -> NoReturn:
    """Be ready, wait, and make the attempt that is ordered. The fork itself lies behind."""
    try:
        _rehearse()
        with contextlib.suppress(OSError):  # the order is there already, or none will be
            line.send(_READY)
        set_process_name(f"spare {file}")
        ordered = _wait(line)
        used = Usage.now()
    except BaseException as error:  # what has called us belongs to the zygote
        LOG.failure("a spare broke down", error)
        os._exit(1)
    if ordered is None:
        os._exit(0)
    become_task(ordered[0], ordered[1], code, used)


def _rehearse() -> None:
    try:
        warm_up()
    except Exception as error:  # the DAG file may have patched anything
        LOG.failure("a rehearsal failed", error)


def _wait(line: socket.socket) -> tuple[Prepared, socket.socket] | None:
    """The order, with the task's socket; None if there will be none."""
    with line:
        try:
            begin, descriptors, _, _ = socket.recv_fds(line, CHUNK_BYTES, 1)
            while begin and not begin.endswith(b"\n"):
                if not (more := line.recv(CHUNK_BYTES)):
                    return None  # its zygote died
                begin += more
        except ConnectionError:  # dismissed before it had heard that we are ready
            return None
    if not begin:
        return None
    order = decode(begin)
    assert isinstance(order, Begin)
    return Prepared.of(order), socket.socket(fileno=descriptors[0])

"""A child that a file zygote has forked ahead of its order.

With a processor to spare, the next task need not wait for a fork, nor for the page faults of its
first steps: this process has taken them in a rehearsal (docs/decisions/0006-what-a-fork-costs.md).
"""

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


@dataclass(frozen=True, slots=True)
class Spare:
    """The waiting child, as its zygote holds it."""

    pid: int
    line: socket.socket

    def order(self, begin: bytes, descriptor: int) -> bool:
        """Have it make an attempt; False if it is gone. It reads until the line is closed."""
        with self.line:
            try:
                sent = socket.send_fds(self.line, [begin], [descriptor])
                self.line.sendall(begin[sent:])
            except OSError:
                return False
        return True

    def dismiss(self) -> None:
        """Let it go: nothing was ordered."""
        self.line.close()


def stand_by(line: socket.socket, code: UserCode, file: str) -> NoReturn:
    """Be ready, wait, and make the attempt that is ordered. The fork itself lies behind."""
    set_process_name(f"spare {file}")
    try:
        warm_up()
    except Exception as error:  # the DAG file may have patched anything
        LOG.failure("a rehearsal failed", error)
    with line:
        begin, descriptors, _, _ = socket.recv_fds(line, CHUNK_BYTES, 1)
        while begin and (more := line.recv(CHUNK_BYTES)):
            begin += more
    if not begin:
        os._exit(0)
    used = Usage.now()
    order = decode(begin)
    assert isinstance(order, Begin)
    become_task(Prepared.of(order), socket.socket(fileno=descriptors[0]), code, used)

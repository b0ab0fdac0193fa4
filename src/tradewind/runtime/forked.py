"""Around the fork of a task process: what is made ready before, and what the child does first."""

import os
import random
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import Any, NoReturn

from tradewind.runtime import task_process
from tradewind.runtime.channel import Channel
from tradewind.runtime.leftovers import mark_process
from tradewind.runtime.logs import LOG, finish_output, open_log
from tradewind.runtime.process_name import set_process_name
from tradewind.runtime.protocol import Begin
from tradewind.runtime.usage import Usage
from tradewind.runtime.user_code import UserCode

Handler = Callable[[int, FrameType | None], Any] | int | None


def default_handlers() -> dict[int, Handler]:
    """The signal handlers as they are before a zygote puts up its own."""
    return {
        number: handler
        for number in signal.valid_signals()
        if number not in (signal.SIGKILL, signal.SIGSTOP)
        and (handler := signal.getsignal(number)) is not None
        and (number == signal.SIGCHLD or handler not in (signal.SIG_DFL, signal.SIG_IGN))
    }


@dataclass(slots=True)
class Prepared:
    """What can be made ready for an attempt without running user code."""

    begin: Begin
    log: int | None
    """Its log file, open."""
    name: str

    @classmethod
    def of(cls, begin: Begin) -> "Prepared":
        key = begin.attempt.key
        log: int | None = None
        try:
            log = open_log(begin.log)
        except OSError as error:  # a full disk is no reason not to run
            LOG.write("error", "tradewind.task", f"{key} has no log of its own: {error}")
        return cls(begin, log, f"task {key.dag_id}.{key.task_id}")

    def close(self) -> None:
        """In the process that forked: the file is the child's."""
        if self.log is not None:
            os.close(self.log)


def become_task(
    prepared: Prepared,
    task_socket: socket.socket,
    code: UserCode,
    before: Usage = Usage(),  # noqa: B008 a constant
) -> NoReturn:
    """Run one attempt, and exit. `before` is what this process had used by then."""
    exit_code = 1
    try:
        os.setpgid(0, 0)
        reseed()
        set_process_name(prepared.name)
        mark_process(prepared.begin.mark)
        if prepared.log is not None:
            LOG.point_at(prepared.log)
        task_process.run(prepared.begin, Channel(task_socket), code, before)
        exit_code = 0
    except BaseException as error:
        LOG.failure("the task process broke down", error)
    finally:
        finish_output()
        os._exit(exit_code)


def reseed() -> None:
    """Give this process random numbers of its own, where a generator is imported."""
    random.seed()
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()
    if torch := sys.modules.get("torch"):
        torch.seed()

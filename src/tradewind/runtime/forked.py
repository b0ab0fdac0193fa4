"""From a fresh fork to a task process: group, signals, seeds, name, log, then the attempt."""

import os
import random
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from tradewind.config.settings import Settings
from tradewind.model.attempts import Attempt
from tradewind.model.log_paths import log_path
from tradewind.runtime import task_process
from tradewind.runtime.channel import Channel
from tradewind.runtime.logs import LOG, finish_output
from tradewind.runtime.process_name import set_process_name
from tradewind.runtime.protocol import Begin
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


def become_task(task_socket: socket.socket, settings: Settings, code: UserCode) -> NoReturn:
    """Run the one attempt that the socket tells of, and exit."""
    exit_code = 1
    try:
        os.setpgid(0, 0)
        reseed()
        channel = Channel(task_socket)
        set_process_name("task (waiting)")
        begin = channel.receive()
        if isinstance(begin, Begin):
            attempt = begin.attempt
            set_process_name(f"task {attempt.key.dag_id}.{attempt.key.task_id}")
            _open_log(settings.logging.base_log_folder, attempt)
            task_process.run(begin, channel, settings, code)
            exit_code = 0
    except BaseException as error:
        LOG.failure("the task process broke down", error)
    finally:
        finish_output()
        os._exit(exit_code)


def _open_log(folder: Path, attempt: Attempt) -> None:
    try:
        LOG.point_at(log_path(folder, attempt.key, attempt.try_number))
    except OSError as error:  # a full disk is no reason not to run: the supervisor's log is there
        LOG.write("error", "tradewind.task", f"{attempt.key} has no log of its own: {error}")


def reseed() -> None:
    """Give this process random numbers of its own, where a generator is imported."""
    random.seed()
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()
    if torch := sys.modules.get("torch"):
        torch.seed()

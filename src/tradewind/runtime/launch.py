"""How the processes of this package are started: clean interpreter, nothing inherited."""

import os
import socket
import sys
from collections.abc import Iterable, Mapping

from tradewind.config.children import child_environ, to_json
from tradewind.config.settings import Settings
from tradewind.runtime.leftovers import room_for_mark

CONTROL = 3
"""The socket of a zygote or a spawned task."""
READY = 3
"""Closed by a supervisor when it can be reached."""


def launch_zygote(settings: Settings, control: socket.socket) -> int:
    """Start the base zygote; its pid. Closes our copy of its socket."""
    with control:
        return _launch_marked("tradewind.runtime.zygote", settings, control)


def launch_task(settings: Settings, task_socket: socket.socket) -> int:
    """Start a fresh interpreter for one attempt; its pid. Closes our copy of its socket."""
    with task_socket:
        return _launch_marked("tradewind.runtime.spawned", settings, task_socket)


def launch_supervisor(settings: Settings) -> int:
    """Start a supervisor in a session of its own and wait until it is ready, or gone; its pid."""
    log = settings.logging.base_log_folder / "supervisor.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    streams = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, str(log), flags, 0o640),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    ready, write_end = os.pipe2(os.O_CLOEXEC)
    try:
        arguments = (to_json(settings),)
        pid = _launch(
            "tradewind.runtime.supervisor_process", arguments, write_end, streams, session=True
        )
    finally:
        os.close(write_end)
    with os.fdopen(ready, "rb") as pipe:
        pipe.read()
    return pid


def launch_trigger_process(settings: Settings, control: socket.socket) -> int:
    """Start the process that runs triggers; its pid. Closes our copy of its socket."""
    with control:
        arguments = (to_json(settings), str(os.getpid()))
        return _launch("tradewind.runtime.trigger_process", arguments, control.fileno())


def close_all_above(last: int) -> None:
    """Be rid of descriptors that somebody has made inheritable."""
    os.closerange(last + 1, 1 << 20)


def _launch_marked(module: str, settings: Settings, control: socket.socket) -> int:
    """Of what becomes a task, or forks tasks."""
    arguments = (to_json(settings), str(os.getpid()))
    environ = room_for_mark(settings.run_folder)
    return _launch(module, arguments, control.fileno(), environ=environ)


def _launch(
    module: str,
    arguments: Iterable[str],
    descriptor: int,
    streams: Iterable[tuple[object, ...]] = (),
    session: bool = False,
    environ: Mapping[str, str] = {},
) -> int:
    """`descriptor` becomes 3. Others close on exec, or when the new process comes up."""
    return os.posix_spawn(
        sys.executable,
        # -P: the folder we happen to be in is no place for imports
        [sys.executable, "-P", "-m", module, *arguments],
        {**child_environ(), **environ},
        file_actions=[*streams, (os.POSIX_SPAWN_DUP2, descriptor, 3)],
        setsid=session,
    )

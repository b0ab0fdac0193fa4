"""All components under one parent: started together, prefixed, restarted, stopped together.

The parent imports little and never has a second thread; it knows nothing of scheduling, parsing,
databases or HTTP routes. The first start is the `starter`'s.
"""

import contextlib
import dataclasses
import json
import os
import selectors
import signal
import socket
import time
from collections.abc import Callable
from typing import IO, Any

import click

from tradewind.cli.component import LOG_BYTES_MAX, Component
from tradewind.cli.starter import Starter
from tradewind.config.settings import Settings
from tradewind.model.errors import TradewindError

HEALTH_EVERY_S = 0.05
READY_WITHIN_S = 120.0

_COLOURS = ("cyan", "magenta", "blue", "yellow")


def components(settings: Settings, listener: socket.socket) -> list[Component]:
    """What `standalone` consists of, first what takes longest to import."""
    commands = "tradewind.cli.commands"
    return [
        Component("api-server", f"{commands}.api_server:serve", settings, {"listener": listener}),
        Component("scheduler", f"{commands}.scheduler:serve", settings, {"stop_tasks": True}),
        Component("dag-processor", f"{commands}.dag_processor:serve", settings),
        Component("triggerer", f"{commands}.triggerer:serve", settings),
    ]


class Standalone:
    """Runs the components until SIGINT or SIGTERM."""

    def __init__(self, parts: list[Component], address: tuple[str, int]) -> None:
        self._parts = parts
        self._address = address
        self._selector = selectors.DefaultSelector()
        self._unfinished = {part.name: b"" for part in parts}
        self._restarts: dict[str, float] = {}
        self._signals = 0
        self._ready = False
        self._failed = False
        self._starter: Starter | None = None
        self._prepared: Any = None
        self._width = max(len(part.name) for part in parts)
        self._logs: dict[str, IO[bytes]] = {}

    def run(self, prepare: str, settings: Settings, announce: Callable[[Any], None]) -> int:
        """Start everything, call `announce` once all is healthy; the exit code.

        `prepare` (see Starter) is done before any component begins; what it returned is announced.
        """
        wake, wake_write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        self._selector.register(wake, selectors.EVENT_READ, lambda: os.read(wake, 64))
        for part in self._parts:
            self._open_log(part)
            part.open_output()
            self._listen(part)
        self._starter = Starter(self._parts, prepare, settings)
        self._selector.register(self._starter.report, selectors.EVENT_READ, self._started)
        started = time.monotonic()
        while not self._signals and not self._failed:
            self._turn(self._timeout_s())
            self._restart_due()
            if not self._ready and self._starter is None and self._is_healthy():
                self._ready = True
                announce(self._prepared)
            if not self._ready and time.monotonic() - started > READY_WITHIN_S:
                self._say("not every component became healthy in time; their output says why")
                self._failed = True
        self._stop()
        return 1 if self._failed else 0

    def _on_signal(self, *_: object) -> None:
        self._signals += 1

    def _timeout_s(self) -> float:
        if not self._ready:
            return HEALTH_EVERY_S
        due = min(self._restarts.values(), default=time.monotonic() + 3600)
        return max(0.0, due - time.monotonic())

    def _turn(self, timeout_s: float) -> None:
        for key, _ in self._selector.select(timeout_s):
            if self._selector.get_map().get(key.fd) == key:  # an earlier call may have closed it
                key.data()

    # --- starting, ending -----------------------------------------------------------------

    def _started(self) -> None:
        """The starter is done: its children are ours. Raises what kept it from preparing."""
        assert self._starter is not None
        self._selector.unregister(self._starter.report)
        starter, self._starter = self._starter, None
        try:
            done = starter.finish()
        except TradewindError:
            self._failed = True
            self._stop()
            raise
        if done is None:
            if not self._signals:
                self._say("the components could not be started")
                self._failed = True
            return
        self._prepared = done.prepared
        for part, pid in zip(self._parts, done.pids, strict=True):
            part.adopt(pid, time.monotonic())
            self._watch(part)

    def _listen(self, part: Component) -> None:
        self._selector.register(part.output, selectors.EVENT_READ, lambda: self._read(part))

    def _watch(self, part: Component) -> None:
        self._selector.register(part.pidfd, selectors.EVENT_READ, lambda: self._ended(part))

    def _ended(self, part: Component) -> None:
        self._selector.unregister(part.pidfd)
        code = part.reap()
        self._read(part)
        self._selector.unregister(part.output)
        part.close_output()
        if self._signals or self._failed:
            return
        how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        if not self._ready:
            self._say(f"{part.name} {how} before it was ready")
            self._failed = True
            return
        now = time.monotonic()
        wait_s = part.backoff_s(now)
        self._restarts[part.name] = now + wait_s
        self._say(f"{part.name} {how}; it is started again in {wait_s:.0f} s")

    def _restart_due(self) -> None:
        now = time.monotonic()
        for part in self._parts:
            if self._restarts.get(part.name, now + 1) <= now:
                del self._restarts[part.name]
                part.start(now)
                self._listen(part)
                self._watch(part)
                self._say(f"{part.name} started again")

    def _stop(self) -> None:
        """SIGTERM for all at once; SIGKILL for whoever is left when the time is up."""
        first = self._signals
        if first:
            self._say("stopping")
        if self._starter is not None:
            self._starter.kill()
            self._started()
        deadline = time.monotonic() + max(part.stop_within_s for part in self._parts)
        for part in self._parts:
            part.send(signal.SIGTERM)
        while any(part.is_running for part in self._parts):
            if time.monotonic() > deadline or self._signals > max(first, 1):
                for part in self._parts:
                    part.send(signal.SIGKILL)
            self._turn(0.1)
        for log in self._logs.values():
            log.close()

    # --- health -----------------------------------------------------------------------------

    def _is_healthy(self) -> bool:
        """Whether the health page calls every component healthy."""
        try:
            with socket.create_connection(self._address, timeout=0.5) as asked:
                asked.sendall(b"GET /api/v2/monitor/health HTTP/1.0\r\n\r\n")
                with asked.makefile("rb") as answer:
                    parts = json.loads(answer.read().partition(b"\r\n\r\n")[2])
        except (OSError, ValueError):
            return False
        needed = ("metadatabase", "scheduler", "dag_processor", "triggerer")
        return all(parts.get(name, {}).get("status") == "healthy" for name in needed)

    # --- output -----------------------------------------------------------------------------

    def _read(self, part: Component) -> None:
        """Pass on the whole lines that a component has written."""
        try:
            while block := os.read(part.output, 65536):
                self._unfinished[part.name] += block
        except BlockingIOError:
            pass
        *lines, self._unfinished[part.name] = self._unfinished[part.name].split(b"\n")
        if not part.is_running and self._unfinished[part.name]:
            lines.append(self._unfinished[part.name])
            self._unfinished[part.name] = b""
        if lines:
            self._keep(part, lines)
            for line in lines:
                self._print(part, line.decode("utf-8", "replace"))

    def _open_log(self, part: Component) -> None:
        part.log_file.parent.mkdir(parents=True, exist_ok=True)
        self._logs[part.name] = part.log_file.open("ab", buffering=0)

    def _keep(self, part: Component, lines: list[bytes]) -> None:
        """Append to the component's log file, which begins anew when it is large."""
        log = self._logs[part.name]
        with contextlib.suppress(OSError):  # a full disk; they are printed all the same
            log.write(b"\n".join(lines) + b"\n")
        if log.tell() > LOG_BYTES_MAX:
            log.close()
            part.log_file.replace(part.log_file.with_suffix(".log.1"))
            self._open_log(part)

    def _print(self, part: Component, line: str) -> None:
        colour = _COLOURS[self._parts.index(part) % len(_COLOURS)]
        click.echo(click.style(f"{part.name:<{self._width}} | ", fg=colour) + line)

    def _say(self, text: str) -> None:
        click.echo(click.style(f"{'standalone':<{self._width}} | ", bold=True) + text)


def with_address(settings: Settings, host: str, port: int) -> Settings:
    """The settings with the API server's address as it was given."""
    return dataclasses.replace(
        settings, api=dataclasses.replace(settings.api, host=host, port=port)
    )


def url_of(listener: socket.socket, host: str) -> tuple[str, tuple[str, int]]:
    """The URL for people, and the address to ask for health."""
    port = listener.getsockname()[1]
    near = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104
    shown = f"[{near}]" if ":" in near else near
    return f"http://{shown}:{port}", (near, port)

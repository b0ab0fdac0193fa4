"""Reads DAG files through the fork server, several at once, and answers what they ask.

Works from one thread. Wait on `fileno()` and call `receive()`, or use `parse` and `parse_all`.
"""

import contextlib
import dataclasses
import json
import logging
import os
import selectors
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from tradewind.config.children import child_environ, to_json
from tradewind.config.settings import Settings
from tradewind.loading import inputs
from tradewind.loading.endings import ended_early, explain_end
from tradewind.loading.reading import Reading
from tradewind.loading.storable import storable
from tradewind.model.codec import from_data, to_data
from tradewind.model.errors import TradewindError
from tradewind.model.parsed import ParsedFile
from tradewind.model.requests import REQUESTS, Request

log = logging.getLogger(__name__)

Answer = Callable[[Request], Any]
AHEAD = 5
"""Orders per slot that the server holds at once; the others wait here."""
MOST_STARTS = 3
"""Times a file is tried if the server itself goes away."""
_END_TIMEOUT_S = 0.5
"""A server that is just starting does not notice its end sooner; it has no children yet."""


class Parser:
    """`answer` gives JSON data for what files ask while they are read."""

    def __init__(self, settings: Settings, answer: Answer) -> None:
        self._settings = settings
        self._answer = answer
        self._most_ordered = AHEAD * settings.dag_processor.parsing_processes
        self._waiting: deque[Path] = deque()
        self._starts: dict[Path, int] = {}
        self._readings: dict[int, Reading] = {}
        self._serial = 0
        self._selector = selectors.DefaultSelector()
        self._server: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._start_server()

    @property
    def under_way(self) -> set[Path]:
        """Files that were submitted and not yet received."""
        return {*self._waiting, *(reading.path for reading in self._readings.values())}

    @property
    def server_pid(self) -> int | None:
        """None while there is none."""
        return None if self._server is None else self._server.pid

    def fileno(self) -> int:
        """Readable when `receive` has something to do."""
        return self._selector.fileno()

    def submit(self, path: Path) -> None:
        """Read `path` as soon as there is a slot; a reading of it under way is given up."""
        for reading in [item for item in self._readings.values() if item.path == path]:
            self._drop(reading)
            self._tell_server({"cancel": reading.serial})
        self._starts[path] = 0
        if path not in self._waiting:
            self._waiting.append(path)
        self._order()

    def receive(self, timeout_s: float | None = 0.0) -> list[ParsedFile]:
        """Files that have been read since.

        Waits up to `timeout_s` (None: as long as it takes) for something to happen; that may also
        be something that gives no file yet.
        """
        parsed: list[ParsedFile] = []
        for key, _ in self._selector.select(timeout_s):
            if key.fileobj is self._control:
                parsed += self._hear_server()
            elif key.data in self._readings:
                self._hear_child(self._readings[key.data])
        self._order()
        return parsed

    def parse(self, path: Path) -> ParsedFile:
        """Read one file and wait for it."""
        (parsed,) = self.parse_all([path])
        return parsed

    def parse_all(self, paths: Iterable[Path]) -> Iterator[ParsedFile]:
        """Read files, several at once, and give each when it is done."""
        asked = dict.fromkeys(paths)
        for path in asked:
            self.submit(path)
        while self.under_way:
            yield from (item for item in self.receive(None) if Path(item.fileloc) in asked)

    def close(self) -> None:
        """End the server and with it every reading under way. A second call does nothing."""
        self._waiting.clear()
        for reading in list(self._readings.values()):
            self._drop(reading)
        self._stop_server()
        self._selector.close()

    def rest(self) -> None:
        """End the server, unless it has something to do; the next file starts another."""
        if not self._readings:
            self._stop_server()

    # --- towards the server ---------------------------------------------------------------

    def _start_server(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        module = "tradewind.loading.parse_server"
        with theirs:
            self._server = subprocess.Popen(
                [sys.executable, "-P", "-m", module, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                env=child_environ(os.environ),
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._control = ours
        self._selector.register(ours, selectors.EVENT_READ)
        self._tell_server(json.loads(to_json(self._settings)))

    def _stop_server(self) -> None:
        server, self._server = self._server, None
        control, self._control = self._control, None
        if server is None or control is None:
            return
        self._selector.unregister(control)
        control.close()
        try:
            server.wait(_END_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()

    def _order(self) -> None:
        while self._waiting and len(self._readings) < self._most_ordered:
            if self._server is None:
                self._start_server()
            path = self._waiting.popleft()
            self._starts[path] += 1
            self._serial += 1
            reading, ends = Reading.begin(self._serial, path)
            self._readings[self._serial] = reading
            for fileobj in (reading.connection, reading.output):
                self._selector.register(fileobj, selectors.EVENT_READ, self._serial)
            self._tell_server({"serial": self._serial, "path": str(path)}, *ends)
            for end in ends:
                os.close(end)

    def _tell_server(self, message: dict[str, Any], *descriptors: int) -> None:
        assert self._control is not None
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # its end is noticed later
            socket.send_fds(self._control, [json.dumps(message).encode()], list(descriptors))

    # --- what comes back ------------------------------------------------------------------

    def _hear_server(self) -> Iterator[ParsedFile]:
        while self._control is not None:
            try:
                packet = self._control.recv(4096, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return
            except ConnectionResetError:
                packet = b""
            if not packet:
                yield from self._begin_again()
                return
            end = json.loads(packet)
            if end["serial"] in self._readings:
                yield self._finish(self._readings[end["serial"]], end)

    def _hear_child(self, reading: Reading) -> None:
        for fileobj in reading.listen():
            self._selector.unregister(fileobj)
        while reading.questions:
            question = reading.questions.popleft()
            reading.reply(self._reply(question, reading))

    def _reply(self, question: dict[str, Any], reading: Reading) -> dict[str, Any]:
        try:
            request = from_data(REQUESTS[question["ask"]], question["data"])
            answer = to_data(self._answer(request))
        except (TradewindError, ValueError, KeyError) as error:
            log.warning("%s asked for %s: %s", reading.path, question.get("ask"), error)
            return {"error": str(error)}
        recorded = inputs.input_of(request, answer)
        if recorded is not None:
            reading.answered.append(recorded)
        return {"answer": answer}

    def _finish(self, reading: Reading, end: dict[str, Any]) -> ParsedFile:
        self._hear_child(reading)  # the rest of what it sent: it has ended
        self._drop(reading)
        output = reading.printed()
        if reading.parsed is not None:
            if output:
                log.info("%s printed:\n%s", reading.path, output)
            parsed = from_data(ParsedFile, storable(reading.parsed))
            if parsed.inputs:
                return parsed
            return dataclasses.replace(parsed, inputs=tuple(reading.answered))
        message = explain_end(
            reading.path,
            self._settings,
            exit_code=end["exit_code"],
            timed_out=end["timed_out"],
            output=output,
        )
        return self._early(reading, message)

    def _begin_again(self) -> Iterator[ParsedFile]:
        """The server is gone: start another and read again what was under way."""
        server = self._server
        self._stop_server()
        if server is not None:
            log.error("the parse server ended with %s; starting another", server.returncode)
        for reading in list(self._readings.values()):
            self._drop(reading)
            if self._starts[reading.path] < MOST_STARTS:
                self._waiting.append(reading.path)
            else:
                message = f"{reading.path}: the parse server ended {MOST_STARTS} times meanwhile"
                yield self._early(reading, message)
        self._start_server()

    def _early(self, reading: Reading, message: str) -> ParsedFile:
        parsed = ended_early(
            reading.path, self._settings, error=message, duration_s=reading.duration_s
        )
        return dataclasses.replace(parsed, inputs=tuple(reading.answered))

    def _drop(self, reading: Reading) -> None:
        del self._readings[reading.serial]
        for fileobj in reading.open:
            self._selector.unregister(fileobj)
        reading.close()

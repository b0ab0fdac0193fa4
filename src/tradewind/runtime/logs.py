"""The log of a try: one JSON line per line of output, written as it happens.

One `TaskLog` stands behind sys.stdout, sys.stderr and logging of a process that runs user code.
It is put in place before any DAG file is imported, and pointed at a try's file after the fork.
Programs that write to descriptor 1 or 2 themselves leave plain lines in the same file.
"""

import contextlib
import io
import json
import logging
import os
import sys
import threading
import traceback
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tradewind.authoring.errors import AirflowException
from tradewind.authoring.provider_kit import secret_masking
from tradewind.model.errors import TradewindError
from tradewind.model.secret_names import MASK

_OURS = str(Path(__file__).resolve().parents[1]) + os.sep
_as_text = json.JSONEncoder(ensure_ascii=False).encode
LEVELS = {10: "debug", 20: "info", 30: "warning", 40: "error", 50: "critical"}


class TaskLog:
    """Writes lines to a descriptor opened with O_APPEND; each line is one write."""

    def __init__(self) -> None:
        self._handle = 2
        self._secrets: list[str] = []

    def point_at(self, handle: int) -> None:
        """Write to an open file from now on, with descriptors 1 and 2 as well."""
        os.dup2(handle, 1)
        os.dup2(handle, 2)
        self._handle = handle

    def mask(self, secrets: Iterable[str]) -> None:
        """Write MASK wherever one of these would appear."""
        for secret in secrets:
            if len(secret) > 2 and secret not in self._secrets:  # "a" would mask everything
                self._secrets.append(secret)
        self._secrets.sort(key=len, reverse=True)

    def masked(self, value: Any) -> Any:
        """JSON data with MASK in place of every secret in its texts; keys are left."""
        if not self._secrets:
            return value
        if isinstance(value, str):
            for secret in self._secrets:
                value = value.replace(secret, MASK)
            return value
        if isinstance(value, dict):
            return {key: self.masked(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.masked(item) for item in value]
        return value

    def write(self, level: str, logger: str, event: str, **more: Any) -> None:
        """One structured line."""
        line = {
            "timestamp": datetime.now(UTC).isoformat(),
            "level": level,
            "logger": logger,
            "event": self.masked(event),
            **more,
        }
        self.write_bytes(_as_text(line).encode("utf-8", "replace") + b"\n")

    def failure(self, event: str, error: BaseException) -> None:
        """An error with the traceback through the user's own lines."""
        self.write("error", "task", f"{event}\n{user_traceback(error)}")

    def write_bytes(self, data: bytes) -> None:
        """As it is. A full disk must not fail the task: what cannot be written is lost."""
        try:
            while data:
                data = data[os.write(self._handle, data) :]
        except OSError:
            pass


def open_log(path: str) -> int:
    """Open the log of a try to append to it. Raises OSError."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
    try:
        return os.open(path, flags, 0o640)
    except FileNotFoundError:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, flags, 0o640)


class LineWriter(io.TextIOBase):
    """Stands for sys.stdout or sys.stderr: each line printed becomes a line of the log."""

    def __init__(self, log: TaskLog, descriptor: int, level: str, logger: str) -> None:
        self._log = log
        self._descriptor = descriptor
        self._level = level
        self._logger = logger
        self._rest = ""
        self._lock = threading.RLock()  # a signal handler may print in the middle of a print
        self.buffer = io.FileIO(descriptor, "w", closefd=False)

    encoding = "utf-8"
    errors = "replace"

    def fileno(self) -> int:
        return self._descriptor

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        with self._lock:
            *lines, self._rest = (self._rest + text).split("\n")
            for line in lines:
                self._log.write(self._level, self._logger, line.rstrip("\r"))
        return len(text)

    def flush(self) -> None:
        """Nothing: half a line waits for its end, so that `print(..., end="")` stays together."""

    def finish(self) -> None:
        """Write out a last line without its end."""
        if self._rest:
            self.write("\n")

    def close(self) -> None:
        """User code may close its stdout; ours stays."""
        self.finish()


class LogHandler(logging.Handler):
    """Records of `logging` as lines of the log."""

    def __init__(self, log: TaskLog) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        try:
            event = record.getMessage()
            if record.exc_info and record.exc_info[1] is not None:
                event = f"{event}\n{user_traceback(record.exc_info[1])}"
            if record.stack_info:
                event = f"{event}\n{record.stack_info}"
            self._log.write(
                LEVELS.get(record.levelno, record.levelname.lower()),
                record.name,
                event,
                filename=record.filename,
                lineno=record.lineno,
            )
        except Exception:
            self.handleError(record)


LOG = TaskLog()
secret_masking.use(LOG.mask)
"""The log of this process."""


def take_over_output(level: str, log: TaskLog = LOG) -> None:
    """Put a log behind the standard streams and the root logger."""
    sys.stdout = LineWriter(log, 1, "info", "task.stdout")
    sys.stderr = LineWriter(log, 2, "error", "task.stderr")
    root = logging.getLogger()
    root.handlers[:] = [LogHandler(log)]
    root.setLevel(logging.getLevelNamesMapping().get(level.upper(), logging.INFO))


def finish_output() -> None:
    """Write out what was printed without a last newline, and what other handlers hold back."""
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        if isinstance(stream, LineWriter):
            stream.finish()
        elif stream is not None:
            with contextlib.suppress(Exception):
                stream.flush()


def user_traceback(error: BaseException) -> str:
    """The traceback of `error` without the frames of this package, ending in its message."""
    told = traceback.TracebackException.from_exception(error, compact=True)
    _leave_out_ours(told, keep_all=not isinstance(error, (AirflowException, TradewindError)))
    return "".join(told.format()).rstrip("\n")


def last_line(error: BaseException) -> str:
    """`ValueError: no such day`: an error in one line."""
    text = "".join(traceback.format_exception_only(type(error), error)).strip()
    return text.splitlines()[-1] if text else type(error).__name__


def _leave_out_ours(told: traceback.TracebackException, *, keep_all: bool) -> None:
    """Drop our frames, in causes as well. With `keep_all` a traceback through nothing but our
    frames stays whole: then the mistake is ours."""
    foreign = [frame for frame in told.stack if not frame.filename.startswith(_OURS)]
    if foreign or not keep_all:
        told.stack[:] = foreign
    for inner in (told.__cause__, told.__context__, *(told.exceptions or ())):
        if inner is not None:
            _leave_out_ours(inner, keep_all=keep_all)

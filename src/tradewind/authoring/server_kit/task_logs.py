"""Handlers that write the logs of tasks, as provider packages derive theirs for stores of theirs.

Tradewind writes and reads the logs of tries itself; a handler can be used with a task instance of
one's own, and reads what it has written.
"""

import json
import logging
import re
from abc import ABC, abstractmethod
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, NotRequired, TypedDict

from pydantic import BaseModel, ConfigDict

from tradewind.authoring.provider_kit.values import merge_dicts
from tradewind.authoring.server_kit.refusals import refuse, refused, refused_class
from tradewind.model.keys import TaskKey
from tradewind.model.log_paths import log_path

_HANDLER = "airflow.utils.log.file_task_handler"
_MIXIN = "airflow.utils.log.logging_mixin"
_ESCAPE = re.compile(r"\x1B[@-_][0-?]*[ -/]*[@-~]")
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class LogMetadata(TypedDict):
    """Where a reader of a log stands."""

    end_of_log: bool
    log_pos: NotRequired[int]
    offset: NotRequired[str | int]
    last_log_timestamp: NotRequired[str]
    max_offset: NotRequired[str]


LogMetadata.__module__ = _HANDLER


class StructuredLogMessage(BaseModel):
    """A line of a log, with whatever else was noted of it."""

    __module__ = _HANDLER

    model_config = ConfigDict(extra="allow")

    timestamp: datetime | None = None
    event: str

    @property
    def sort_key(self) -> datetime:
        """When it was written."""
        return self.timestamp or _NEVER

    def __lt__(self, other: "StructuredLogMessage") -> bool:
        return self.sort_key < other.sort_key


class FileTaskHandler(logging.Handler):
    """Writes to a file per try below a folder, from `set_context` on."""

    __module__ = _HANDLER

    trigger_should_wrap = True

    def __init__(
        self,
        base_log_folder: str,
        max_bytes: int = 0,
        backup_count: int = 0,
        delay: bool = False,
    ) -> None:
        super().__init__()
        self.handler: logging.Handler | None = None
        self.local_base = base_log_folder
        self.maintain_propagate = False
        self.max_bytes = max_bytes
        self.backup_count = backup_count
        self.delay = delay
        self.ctx_task_deferred = False

    def set_context(self, ti: Any, *, identifier: str | None = None) -> None:
        """Write to the file of a try from now on; `identifier` names another beside it."""
        path = Path(self.local_base, self._render_filename(ti, ti.try_number))
        if identifier:
            path = path.with_name(f"{path.name}.{identifier}.log")
        path.parent.mkdir(parents=True, exist_ok=True)
        self.close()
        self.handler = RotatingFileHandler(
            path,
            encoding="utf-8",
            maxBytes=self.max_bytes,
            backupCount=self.backup_count,
            delay=self.delay,
        )
        self.handler.setFormatter(self.formatter)
        self.handler.setLevel(self.level)

    @staticmethod
    def add_triggerer_suffix(full_path: str | Path, job_id: Any = None) -> str:
        """The file of a trigger beside that of its task."""
        ending = f".{job_id}.log" if job_id else ""
        return f"{Path(full_path).as_posix()}.trigger{ending}"

    def emit(self, record: logging.LogRecord) -> None:
        """Write."""
        if self.handler:
            self.handler.emit(record)

    def flush(self) -> None:
        """Write what is kept back."""
        if self.handler:
            self.handler.flush()

    def close(self) -> None:
        """Close the file."""
        if self.handler:
            self.handler.close()

    def _render_filename(self, ti: Any, try_number: int, **_: Any) -> str:
        key = TaskKey(ti.dag_id, ti.run_id, ti.task_id, ti.map_index)
        return log_path(Path(), key, try_number).as_posix()

    def read(self, *_: Any, **__: Any) -> Any:
        """Refused."""
        refuse(
            f"{type(self).__module__}.{type(self).__qualname__}.read",
            "it reads logs itself: `tasks logs`, or the REST API",
        )


class JSONFormatter(logging.Formatter):
    """A line of JSON for each record: some of its fields, and some more for all."""

    __module__ = "airflow.utils.log.json_formatter"

    def __init__(
        self,
        fmt: str | None = None,
        datefmt: str | None = None,
        style: Any = "%",
        json_fields: list[str] | None = None,
        extras: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(fmt, datefmt, style)
        self.json_fields = json_fields or []
        self.extras = extras or {}

    def usesTime(self) -> bool:  # noqa: N802
        """Whether the time is among the fields."""
        return "asctime" in self.json_fields

    def format(self, record: logging.LogRecord) -> str:
        """The line; an exception and a stack stand in the message."""
        super().format(record)
        fields = {name: getattr(record, name, None) for name in self.json_fields}
        if "message" in fields:
            stack = self.formatStack(record.stack_info) if record.stack_info else None
            parts = (fields["message"], record.exc_text, stack)
            fields["message"] = "\n".join(part.rstrip("\n") for part in parts if part)
        return json.dumps(merge_dicts(fields, self.extras))


class ExternalLoggingMixin(ABC):
    """Of a handler whose logs somebody else shows."""

    __module__ = _MIXIN

    @property
    @abstractmethod
    def log_name(self) -> str:
        """Who shows them."""

    @abstractmethod
    def get_external_log_url(self, task_instance: Any, try_number: int) -> str:
        """Where a try's are shown."""

    @property
    @abstractmethod
    def supports_external_link(self) -> bool:
        """Whether there is such an address."""


def remove_escape_codes(text: str) -> str:
    """Without colours of terminals."""
    return _ESCAPE.sub("", text)


_CONFIG = "airflow.logging_config"
_INSTEAD = "it writes and reads the logs of tasks itself; [logging] of the configuration says how"
configure_logging = refused(_CONFIG, "configure_logging", _INSTEAD)
ActiveLoggingConfig = refused_class(_CONFIG, "_ActiveLoggingConfig", _INSTEAD)
get_remote_task_log = refused(_CONFIG, "get_remote_task_log", _INSTEAD)
relative_path_from_logger = refused("airflow.sdk.log", "relative_path_from_logger", _INSTEAD)
configure_task_logging = refused("airflow.sdk.log", "configure_logging", _INSTEAD)
serve_logs = refused("airflow.utils.serve_logs", "serve_logs", _INSTEAD)

"""Logs of tries as messages and as text, page by page. Reads files; knows no routes, no rows."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tradewind.server.api.schemas.fields import json_safe

PAGE_BYTES = 2 * 1024 * 1024
"""Of a file, at most so much goes into one answer that is not streamed."""

_BLOCK_BYTES = 64 * 1024
LINE_BYTES_MAX = 1024 * 1024
"""A longer line is cut in several messages."""

Message = dict[str, Any]


@dataclass(frozen=True, slots=True)
class LogPage:
    """Some messages, and where the next ones begin."""

    messages: list[Message]
    next_offset: int
    is_end: bool
    """True if nothing further stood in the file just now."""


def read_page(path: Path, offset: int, *, whole_lines: bool) -> LogPage:
    """The messages from byte `offset` on.

    `whole_lines` leaves a last line without an end for the next page: the try is still writing it.
    A file that is not there is an empty one.
    """
    try:
        with path.open("rb") as file:
            file.seek(offset)
            data = file.read(PAGE_BYTES)
            is_end = len(data) < PAGE_BYTES
    except FileNotFoundError:
        return LogPage([], offset, is_end=True)
    cut = data.rfind(b"\n") + 1
    if not is_end or whole_lines:
        # a line longer than a page is given in parts, so that reading always gets ahead
        data = data[:cut] if cut or is_end else data
    messages = [_message(line) for line in data.splitlines() if line]
    return LogPage(messages, offset + len(data), is_end=is_end)


def read_all(path: Path, offset: int = 0) -> Iterator[Message]:
    """Every message from byte `offset` to where the file ends now, little by little."""
    try:
        with path.open("rb") as file:
            file.seek(offset)
            for line in _lines(iter(lambda: file.read(_BLOCK_BYTES), b"")):
                yield _message(line)
    except FileNotFoundError:
        return


def as_text(message: Message) -> str:
    """One message for people: `[time] LEVEL - event`, then its error if it has one."""
    event = str(message.get("event", ""))
    when, level = message.get("timestamp"), message.get("level")
    line = f"[{when}] {str(level or 'info').upper()} - {event}" if when else event
    return "\n".join([line, *_details(message)])


def as_json_line(message: Message) -> str:
    """One message as a line of JSON."""
    return json.dumps(message) + "\n"


def _lines(blocks: Iterator[bytes]) -> Iterator[bytes]:
    unfinished = b""
    for block in blocks:
        *lines, unfinished = (unfinished + block).split(b"\n")
        yield from (line for line in lines if line)
        if len(unfinished) > LINE_BYTES_MAX:
            yield unfinished
            unfinished = b""
    if unfinished:
        yield unfinished


def _message(line: bytes) -> Message:
    text = line.decode("utf-8", "replace")
    if text.startswith("{"):
        try:
            parsed = json.loads(text)
        except (ValueError, RecursionError):
            return {"event": text}
        if "event" in parsed:
            message: Message = json_safe(parsed)
            message["event"] = str(message["event"])
            return message
    return {"event": text}


def _details(message: Message) -> list[str]:
    """The traceback of a message that has one, whatever shape it came in."""
    details = message.get("error_detail") or message.get("exception")
    if not details:
        return []
    return [details] if isinstance(details, str) else [json.dumps(details, indent=2)]

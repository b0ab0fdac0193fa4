"""The attempt journal: what a later supervisor needs to know, should this one die.

Append-only segments of lines. A task process writes, and syncs, its own first line before user
code runs; everything else is the supervisor's:

    started TOKEN PID PID-START-TIME MOMENT .
    said TOKEN MESSAGE-LINE
    ended TOKEN MESSAGE-LINE

Each line brings the newline before it along, so that one torn by a full disk or a crash harms
itself alone. A segment is removed when every attempt begun in it has been acknowledged.
"""

import contextlib
import errno
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

ATTEMPTS_PER_SEGMENT = 2000
SYNC_WITHIN_S = 0.02
_SUFFIX = ".journal"


def write_started(path: str, token: str, pid: int, moment: datetime) -> None:
    """Put on disk that user code is about to run. Raises OSError if that cannot be, and
    FileNotFoundError if the supervisor that ordered this attempt has been given up meanwhile: then
    user code must not run."""
    line = f"\nstarted {token} {pid} {start_time_of(pid)} {moment.isoformat()} .\n".encode()
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
    try:
        if os.write(handle, line) < len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
        os.fdatasync(handle)
    finally:
        os.close(handle)
    # The next supervisor seals before it reads: what it cannot have read must not run.
    os.stat(path)  # noqa: PTH116 pathlib is slower


def start_time_of(pid: int) -> int | None:
    """When a process started, in clock ticks since boot; None if there is no such process.

    Together with the pid it names a process for good: pids are used again.
    """
    try:
        handle = os.open(f"/proc/{pid}/stat", os.O_RDONLY | os.O_CLOEXEC)
    except (FileNotFoundError, ProcessLookupError):
        return None
    try:
        fields = os.read(handle, 4096).rpartition(b")")[2].split()
    except ProcessLookupError:
        return None
    finally:
        os.close(handle)
    return int(fields[19])


@dataclass(slots=True)
class Segment:
    """One file of the journal, with the attempts in it that are not acknowledged."""

    path: Path
    begun: int = 0
    open_tokens: set[str] = field(default_factory=set)
    handle: int = -1


@dataclass(slots=True)
class Recovered:
    """What the journal says of one attempt of a supervisor that is gone."""

    token: str
    segment: Segment
    pid: int
    pid_start_time: int
    started_at: datetime
    said: list[bytes] = field(default_factory=list)
    ended: bool = False


class Journal:
    """The segments of one supervisor and of those before it that are not settled yet."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._segments: dict[str, Segment] = {}
        self._unsynced: dict[str, Segment] = {}
        self._current: Segment | None = None

    def recover(self) -> list[Recovered]:
        """Take over what earlier supervisors left. Renaming a segment keeps late starters out."""
        found: dict[str, Recovered] = {}
        for path in sorted(self._folder.glob(f"*{_SUFFIX}")):
            sealed = path.with_suffix(".sealed")
            path.rename(sealed)
        for path in sorted(self._folder.glob("*.sealed")):
            segment = Segment(path)
            for line in path.read_bytes().split(b"\n"):
                _read_line(line, segment, found)
            segment.open_tokens = {one.token for one in found.values() if one.segment is segment}
            self._segments.update(dict.fromkeys(segment.open_tokens, segment))
            if not segment.open_tokens:
                path.unlink()
        return list(found.values())

    def begin(self, token: str) -> str:
        """The path of the segment where an attempt shall write its first line."""
        if self._current is None or self._current.begun >= ATTEMPTS_PER_SEGMENT:
            self._roll()
        segment = self._current
        assert segment is not None
        segment.begun += 1
        segment.open_tokens.add(token)
        self._segments[token] = segment
        return str(segment.path)

    def ended(self, token: str, lines: Sequence[bytes]) -> None:
        """Note what an attempt said, its end last. `sync` has it on disk, unless it is settled
        before."""
        *said, end = lines
        name = token.encode()
        text = b"".join(b"\nsaid %s %s\n" % (name, line) for line in said)
        segment = self._write(token, text + b"\nended %s %s\n" % (name, end))
        if segment is not None:
            self._unsynced[token] = segment

    def settle(self, token: str) -> None:
        """Forget an attempt: the scheduler has committed its end, or nobody asks for it."""
        self._unsynced.pop(token, None)
        segment = self._segments.pop(token, None)
        if segment is None:
            return
        segment.open_tokens.discard(token)
        if not segment.open_tokens and segment is not self._current:
            self._remove(segment)

    @property
    def needs_sync(self) -> bool:
        """Whether an end is noted that neither disk nor scheduler is known to have."""
        return bool(self._unsynced)

    def sync(self) -> None:
        """Put every noted end on disk."""
        for segment in {id(item): item for item in self._unsynced.values()}.values():
            with contextlib.suppress(OSError):
                os.fdatasync(segment.handle)
        self._unsynced.clear()

    def close(self) -> None:
        """Leave on disk what is not settled, and nothing else."""
        self.sync()
        for segment in {id(item): item for item in self._segments.values()}.values():
            _close(segment)
        if self._current is not None and not self._current.open_tokens:
            self._remove(self._current)

    def _write(self, token: str, text: bytes) -> Segment | None:
        segment = self._segments.get(token)
        if segment is None:
            return None
        with contextlib.suppress(OSError):  # a full disk: memory has it, and the scheduler
            if segment.handle < 0:
                segment.handle = os.open(segment.path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
            os.write(segment.handle, text)
        return segment

    def _roll(self) -> None:
        previous = self._current
        number = 1 + max(
            (int(path.stem) for path in self._folder.iterdir() if path.stem.isdigit()), default=0
        )
        path = self._folder / f"{number:08d}{_SUFFIX}"
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        _sync_folder(self._folder)
        self._current = Segment(path, handle=handle)
        if previous is not None and not previous.open_tokens:
            self._remove(previous)

    def _remove(self, segment: Segment) -> None:
        _close(segment)
        segment.path.unlink(missing_ok=True)


def _close(segment: Segment) -> None:
    if segment.handle >= 0:
        os.close(segment.handle)
        segment.handle = -1


def _sync_folder(folder: Path) -> None:
    """A new file is only there after a crash if its folder is on disk too."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    with contextlib.suppress(OSError):
        os.fsync(handle)
    os.close(handle)


def _read_line(line: bytes, segment: Segment, found: dict[str, Recovered]) -> None:
    """Take in a line, unless it is torn: then what it says has not happened."""
    kind, _, rest = line.partition(b" ")
    name, _, content = rest.partition(b" ")
    token = name.decode("ascii", "replace")
    if kind == b"started" and content.endswith(b" ."):
        pid, start_time, moment, _ = content.decode().split(" ")
        found[token] = Recovered(
            token, segment, int(pid), int(start_time), datetime.fromisoformat(moment)
        )
    elif kind in (b"said", b"ended") and token in found and _is_json(content):
        found[token].said.append(content)
        found[token].ended |= kind == b"ended"


def _is_json(content: bytes) -> bool:
    try:
        json.loads(content)
    except ValueError:
        return False
    return True

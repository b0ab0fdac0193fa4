"""Which DAG files there are and which are due to be read. Reads no DAG file itself."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tradewind.config.settings import Settings
from tradewind.dag_processor.places import Places, of_inputs, union
from tradewind.loading import inputs
from tradewind.loading.discovery import find_dag_files
from tradewind.model.parsed import ParsedFile, RecordedInput

UNWATCHABLE_INTERVAL_S = 30.0
"""How often a file is read that depends on what cannot be watched: network, clock, processes."""
SHORTEST_INTERVAL_S = 1.0
SLOW_S = 2.0
"""A broken file that takes longer is not read again for each change beside it."""
RESTLESS_PAUSE_S = 1.0
"""Time between two readings that are both for an input other than the file itself, on average: a
file that has what it reads written anew must not keep us busy."""
RESTLESS_AFTER = 10
"""So many of them may follow one another at once."""

Stamp = tuple[int, int, int, int]


@dataclass(slots=True)
class KnownFile:
    """What is known of one DAG file since it was last submitted or read."""

    path: Path
    stamp: Stamp | None = None
    """As it was when it was last submitted; None before that."""
    is_read: bool = False
    is_under_way: bool = False
    due_at: float = math.inf
    """When it is read again even if nothing changes, in monotonic seconds."""
    recorded: Sequence[RecordedInput] = ()
    places: Places | None = None
    """Where to watch for them; None before that was found out."""
    was_passed_over: bool = False
    """Looked for changes while it was under way: what had been read by then may have changed."""
    credit: float = RESTLESS_AFTER
    """How many readings for an input it has left."""
    credit_at: float = 0.0
    """When that was counted, in monotonic seconds."""
    depends_on_all: bool = False
    """It could not be read, so what it would have depended on is not known."""


class KnownFiles:
    """The files in the DAGs folder, kept up to date by `look`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._interval_s = float(settings.dag_processor.min_file_process_interval)
        self._files: dict[Path, KnownFile] = {}
        self._disk = inputs.Fingerprints()
        self._places: Places | None = None

    @property
    def paths(self) -> set[Path]:
        return set(self._files)

    @property
    def unread(self) -> set[Path]:
        """Files that have not been read since they were found."""
        return {file.path for file in self._files.values() if not file.is_read}

    def places(self, roots: Iterable[Path]) -> Places:
        """Where to watch for the inputs of all files, besides below `roots`."""
        if self._places is None:
            roots = tuple(roots)
            for file in self._files.values():
                if file.places is None:
                    file.places = of_inputs(file.recorded, roots)
            of_files = [file.places for file in self._files.values() if file.places is not None]
            self._places = union([of_inputs((), roots), *of_files])
        return self._places

    @property
    def asked_for_answers(self) -> bool:
        """Whether any file depends on a Variable or Connection."""
        return any(inputs.were_asked_for(file.recorded) for file in self._files.values())

    @property
    def next_due_at(self) -> float:
        """When the first file is due although nothing changed."""
        return min((file.due_at for file in self._files.values()), default=math.inf)

    def look(
        self, now: float, *, saved: bool = False, answer: inputs.Answer | None = None
    ) -> list[Path]:
        """Look at the disk, forget files that are gone, and say which are to be read now.

        `now` is monotonic seconds; `saved` says that something in the folders is different. With
        `answer`, Variables and Connections that files asked for are compared as well.
        """
        known = self._files
        self._files = {
            path: known.get(path) or KnownFile(path) for path in find_dag_files(self._settings)
        }
        due = [file for file in self._files.values() if self._is_due(file, now, saved, answer)]
        for file in due:
            file.stamp = _stamp(file.path)
            file.is_under_way = True
            file.was_passed_over = False
            file.due_at = math.inf
        return [file.path for file in due]

    def note(self, parsed: ParsedFile, now: float) -> bool:
        """A file has been read; False if it is not among the files any more."""
        file = self._files.get(Path(parsed.fileloc))
        if file is None:
            return False
        interval_s = max(self._interval_s, SHORTEST_INTERVAL_S)
        if parsed.unwatchable:
            interval_s = min(interval_s, UNWATCHABLE_INTERVAL_S)
        file.is_read = True
        file.is_under_way = False
        file.due_at = now + interval_s
        file.recorded = parsed.inputs
        file.places = self._places = None
        file.depends_on_all = parsed.error is not None and parsed.duration_s < SLOW_S
        return True

    def was_passed_over(self, path: Path) -> bool:
        """Whether a file that has been read must be looked at once more."""
        return path in self._files and self._files[path].was_passed_over

    def read_again(self, path: Path) -> None:
        """Have the next look name this file, if it is there."""
        if path in self._files:
            self._files[path].stamp = None

    def _is_due(
        self, file: KnownFile, now: float, saved: bool, answer: inputs.Answer | None
    ) -> bool:
        if file.stamp is None or file.stamp != _stamp(file.path):
            return True
        if file.is_under_way:
            file.was_passed_over = True
            return False
        file.was_passed_over = False
        if now >= file.due_at:
            return True
        if not (saved and file.depends_on_all) and not inputs.changed(
            file.recorded, self._disk, answer
        ):
            return False
        return self._may_be_read_for_input(file, now)

    def _may_be_read_for_input(self, file: KnownFile, now: float) -> bool:
        """Whether it is not too restless; if it is, it is due a little later."""
        earned = (now - file.credit_at) / RESTLESS_PAUSE_S
        file.credit = min(RESTLESS_AFTER, file.credit + earned)
        file.credit_at = now
        if file.credit < 1:
            file.due_at = now + (1 - file.credit) * RESTLESS_PAUSE_S
            return False
        file.credit -= 1
        return True


def _stamp(path: Path) -> Stamp:
    """What changes when a file is saved."""
    try:
        status = path.stat()
    except OSError:
        return (0, 0, 0, 0)
    return status.st_ctime_ns, status.st_mtime_ns, status.st_size, status.st_ino

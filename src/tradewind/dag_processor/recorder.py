"""Writes what reading the DAG files yielded, and rings for it. Keeps it until it is written.

A dag_id belongs to the first file that defines it, for as long as that file does; another file
with the same dag_id gets an import error instead of taking it over at each reading.
"""

import dataclasses
import logging
import time
from collections.abc import Collection
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from tradewind.config.settings import Settings
from tradewind.model.clock import Clock
from tradewind.model.commands import TimetableSaid
from tradewind.model.parsed import ParsedFile
from tradewind.model.timetable_questions import TimetableAnswer
from tradewind.storage import bells, dags, inbox, timetable_questions
from tradewind.storage.database import Database

log = logging.getLogger(__name__)

SLICE_S = 0.04
"""Work in one write transaction, so that nobody else waits long."""


class Recorder:
    """`add` what was read, then `write`; what fails to be written stays for the next `write`."""

    def __init__(self, settings: Settings, database: Database, clock: Clock) -> None:
        self._paused = settings.core.dags_are_paused_at_creation
        self._database = database
        self._clock = clock
        self._waiting: dict[str, ParsedFile] = {}
        self._kept: set[str] | None = None
        self._owners: dict[str, str] | None = None
        self._blocked: dict[str, set[str]] = {}
        self._freed: set[Path] = set()

    @property
    def is_idle(self) -> bool:
        """Nothing is left to be written."""
        return not self._waiting and self._kept is None

    def add(self, parsed: ParsedFile) -> None:
        """Have the result of a reading written, instead of an older one of the same file."""
        self._waiting.pop(parsed.fileloc, None)
        self._waiting[parsed.fileloc] = parsed

    def forget_others(self, kept: Collection[Path]) -> None:
        """Have the DAGs and errors of all files but these marked as gone."""
        self._kept = {str(path) for path in kept}

    def write(self, living: Collection[Path]) -> None:
        """Write everything that waits; `living` are the files there are.

        Raises what a failing database raises; then what was not written still waits.
        """
        filelocs = {str(path) for path in living}
        changed = False
        while self._waiting:
            try:
                changed |= self._write_slice(filelocs)
            except Exception:
                self._owners = None  # read anew: some were settled that are not written
                raise
        if self._kept is not None:
            changed |= self._forget(self._kept)
            self._kept = None
        if changed:
            bells.ring(self._database, "scheduler")

    def take_freed(self) -> set[Path]:
        """Files that were refused for a dag_id of another file and may have it now."""
        freed, self._freed = self._freed, set()
        return freed

    def _write_slice(self, living: set[str]) -> bool:
        changed = False
        written: list[str] = []
        until = time.monotonic() + SLICE_S
        with self._database.write() as connection:
            if self._owners is None:
                self._owners = dags.owning_files(connection)
            for fileloc, parsed in self._waiting.items():
                settled = self._settle(parsed, self._owners, living)
                now = self._clock.now()
                changed |= bool(
                    dags.record_file(connection, settled, now=now, paused_at_creation=self._paused)
                )
                changed |= _tell(connection, settled, now)
                written.append(fileloc)
                if time.monotonic() > until:
                    break
        for fileloc in written:
            del self._waiting[fileloc]
        return changed

    def _forget(self, kept: set[str]) -> bool:
        with self._database.write() as connection:
            left = dags.forget_files(connection, kept, self._clock.now())
        owners = self._owners or {}
        gone = {fileloc for fileloc in owners.values() if fileloc not in kept}
        for dag_id in [dag_id for dag_id, fileloc in owners.items() if fileloc in gone]:
            del owners[dag_id]
        for fileloc in gone:
            self._free(fileloc)
        return bool(left)

    def _settle(self, parsed: ParsedFile, owners: dict[str, str], living: set[str]) -> ParsedFile:
        """The file as it counts: an error if it defines a DAG that belongs to another file."""
        self._blocked.pop(parsed.fileloc, None)
        if parsed.error is not None:
            return parsed
        for plan in parsed.plans:
            owner = owners.get(plan.dag_id, parsed.fileloc)
            if owner != parsed.fileloc and owner in living:
                self._blocked.setdefault(parsed.fileloc, set()).add(owner)
                return dataclasses.replace(
                    parsed,
                    plans=(),
                    error=f"{parsed.fileloc}: dag_id {plan.dag_id!r} is already defined in {owner}; "
                    "give one of the two another dag_id",
                )
        mine = {plan.dag_id for plan in parsed.plans}
        for dag_id in [key for key, owner in owners.items() if owner == parsed.fileloc]:
            if dag_id not in mine:
                del owners[dag_id]
                self._free(parsed.fileloc)
        owners.update(dict.fromkeys(mine, parsed.fileloc))
        return parsed

    def _free(self, owner: str) -> None:
        for fileloc, blockers in self._blocked.items():
            if owner in blockers:
                self._freed.add(Path(fileloc))


def _tell(connection: sa.Connection, parsed: ParsedFile, now: datetime) -> bool:
    """Leave the scheduler what the file's timetables answered; that it cannot be read answers all
    that it is asked.
    """
    said = parsed.told
    if parsed.error is not None:
        failed = TimetableAnswer(error=f"{parsed.fileloc} cannot be read")
        said = tuple(
            TimetableSaid(dag_id=dag_id, question=question, answer=failed)
            for dag_id, question in timetable_questions.of_file(connection, parsed.fileloc)
        )
    for one in said:
        if one.answer.error is not None:
            log.warning("the timetable of DAG %s: %s", one.dag_id, one.answer.error)
        inbox.put(connection, one, now)
    return bool(said)

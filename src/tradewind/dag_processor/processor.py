"""The loop that keeps the stored Plans equal to the DAG files.

Every reason to look (a saved file, a bell, time) leads to the same look at the whole folder, which
is cheap; what is due is read by the Parser, and results are recorded as they come.
"""

import contextlib
import logging
import math
import select
import time
from contextlib import ExitStack, closing
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from tradewind.config.settings import Settings
from tradewind.dag_processor.answering import Answering
from tradewind.dag_processor.folder_watch import FolderWatch
from tradewind.dag_processor.heartbeat import EVERY_S, Heartbeat
from tradewind.dag_processor.known_files import KnownFiles
from tradewind.dag_processor.recorder import Recorder
from tradewind.dag_processor.stop import Stop
from tradewind.loading.parser import Parser
from tradewind.model.clock import Clock, SystemClock
from tradewind.model.errors import EnvironmentFailure, UserError
from tradewind.model.parsed import ParsedFile
from tradewind.storage import bells, timetable_questions
from tradewind.storage.bells import Bell
from tradewind.storage.database import Database
from tradewind.storage.secrets import Cipher

log = logging.getLogger(__name__)

LOOK_EVERY_S = 30.0
"""Safety net for what the kernel does not report: network file systems, targets of symlinks."""
RING_PAUSE_S = 0.1
"""Least time between two looks because of a bell: tasks may set Variables all the time."""
FORGET_WITHIN_S = 3.0
"""How long DAGs of files that are gone wait for new files to be read before they become stale: so
a DAG whose file was renamed stays as it is."""
REST_AFTER_S = 30.0
"""A parse server that had nothing to do for so long, and will not soon, is let go: 18 MiB. The next
saved file waits 0.2 s for another."""
RETRY_S = 1.0
"""Pause after the database failed."""
TROUBLE = (EnvironmentFailure, SQLAlchemyError)


class DagProcessor:
    """Reads DAG files and records their Plans: once, or until told to stop."""

    def __init__(self, settings: Settings, database: Database, clock: Clock | None = None) -> None:
        self._settings = settings
        self._database = database
        self._clock = clock or SystemClock()
        self._answering = Answering(database, Cipher(settings.core.fernet_key))
        self._files = KnownFiles(settings)
        self._recorder = Recorder(settings, database, self._clock)
        self._paths: set[Path] | None = None
        """The files at the last look; None before the first."""
        self._saved = False
        """Something in the folders is different since the last look."""
        self._problem: str | None = None
        # moments, in monotonic seconds:
        self._looked_at = -math.inf
        self._look_at = -math.inf
        self._ask_at = -math.inf
        self._forget_at = math.inf
        self._write_at = -math.inf
        self._beat_at = -math.inf
        self._rest_at = time.monotonic() + REST_AFTER_S

    def run_once(self) -> list[ParsedFile]:
        """Find, read and record every file there is; returns what reading them yielded."""
        self._files = KnownFiles(self._settings)
        paths = self._files.look(time.monotonic())
        with closing(Parser(self._settings, self._answering)) as parser:
            parsed = sorted(parser.parse_all(paths), key=lambda item: item.fileloc)
        for result in parsed:
            self._recorder.add(result)
        self._recorder.forget_others(self._files.paths)
        self._recorder.write(self._files.paths)
        return parsed

    def run(self, stop: Stop) -> None:
        """Keep the store up to date until `stop` is set."""
        with ExitStack() as at_end:
            parser = at_end.enter_context(closing(Parser(self._settings, self._answering)))
            heartbeat = Heartbeat(self._database, self._clock)
            run_folder = self._settings.run_folder
            bell = bells.listen(
                self._database, ("answers", "timetables"), heartbeat.me.id, run_folder
            )
            at_end.callback(bell.close)
            watch = at_end.enter_context(closing(FolderWatch()))
            self._follow(watch)
            while not stop.is_set():
                self._look(parser)
                self._record()
                self._follow(watch)
                self._beat(heartbeat)
                self._let_rest(parser)
                self._wait(stop, parser, bell, watch)
        with contextlib.suppress(*TROUBLE):
            heartbeat.stop()

    # --- one turn: look, record, beat, wait -----------------------------------------------

    def _look(self, parser: Parser) -> None:
        now = time.monotonic()
        if now < min(self._look_at, self._files.next_due_at):
            return
        self._looked_at = now
        self._look_at = now + LOOK_EVERY_S
        self._read_what_is_asked()
        for path in self._due_files(now):
            parser.submit(path)
        if self._paths is None or self._paths - self._files.paths:
            self._forget_at = min(self._forget_at, now + FORGET_WITHIN_S)
        self._paths = self._files.paths

    def _follow(self, watch: FolderWatch) -> None:
        core = self._settings.core
        shared = (core.dags_folder, core.plugins_folder, self._settings.home / "config")
        watch.follow(shared, self._files.places(shared))

    def _due_files(self, now: float) -> list[Path]:
        saved, self._saved = self._saved, False
        if now >= self._ask_at and self._files.asked_for_answers:
            self._ask_at = now + LOOK_EVERY_S
            try:
                return self._files.look(now, saved=saved, answer=self._answering.remembered())
            except (*TROUBLE, UserError) as error:
                log.warning("cannot tell whether Variables or Connections changed: %s", error)
        return self._files.look(now, saved=saved)

    def _record(self) -> None:
        now = time.monotonic()
        if now >= self._forget_at or (self._forget_at < math.inf and not self._files.unread):
            self._forget_at = math.inf
            self._recorder.forget_others(self._files.paths)
        if self._recorder.is_idle or now < self._write_at:
            return
        try:
            self._recorder.write(self._files.paths)
        except TROUBLE as error:
            self._write_at = now + RETRY_S
            self._have_trouble(error, now)
            return
        if self._problem is not None:
            self._problem = None
            self._beat_at = now
        for path in self._recorder.take_freed():
            self._files.read_again(path)
            self._look_at = now

    def _beat(self, heartbeat: Heartbeat) -> None:
        now = time.monotonic()
        if now < self._beat_at:
            return
        self._beat_at = now + EVERY_S
        try:
            heartbeat.beat(self._problem)
        except TROUBLE as error:
            log.warning("cannot say that we live: %s", error)

    def _let_rest(self, parser: Parser) -> None:
        now = time.monotonic()
        if now < self._rest_at:
            return
        if parser.under_way or self._files.next_due_at < now + REST_AFTER_S:
            self._rest_at = now + REST_AFTER_S
        else:
            self._rest_at = math.inf
            parser.rest()

    def _have_trouble(self, error: Exception, now: float) -> None:
        problem = str(error).splitlines()[0]
        if problem != self._problem:
            log.warning("cannot record what was read, trying again: %s", problem)
            self._problem = problem
            self._beat_at = now

    def _wait(self, stop: Stop, parser: Parser, bell: Bell, watch: FolderWatch) -> None:
        poll = select.poll()
        sources = {source.fileno(): source for source in (stop, parser, bell, watch)}
        for descriptor in sources:
            poll.register(descriptor, select.POLLIN)
        for descriptor, _ in poll.poll(self._wait_ms()):
            source = sources[descriptor]
            if source is parser:
                self._take(parser)
            elif source is watch:
                watch.drain()
                self._saved = True
                self._look_at = -math.inf
            elif source is bell:
                self._hear(bell)

    def _take(self, parser: Parser) -> None:
        self._rest_at = time.monotonic() + REST_AFTER_S
        for parsed in parser.receive():
            if parsed.error is not None:
                log.warning("%s", parsed.error.splitlines()[0])
            if self._files.note(parsed, time.monotonic()):
                self._recorder.add(parsed)
            if self._files.was_passed_over(Path(parsed.fileloc)):
                self._look_soon()

    def _hear(self, bell: Bell) -> None:
        try:
            rung = bell.drain()
            if "timetables" in rung:
                self._look_at = -math.inf
        except TROUBLE as error:
            log.warning("cannot hear bells: %s", error)
        if self._files.asked_for_answers:
            self._look_soon()

    def _read_what_is_asked(self) -> None:
        """Have the files read again whose timetables are asked something: that answers it."""
        try:
            with self._database.read() as connection:
                asked = timetable_questions.files(connection)
        except TROUBLE as error:
            log.warning("cannot tell what timetables are asked: %s", error)
            return
        for fileloc in asked:
            self._files.read_again(Path(fileloc))

    def _look_soon(self) -> None:
        """Compare everything, Variables and Connections too."""
        self._ask_at = -math.inf
        self._look_at = min(self._look_at, self._looked_at + RING_PAUSE_S)

    def _wait_ms(self) -> float:
        due_at = self._files.next_due_at
        moments = [self._look_at, due_at, self._forget_at, self._beat_at, self._rest_at]
        if not self._recorder.is_idle:
            moments.append(self._write_at)
        return 1000 * max(0.0, min(moments) - time.monotonic())

"""Runs its share of the triggers that tasks wait for, and hands on what they say.

What is to be run is read from the database when a bell rings, and now and then. A trigger's word is
kept until it is in the inbox; the scheduler takes it from there in the commit of its effect.
"""

import json
import logging
import os
import sqlite3
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from tradewind.config.settings import Settings
from tradewind.model.clock import Clock
from tradewind.model.commands import TriggerSaid
from tradewind.model.deferral import TriggerRow, Word
from tradewind.model.errors import EnvironmentFailure, UserError
from tradewind.model.log_paths import log_path
from tradewind.runtime import protocol
from tradewind.runtime.reactor import Reactor, Timer
from tradewind.storage import answers, bells, components, inbox, waiting
from tradewind.storage.asked_commands import AskedCommands, command_of
from tradewind.storage.components import Component
from tradewind.storage.database import Database
from tradewind.storage.secrets import Cipher
from tradewind.storage.trigger_shares import share_of
from tradewind.triggerer.crew import TriggerProcess

log = logging.getLogger(__name__)

TROUBLE = (EnvironmentFailure, SQLAlchemyError, sqlite3.Error)
EVERY_S = 5.0
"""Between heartbeats, and looks that nobody rang for."""
AGAIN_S = 1.0
"""After the database failed."""
SHARE_OF_TIME = 10
"""A look that took long is followed by a pause of so many times that."""
IDLE_S = 60.0
"""The process of the triggers is let go when it had none for so long."""
AT_ONCE = 500
"""Triggers that are read with one statement."""


@dataclass(frozen=True, slots=True)
class _Descriptor:
    """What the reactor watches, even when it is closed by now."""

    number: int

    def fileno(self) -> int:
        return self.number


class Triggerer:
    """Stands between the database and the process in which triggers run."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        me: Component,
        clock: Clock,
        reactor: Reactor,
        capacity: int,
    ) -> None:
        self._database = database
        self._cipher = Cipher(settings.core.fernet_key)
        self._logs = settings.logging.base_log_folder
        self._silent_s = settings.triggerer.triggerer_health_check_threshold
        self._me = me
        self._clock = clock
        self._reactor = reactor
        self._capacity = capacity
        self._bell = bells.listen(database, ("triggers",), me.id, settings.run_folder)
        self._ears = _Descriptor(self._bell.fileno())
        reactor.watch(self._ears, lambda *_: self._rung())
        self._process = TriggerProcess(settings, reactor, self._hear, self._lost)
        self._held: dict[str, TriggerRow] = {}
        """What runs."""
        self._words: dict[str, TriggerSaid] = {}
        """What has been said and is not stored yet."""
        self._heard: set[str] = set()
        """Whose word is stored, while the scheduler has not dealt with it."""
        self._asked = AskedCommands[protocol.Question](database, clock)
        self._look_timer: Timer | None = None
        self._store_timer: Timer | None = None
        self._look_not_before = 0.0
        self._idle_since = time.monotonic()
        self._problem: str | None = None
        self._others: tuple[str, ...] = ()

    def start(self) -> None:
        """Take a share."""
        self._beat()
        bells.ring(self._database, "triggers")

    def close(self) -> None:
        """Leave it to others. Raises what a failing database raises."""
        self._process.end()
        self._store()
        self._bell.close()
        with self._database.write() as connection:
            components.remove(connection, self._me.id)
        bells.ring(self._database, "triggers")

    # --- what is to be run --------------------------------------------------------------------

    def _rung(self) -> None:
        try:
            self._bell.drain()
        except TROUBLE as error:
            log.warning("rings cannot be heard: %s", error)
        if self._bell.fileno() != self._ears.number:  # another connection to PostgreSQL
            self._reactor.forget(self._ears)
            self._ears = _Descriptor(self._bell.fileno())
            self._reactor.watch(self._ears, lambda *_: self._rung())
        self._look_soon()

    def _look_soon(self, after_s: float = 0.0) -> None:
        if self._look_timer is None:
            wait_s = max(after_s, self._look_not_before - time.monotonic(), 0.0)
            self._look_timer = self._reactor.after(wait_s, self._look)

    def _look(self) -> None:
        self._look_timer = None
        began = time.monotonic()
        try:
            self._share()
            for question, told in self._asked.answered():
                self._process.send(protocol.Answer("", question.request_id, told))
            self._problem = None
        except TROUBLE as error:
            self._problem = f"triggers cannot be read: {error}"
            log.warning("%s", self._problem)
            self._look_soon(AGAIN_S)
        took_s = time.monotonic() - began
        self._look_not_before = began + took_s * (1 + SHARE_OF_TIME)

    def _share(self) -> None:
        """Run what is ours, and nothing else."""
        with self._database.read() as connection:
            living = components.living(connection)
            wanted = waiting.triggers(connection)
        triggerers = [one for one in living if one.kind == self._me.kind and self._lives(one)]
        mine = share_of(self._me, triggerers, wanted)
        self._tell_of_crowd(len(mine), triggerers)
        known = {trigger for trigger, _ in wanted}
        mine = mine[: self._capacity]
        self._heard &= known
        for trigger in self._held.keys() - set(mine):
            self._cancel(trigger, is_wanted=trigger in known)
        new = [one for one in mine if one not in self._held and not self._has_spoken(one)]
        if new and self._process.begin():
            for start in range(0, len(new), AT_ONCE):
                with self._database.read() as connection:
                    rows = waiting.rows(connection, new[start : start + AT_ONCE])
                for row in rows:
                    self._run(row)
        elif new:
            self._look_soon(AGAIN_S)
        self._let_rest()

    def _lives(self, one: components.LivingComponent) -> bool:
        silent_s = (self._clock.now() - one.heartbeat_at).total_seconds()
        if silent_s > self._silent_s:
            return False
        return one.hostname != self._me.hostname or _is_process(one.pid)

    def _tell_of_crowd(self, count: int, triggerers: Iterable[Component]) -> None:
        ids = tuple(sorted(one.id for one in triggerers))
        if ids != self._others:
            self._others = ids
            log.info("sharing triggers with %d others", len([x for x in ids if x != self._me.id]))
        if count > self._capacity:
            log.warning("%d of %d triggers wait: capacity", count - self._capacity, count)

    def _has_spoken(self, trigger: str) -> bool:
        return trigger in self._words or trigger in self._heard

    def _run(self, row: TriggerRow) -> None:
        self._held[row.trigger] = row
        try:
            kwargs = row.kwargs
            if isinstance(kwargs, str):
                kwargs = json.loads(self._cipher.decrypt(kwargs))
        except UserError as error:
            self._note(row.trigger, Word(failure=(str(error),)))
            return
        path = log_path(self._logs, row.key, row.try_number)
        self._process.send(
            protocol.RunTrigger(
                row.trigger, row.key, row.try_number, row.classpath, kwargs, str(path)
            )
        )

    def _cancel(self, trigger: str, *, is_wanted: bool) -> None:
        """Nobody waits for it any more, or (`is_wanted`) another triggerer runs it from now on."""
        row = self._held.pop(trigger)
        timeout = row.timeout_at
        has_timed_out = timeout is not None and timeout <= self._clock.now()
        by_user = not is_wanted and not has_timed_out and not self._has_spoken(trigger)
        self._process.send(protocol.CancelTrigger(trigger, by_user))

    def _let_rest(self) -> None:
        now = time.monotonic()
        if self._held:
            self._idle_since = now
        elif self._process.is_there and now - self._idle_since > IDLE_S:
            self._process.end()

    def _lost(self) -> None:
        self._held.clear()
        self._asked.forget()
        self._look_soon()

    # --- what triggers say ---------------------------------------------------------------------

    def _hear(self, line: bytes) -> None:
        match protocol.decode(line):
            case protocol.TriggerSpoke(trigger, word):
                self._note(trigger, word)
            case protocol.Question() as question:
                self._answer(question)

    def _note(self, trigger: str, word: Word) -> None:
        row = self._held.get(trigger)
        if row is None or self._has_spoken(trigger):
            return
        self._words[trigger] = TriggerSaid(trigger=trigger, key=row.key, word=word)
        if self._store_timer is None:  # with all others that come now
            self._store_timer = self._reactor.after(0.0, self._store_all)

    def _store_all(self) -> None:
        self._store_timer = None
        try:
            self._store()
        except TROUBLE as error:
            log.warning("what triggers said cannot be stored yet: %s", error)
            self._store_timer = self._reactor.after(AGAIN_S, self._store_all)

    def _store(self) -> None:
        words = dict(self._words)
        if not words:
            return
        now = self._clock.now()
        with self._database.write() as connection:
            for said in words.values():
                inbox.put(connection, said, now)
        bells.ring(self._database, "scheduler")
        self._heard |= words.keys()
        for trigger in words:
            del self._words[trigger]

    def _answer(self, question: protocol.Question) -> None:
        """What a trigger asks, from the database or with what is wrong."""
        data: Any = None
        error = None
        try:
            request = protocol.unpack_request(question.request)
            command = command_of(request, question.token)
            if command is not None:
                self._asked.ask(str(uuid.uuid4()), question, command)
                return
            is_write = answers.is_write(request)
            connect = self._database.write if is_write else self._database.read
            with connect() as connection:
                data = answers.answer(connection, request, self._cipher)
            if is_write:
                bells.ring(self._database, "answers")
        except (UserError, ValueError, *TROUBLE) as reason:
            error = str(reason)
        self._process.send(protocol.Answer("", question.request_id, data, error))

    # --- that we live ----------------------------------------------------------------------------

    def _beat(self) -> None:
        self._reactor.after(EVERY_S, self._beat)
        try:
            with self._database.write() as connection:
                components.beat(connection, self._me, self._clock.now(), self._problem)
        except TROUBLE as error:
            log.warning("the heartbeat cannot be written: %s", error)
        self._look_soon()


def _is_process(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True

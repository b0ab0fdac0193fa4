"""When the database fails, or an event hits a bug of ours: what is kept, logged, waited for."""

import logging
import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from tradewind.core.taken import SliceFailed
from tradewind.model.attempts import Outcome, Result
from tradewind.model.changes import Change, CommandAnswered, CommandTaken
from tradewind.model.errors import EnvironmentFailure, StaleWrite, TradewindError
from tradewind.model.events import (
    AttemptEnded,
    AttemptStarted,
    CodeLoaded,
    CommandGiven,
    Event,
    FieldsRendered,
    XComPushed,
)
from tradewind.storage import leader

log = logging.getLogger(__name__)


class SetAside(TradewindError):
    """One event could not be decided on. It must not stop the others: they go on without it."""


TROUBLE = (StaleWrite, SetAside, EnvironmentFailure, SQLAlchemyError, sqlite3.Error)
"""After these a turn is repeated on a fleet that is loaded anew: disk, server or network failed,
a row was not as the fleet had it, or the fleet was left in the middle of a decision."""

_UNFIT = (DataError, IntegrityError, ValueError, OverflowError)
_SAID_BY_ATTEMPTS = (AttemptStarted, CodeLoaded, AttemptEnded, XComPushed, FieldsRendered)
_FIRST_WAIT_S = 0.05
_LONGEST_WAIT_S = 10.0
FORGOTTEN_AFTER = timedelta(seconds=30)


class LeadershipLost(TradewindError):
    """Another scheduler leads now; this one must write nothing more."""


def lead_or_leave(connection: Connection, epoch: int) -> None:
    """Make sure that we lead still. Raises LeadershipLost."""
    try:
        leader.hold(connection, epoch)
    except StaleWrite as error:
        raise LeadershipLost(str(error)) from error


class Trouble:
    """What goes wrong at the moment, and how long to leave it alone: first not at all, then 50 ms,
    doubled up to 10 s."""

    def __init__(self) -> None:
        self._failures = 0
        self._problem = ""
        self._latest = datetime.min.replace(tzinfo=UTC)

    def note(self, error: Exception, now: datetime) -> float:
        """Log a turn that failed; how many seconds to wait before the next."""
        if now - self._latest > FORGOTTEN_AFTER:
            self._failures = 0
        self._problem, self._latest = _describe(error), now
        log.warning("nothing was committed, starting again from the store: %s", self._problem)
        wait_s = _FIRST_WAIT_S * 2.0 ** (self._failures - 1) if self._failures else 0.0
        self._failures = min(self._failures + 1, 20)
        return min(wait_s, _LONGEST_WAIT_S)

    def is_over(self) -> None:
        """Something has been committed."""
        self._failures = 0

    def problem(self, now: datetime) -> str | None:
        """One line for the health page, if it lasts: a single miss, such as a command that was
        withdrawn, is none."""
        if self._failures > 1 and now - self._latest <= FORGOTTEN_AFTER:
            return self._problem
        return None


def _describe(error: BaseException) -> str:
    cause = getattr(error, "orig", None) or error
    first_line = (str(cause).splitlines() or [""])[0]
    return f"{type(cause).__name__}: {first_line}"


def said_by_attempts(events: Iterable[Event]) -> list[Event]:
    """The events that the store does not hold and that nobody would tell us again."""
    return [event for event in events if isinstance(event, _SAID_BY_ATTEMPTS)]


def is_about_its_rows(error: Exception) -> bool:
    """Whether the database will never take these rows, or never understand this query."""
    return isinstance(error, _UNFIT)


def is_about_a_slice(error: Exception) -> bool:
    """Whether it is a command taken earlier that failed, and not the event that gave it its turn."""
    return isinstance(error, SliceFailed)


def instead_of(event: Event, error: Exception) -> list[Event]:
    """What is decided on in place of an event set aside: an attempt ends, whatever it told."""
    if not isinstance(event, AttemptEnded) or event.outcome.result is Result.FAILED_FOR_GOOD:
        return []
    reason = f"its end could not be stored: {_describe(error)}"
    failed = Outcome(result=Result.FAILED_FOR_GOOD, end_date=event.outcome.end_date, reason=reason)
    return [AttemptEnded(event.token, failed)]


def at_fault(event: Event, changes: Iterable[Change], error: Exception) -> Exception | None:
    """What must be set aside because the turn of `event` alone could not be written; None if that
    is not known yet, or nothing is.

    If a command taken earlier went on in that turn too, either may be. When all is repeated, the
    command goes on first, with an event that brings no rows: then the command is.
    """
    if not is_about_its_rows(error):
        return None
    own = event.command_id if isinstance(event, CommandGiven) else None
    moved = (one for one in changes if isinstance(one, (CommandTaken, CommandAnswered)))
    suspects = [one.command_id for one in moved if one.command_id != own]
    if not suspects:
        return error
    if isinstance(event, (CommandGiven, *_SAID_BY_ATTEMPTS)):
        return None
    failed = SliceFailed(suspects[0])
    failed.__cause__ = error
    return failed


def report_bug(event: Event, bug: Exception) -> list[Change]:
    """Log what could not be decided on. If it was a command it is refused for good: the one given,
    or one taken earlier that went on in the turn of this event.
    """
    if isinstance(bug, SliceFailed):
        log.error("given up: %s, of which a part may have been done", bug, exc_info=bug)
        return [
            _internal_error(bug.command_id, bug.__cause__ or bug, "; a part may have been done")
        ]
    log.error("set aside, because deciding on it failed: %r", event, exc_info=bug)
    return [_internal_error(event.command_id, bug)] if isinstance(event, CommandGiven) else []


def _internal_error(command_id: str, bug: BaseException, more: str = "") -> CommandAnswered:
    reason = f"internal error, see the scheduler's log: {_describe(bug)}{more}"
    return CommandAnswered(command_id, applied=False, reason=reason, status=500)

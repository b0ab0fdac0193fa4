"""Commands that wait for the scheduler, and the answers they got."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tradewind.model.changes import CommandAnswered, CommandTaken
from tradewind.model.codec import from_data, to_data
from tradewind.model.commands import COMMANDS, Command
from tradewind.model.errors import StaleWrite
from tradewind.storage import statements
from tradewind.storage.statements import Statement
from tradewind.storage.tables import command_outcome, inbox


class Withdrawn(StaleWrite):
    """A command was taken back before its effect was committed: rebuild, and leave it out."""

    def __init__(self, command_id: str) -> None:
        super().__init__(f"command {command_id} was withdrawn")
        self.command_id = command_id


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A command left by a program of another version, and why it cannot be carried out."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandOutcome:
    """The answer to a command. `status` and `reason` are those of a refusal."""

    command_id: str
    applied: bool
    status: int
    result: dict[str, Any]
    reason: str
    answered_at: datetime


_IN_ORDER = sa.select(inbox.c.id, inbox.c.kind, inbox.c.command, inbox.c.done).order_by(
    inbox.c.sequence
)
_OUTCOME = statements.insert(command_outcome)
_REMOVE = statements.delete(inbox, "id")
_PUT_ONCE = Statement(
    lambda insert: (
        insert(inbox)
        .values(
            {
                name: sa.bindparam(name, type_=inbox.c[name].type)
                for name in ("id", "kind", "command", "created_at")
            }
        )
        .on_conflict_do_nothing(index_elements=["id"])
    )
)
_THIS = sa.update(inbox).where(inbox.c.id == sa.bindparam("key_id"))
_GO_ON = Statement(_THIS.values(done=sa.bindparam("done")))
_WORK_OUT = Statement(
    _THIS.values(
        done=sa.bindparam("done"),
        kind=sa.bindparam("kind"),
        command=sa.bindparam("command", type_=inbox.c.command.type),
    )
)


def put(conn: sa.Connection, command: Command, now: datetime) -> str:
    """Leave a command; returns the id under which it will be answered. Ring `scheduler` after."""
    command_id = str(uuid.uuid4())
    conn.execute(
        sa.insert(inbox).values(
            id=command_id,
            kind=type(command).__name__,
            command=to_data(command),
            created_at=now,
        )
    )
    return command_id


def put_once(conn: sa.Connection, command_id: str, command: Command, now: datetime) -> None:
    """Leave a command under an id of one's own; nothing if it waits already."""
    row = {
        "id": command_id,
        "kind": type(command).__name__,
        "command": to_data(command),
        "created_at": now,
    }
    _PUT_ONCE.run(conn, [row])


def outcomes(conn: sa.Connection, command_ids: Sequence[str]) -> dict[str, CommandOutcome]:
    """The answers that there are, by the commands' ids."""
    query = sa.select(command_outcome).where(command_outcome.c.id.in_(command_ids))
    found = (dict(row) for row in conn.execute(query).mappings())
    return {(name := facts.pop("id")): CommandOutcome(command_id=name, **facts) for facts in found}


def waiting(conn: sa.Connection) -> list[tuple[str, Command | Unreadable]]:
    """(id, command) of all that wait, oldest first."""
    fresh = inbox.c.done.is_(None) | inbox.c.kind.not_in(COMMANDS)
    return [(row.id, _read(row.kind, row.command)) for row in conn.execute(_IN_ORDER.where(fresh))]


def taken(conn: sa.Connection) -> list[tuple[str, Command | Unreadable, int]]:
    """(id, command, done) of all that the scheduler has begun to carry out, oldest first."""
    begun = inbox.c.done.is_not(None) & inbox.c.kind.in_(COMMANDS)
    return [
        (row.id, _read(row.kind, row.command), row.done)
        for row in conn.execute(_IN_ORDER.where(begun))
    ]


def _read(kind: str, data: Any) -> Command | Unreadable:
    cls = COMMANDS.get(kind)
    if cls is None:
        return Unreadable(f"this scheduler knows no command {kind}; is it of another version?")
    try:
        command: Command = from_data(cls, data)
    except ValueError as error:
        return Unreadable(f"this scheduler cannot read this {kind}: {error}")
    return command


def withdraw(conn: sa.Connection, command_id: str) -> bool:
    """Take a command back. False if it has been taken or answered already, or never was."""
    waits = (inbox.c.id == command_id) & inbox.c.done.is_(None)
    return conn.execute(sa.delete(inbox).where(waits)).rowcount == 1


def take(conn: sa.Connection, takings: Sequence[CommandTaken]) -> None:
    """Note how far commands have come. Raises Withdrawn for one that is not there."""
    for change in takings:
        row: dict[str, Any] = {"key_id": change.command_id, "done": change.done}
        if change.command is not None:
            row |= {"kind": type(change.command).__name__, "command": to_data(change.command)}
        statement = _GO_ON if change.command is None else _WORK_OUT
        statement.run(conn, [row], _only_if_there(change.command_id))


def answer(conn: sa.Connection, answers: Sequence[CommandAnswered], now: datetime) -> None:
    """Remove commands and write their outcomes. Raises Withdrawn for one that is not there."""
    for answered in answers:
        _REMOVE.run(conn, [{"id": answered.command_id}], _only_if_there(answered.command_id))
    _OUTCOME.run(
        conn,
        [
            {
                "id": answered.command_id,
                "applied": answered.applied,
                "status": answered.status,
                "result": to_data(answered.result),
                "reason": answered.reason,
                "answered_at": now,
            }
            for answered in answers
        ],
    )


def _only_if_there(command_id: str) -> Callable[[int], None]:
    def check(touched: int) -> None:
        if touched != 1:
            raise Withdrawn(command_id)

    return check


def outcome(conn: sa.Connection, command_id: str) -> CommandOutcome | None:
    """The answer, or None while there is none."""
    query = sa.select(command_outcome).where(command_outcome.c.id == command_id)
    row = conn.execute(query).mappings().one_or_none()
    if row is None:
        return None
    facts = dict(row)
    return CommandOutcome(command_id=facts.pop("id"), **facts)


def forget_outcomes(conn: sa.Connection, before: datetime) -> int:
    """Delete answers given before a moment; returns how many."""
    old = sa.delete(command_outcome).where(command_outcome.c.answered_at < before)
    return conn.execute(old).rowcount

"""Commands and their outcomes, on both engines."""

from datetime import timedelta

import pytest

from tests.conformance.storage.builders import LATER, NOW, put
from tradewind.model.changes import CommandAnswered, CommandTaken
from tradewind.model.commands import (
    ClearListed,
    ClearTasks,
    Command,
    MarkTask,
    PatchRun,
    TriggerRun,
)
from tradewind.model.states import RunState, TaskState
from tradewind.storage import inbox
from tradewind.storage.database import Database

COMMANDS: list[Command] = [
    TriggerRun(dag_id="d", run_id="r", run_after=NOW, conf={"z": 1, "a": 2}, logical_date=LATER),
    ClearTasks(dag_id="d", run_ids=("r",), task_ids=("a", "b"), dry_run=True),
    MarkTask(dag_id="d", run_id="r", task_id="a", state=TaskState.SKIPPED),
    PatchRun(dag_id="d", run_id="r", state=RunState.FAILED),
]


def test_commands_wait_in_the_order_they_were_given(database: Database) -> None:
    with database.write() as conn:
        ids = [inbox.put(conn, command, NOW) for command in COMMANDS]
    with database.read() as conn:
        assert inbox.waiting(conn) == list(zip(ids, COMMANDS, strict=True))
        assert inbox.outcome(conn, ids[0]) is None


def test_a_refusal_says_why(database: Database) -> None:
    with database.write() as conn:
        command_id = inbox.put(conn, COMMANDS[0], NOW)
    put(database, CommandAnswered(command_id, False, {}, "r is there already", 409))
    with database.read() as conn:
        found = inbox.outcome(conn, command_id)
    assert found is not None
    assert (found.applied, found.status, found.reason) == (False, 409, "r is there already")
    assert found.answered_at == NOW


def test_a_command_is_withdrawn_once_and_not_after_its_answer(database: Database) -> None:
    with database.write() as conn:
        one, two = (inbox.put(conn, command, NOW) for command in COMMANDS[:2])
    put(database, CommandAnswered(two, True))
    with database.write() as conn:
        assert inbox.withdraw(conn, one)
        assert not inbox.withdraw(conn, one)
        assert not inbox.withdraw(conn, two)


def test_old_answers_are_forgotten(database: Database) -> None:
    with database.write() as conn:
        command_id = inbox.put(conn, COMMANDS[0], NOW)
    put(database, CommandAnswered(command_id, True))
    with database.write() as conn:
        assert inbox.forget_outcomes(conn, NOW) == 0
        assert inbox.forget_outcomes(conn, NOW + timedelta(seconds=1)) == 1
        assert inbox.outcome(conn, command_id) is None


def test_a_command_that_takes_several_turns_cannot_be_withdrawn(database: Database) -> None:
    with database.write() as conn:
        command_id = inbox.put(conn, COMMANDS[0], NOW)
    listed = ClearListed(dag_id="sales", tasks=(("r", "a", -1), ("r", "b", -1)))
    put(database, CommandTaken(command_id, 0, listed), CommandTaken(command_id, 1))
    with database.write() as conn:
        assert inbox.waiting(conn) == []
        assert inbox.taken(conn) == [(command_id, listed, 1)]
        assert not inbox.withdraw(conn, command_id)
    put(database, CommandAnswered(command_id, applied=True, result={"x": 1}))
    with database.read() as conn:
        assert inbox.taken(conn) == []
        outcome = inbox.outcome(conn, command_id)
    assert outcome is not None
    assert outcome.result == {"x": 1}


def test_taking_a_command_that_was_withdrawn_is_refused(database: Database) -> None:
    with pytest.raises(inbox.Withdrawn):
        put(database, CommandTaken("gone", 0, COMMANDS[0]))
    with pytest.raises(inbox.Withdrawn):
        put(database, CommandTaken("gone", 1))

"""One event that cannot be stored, or not together with another, never stops the others."""

from typing import Any

import pytest
import sqlalchemy as sa

from tests.scheduler.harness import START, Ship, chain
from tradewind.core import commands
from tradewind.core.taken import Taken
from tradewind.core.turn import SLICE, Turn
from tradewind.model.commands import ClearListed, ClearTasks, Command, PatchBackfill, TriggerRun
from tradewind.model.errors import EnvironmentFailure
from tradewind.model.keys import RunKey
from tradewind.model.plan import Plan, TaskPlan
from tradewind.model.states import RunState
from tradewind.scheduler.trouble import TROUBLE
from tradewind.storage import inbox, tables


def leave(ship: Ship, *asked: Command) -> list[str]:
    """All of them wait when the scheduler looks."""
    with ship.database.write() as connection:
        command_ids = [inbox.put(connection, one, ship.clock.now()) for one in asked]
    ship.ring()
    return command_ids


def settle(ship: Ship) -> int:
    """Turn as the loop does until there is nothing left to do; how many turns failed."""
    failed = 0
    for _ in range(100):
        try:
            turn = ship.scheduler.turn()
        except TROUBLE:
            failed += 1
            continue
        if not (turn.events or turn.answered or ship.executor.messages):
            return failed
    raise AssertionError("the scheduler does not come to rest")


def applied(ship: Ship, command_ids: list[str]) -> list[tuple[bool, int]]:
    outcomes = [ship.outcome(command_id) for command_id in command_ids]
    return [(outcome.applied, outcome.status) for outcome in outcomes]


def test_a_name_asked_for_twice_at_once_is_given_once(ship: Ship) -> None:
    """The first run has come to its end before its row is there to be seen."""
    ship.load(Plan(dag_id="chain", tasks=(TaskPlan(task_id="empty", runs=False),)))
    ship.settle()
    twice = TriggerRun(dag_id="chain", run_id="x", run_after=START)

    asked = leave(ship, twice, twice)
    settle(ship)

    assert applied(ship, asked) == [(True, 200), (False, 409)]


def test_a_command_that_cannot_be_stored_is_refused(ship: Ship) -> None:
    ship.load(chain("a"))
    ship.settle()
    bad = TriggerRun(dag_id="chain", run_id="lone \ud800", run_after=START)
    good = TriggerRun(dag_id="chain", run_id="good", run_after=START)

    asked = leave(ship, good, bad)
    settle(ship)

    assert applied(ship, asked) == [(True, 200), (False, 500)]
    assert [attempt.key.run_id for attempt in ship.executor.dispatched] == ["good"]


def test_an_end_that_cannot_be_stored_fails_its_task_alone(ship: Ship) -> None:
    ship.load(chain("a"), chain("b", dag_id="other"))
    ship.settle()
    ship.trigger("chain", "r1")
    ship.trigger("other", "r1")
    ship.settle()
    ship.executor.runs("a", max_rss_kib=1 << 70)
    ship.executor.runs("b")

    settle(ship)

    assert ship.run_state("r1") is RunState.FAILED
    (task,) = ship.run("r1").tasks
    assert "its end could not be stored" in (task.exit_reason or "")
    assert ship.run("r1", "other").state is RunState.SUCCESS


def test_a_lost_order_to_end_a_cleared_task_is_given_again(
    ship: Ship, monkeypatch: pytest.MonkeyPatch
) -> None:
    ship.load(chain("a"))
    ship.trigger("chain", "r1")
    ship.settle()
    ship.executor.starts("a")
    ship.settle()

    def fails(token: str, reason: str) -> None:
        raise EnvironmentFailure("nobody there")

    with monkeypatch.context() as patch:
        patch.setattr(ship.executor, "kill", fails)
        leave(ship, ClearTasks(dag_id="chain", run_ids=("r1",)))
        with pytest.raises(EnvironmentFailure):
            ship.scheduler.turn()
    settle(ship)

    assert ship.executor.killed == [ship.executor.attempt("a").token]


def test_a_command_of_another_version_is_refused(ship: Ship) -> None:
    """It stops neither the scheduler nor the commands that came with it."""
    ship.load(chain("a"))
    ship.settle()
    unknown, unreadable = (ship.put(PatchBackfill(backfill_id=1)) for _ in range(2))
    with ship.database.write() as conn:
        conn.execute(
            sa.update(tables.inbox).where(tables.inbox.c.id == unknown).values(kind="Teleport")
        )
        conn.execute(
            sa.update(tables.inbox).where(tables.inbox.c.id == unreadable).values(command=[1])
        )
    known = ship.trigger("chain", "r")
    ship.settle()
    assert ship.outcome(known).applied
    for refused, why in ((unknown, "knows no command Teleport"), (unreadable, "cannot read")):
        answer = ship.outcome(refused)
        assert (answer.applied, answer.status) == (False, 400)
        assert why in answer.reason
    with ship.database.read() as conn:
        assert conn.execute(sa.select(tables.inbox.c.id)).all() == []


MANY = 5 * SLICE


def begin_a_long_clear(ship: Ship) -> str:
    """A run of many tasks has ended; clearing it takes several turns, of which this does one."""
    ship.load(
        Plan(
            dag_id="chain",
            tasks=tuple(TaskPlan(task_id=f"t{number}", runs=False) for number in range(MANY)),
        ),
        chain("a", dag_id="other"),
    )
    ship.trigger("chain", "long")
    settle(ship)
    assert ship.run_state("long") is RunState.SUCCESS
    ship.trigger("other", "r1")
    settle(ship)
    ship.executor.runs("a")
    (clear,) = leave(ship, ClearTasks(dag_id="chain", run_ids=("long",)))
    return clear


def check_refused_half_done(ship: Ship, clear: str, caplog: pytest.LogCaptureFixture) -> None:
    """It was tried once; all others went on, and the same run may be cleared again."""
    outcome = ship.outcome(clear)
    assert (outcome.applied, outcome.status) == (False, 500)
    assert "internal error" in outcome.reason
    assert "a part may have been done" in outcome.reason
    (told,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert told.exc_info is not None
    assert ship.run("r1", "other").state is RunState.SUCCESS
    with ship.database.read() as connection:
        assert connection.execute(sa.select(tables.inbox.c.id)).all() == []

    (again,) = leave(ship, ClearTasks(dag_id="chain", run_ids=("long",)))
    assert settle(ship) == 0
    assert applied(ship, [again]) == [(True, 200)]
    assert ship.run_state("long") is RunState.SUCCESS


def test_a_bug_in_a_later_slice_refuses_the_command_after_one_failure(
    ship: Ship, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clear = begin_a_long_clear(ship)
    real, slices = commands.CARRY_ON[ClearListed], []

    def planted(turn: Turn, taken: Taken[ClearListed]) -> dict[str, Any] | None:
        slices.append(taken.done)
        if taken.done > 2 * SLICE:  # more than the first turn does
            raise KeyError("planted")
        return real(turn, taken)

    with monkeypatch.context() as patch:
        patch.setitem(commands.CARRY_ON, ClearListed, planted)
        failed = settle(ship)

    assert failed == 1
    assert [done for done in slices if done > 2 * SLICE] == slices[-1:]
    assert "KeyError: 'planted'" in caplog.text
    assert "Traceback" in caplog.text
    check_refused_half_done(ship, clear, caplog)


def test_a_later_slice_that_cannot_be_stored_refuses_the_command(
    ship: Ship, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The attempt whose end came in the same turn is not at fault."""
    clear = begin_a_long_clear(ship)
    real = commands.CARRY_ON[ClearListed]

    def planted(turn: Turn, taken: Taken[ClearListed]) -> dict[str, Any] | None:
        if taken.done > 2 * SLICE:  # more than the first turn does
            run = turn.fleet.find(RunKey("chain", "long"))
            assert run is not None
            turn.rewrite_run(run, "planted", clear_number=1 << 70)
        return real(turn, taken)

    with monkeypatch.context() as patch:
        patch.setitem(commands.CARRY_ON, ClearListed, planted)
        assert settle(ship) <= 3
    check_refused_half_done(ship, clear, caplog)

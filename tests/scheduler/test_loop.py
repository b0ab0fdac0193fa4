"""The loop on both databases: what is committed, what is dispatched, and in which order."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.patience import PATIENCE_S
from tests.scheduler.harness import START, Ship, chain
from tradewind.model.attempts import Result
from tradewind.model.commands import CreateBackfill, TriggerRun
from tradewind.model.errors import StaleWrite
from tradewind.model.requests import GetVariable, PullXCom, SetVariable
from tradewind.model.states import RunState, RunType, TaskState
from tradewind.scheduler.stop import Stop
from tradewind.scheduler.trouble import LeadershipLost, SetAside
from tradewind.storage import bells, inbox
from tradewind.timetables import CronTriggerTimetable


def test_a_chain_of_tasks_runs_to_the_end(ship: Ship) -> None:
    ship.load(chain("a", "b"))
    ship.trigger("chain", "r1")
    ship.settle()
    assert [attempt.key.task_id for attempt in ship.executor.dispatched] == ["a"]

    ship.executor.runs("a")
    ship.settle()
    assert ship.states("r1") == {"a": TaskState.SUCCESS, "b": TaskState.QUEUED}

    ship.executor.runs("b")
    ship.settle()
    assert ship.run_state("r1") is RunState.SUCCESS
    assert [state for _, state in ship.executor.acknowledged] == [TaskState.SUCCESS] * 2


def test_an_end_and_the_next_start_are_one_turn(ship: Ship) -> None:
    ship.load(chain("a", "b"))
    ship.trigger("chain", "r1")
    ship.settle()
    ship.executor.runs("a")

    turn = ship.scheduler.turn()

    assert (turn.events, turn.dispatched) == (2, 1)
    assert ship.states("r1") == {"a": TaskState.SUCCESS, "b": TaskState.QUEUED}


def test_a_command_gets_its_answer_and_leaves_the_inbox(ship: Ship) -> None:
    ship.load(chain("a"))
    command_id = ship.trigger("chain", "r1")
    again = ship.trigger("chain", "r1")
    ship.settle()

    with ship.database.read() as connection:
        assert inbox.waiting(connection) == []
        first, second = inbox.outcome(connection, command_id), inbox.outcome(connection, again)
    assert first is not None and first.applied
    assert second is not None and not second.applied and "r1" in second.reason


def test_a_withdrawn_command_has_no_effect(ship: Ship, monkeypatch: pytest.MonkeyPatch) -> None:
    ship.load(chain("a"))
    ship.settle()
    command_id = ship.trigger("chain", "r1")
    read = ship.scheduler.sources.read

    def withdrawn_right_after_it_was_read(*args):  # type: ignore[no-untyped-def]
        events = read(*args)
        with ship.database.write() as connection:
            inbox.withdraw(connection, command_id)
        return events

    monkeypatch.setattr(ship.scheduler.sources, "read", withdrawn_right_after_it_was_read)
    with pytest.raises(StaleWrite):
        ship.scheduler.turn()
    monkeypatch.undo()
    ship.settle()

    assert ship.executor.dispatched == []
    with ship.database.read() as connection:
        assert inbox.outcome(connection, command_id) is None


def test_nothing_is_dispatched_when_the_commit_fails_and_all_is_caught_up(ship: Ship) -> None:
    ship.load(chain("a", "b"))
    ship.trigger("chain", "r1")
    ship.settle()
    ship.executor.runs("a")
    rename(ship, "event_log", "elsewhere")

    with pytest.raises(Exception, match="event_log"):
        ship.scheduler.turn()
    assert ship.states("r1")["a"] is TaskState.QUEUED
    assert ship.executor.acknowledged == []
    assert len(ship.executor.dispatched) == 1

    rename(ship, "elsewhere", "event_log")
    ship.settle()
    assert ship.states("r1") == {"a": TaskState.SUCCESS, "b": TaskState.QUEUED}
    assert [attempt.key.task_id for attempt in ship.executor.dispatched] == ["a", "b"]


def test_after_a_restart_the_executor_says_what_became_of_attempts(ship: Ship) -> None:
    ship.load(chain("a", retries=1, retry_delay_s=0.0))
    ship.trigger("chain", "r1")
    ship.settle()
    token = ship.executor.attempt("a").token
    ship.executor.starts("a")
    ship.settle()

    asked: list[set[str]] = []

    def gone(tokens: set[str]) -> list:  # type: ignore[type-arg]
        asked.append(tokens)
        ship.executor.ends("a", Result.LOST)
        return ship.executor.receive()

    ship.restart()
    ship.executor.on_reconcile = gone
    ship.settle()

    assert asked == [{token}]
    assert [attempt.try_number for attempt in ship.executor.dispatched] == [1, 2]


def test_the_end_of_an_older_try_is_acknowledged_and_changes_nothing(ship: Ship) -> None:
    ship.load(chain("a"))
    ship.trigger("chain", "r1")
    ship.settle()
    ship.executor.runs("a")
    ship.settle()
    ship.executor.ends("a", Result.FAILED)
    ship.settle()

    assert ship.states("r1") == {"a": TaskState.SUCCESS}
    assert len(ship.executor.acknowledged) == 2


def test_another_leader_ends_this_one(ship: Ship) -> None:
    ship.load(chain("a"))
    ship.settle()
    ship.take_over()
    ship.trigger("chain", "r1")

    with pytest.raises(StaleWrite):
        ship.scheduler.turn()
    with pytest.raises(LeadershipLost):
        ship.scheduler.turn()
    assert ship.executor.dispatched == []


def test_questions_are_answered_after_what_was_said_before(ship: Ship) -> None:
    ship.load(chain("a", "b"))
    ship.trigger("chain", "r1")
    ship.settle()
    ship.executor.runs("a", xcoms=(("return_value", 42),))
    ship.settle()
    ship.executor.starts("b")
    ship.executor.asks("b", PullXCom(dag_id="chain", run_id="r1", task_ids=("a",)))
    ship.executor.asks("b", SetVariable(key="colour", value="red"))
    ship.executor.asks("b", GetVariable(key="colour"))
    ship.settle()

    assert ship.executor.answers == [([["a", -1, 42]], None), (None, None), ("red", None)]


def test_a_turn_is_bounded(ship: Ship) -> None:
    ship.load(chain("a"))
    for number in range(600):
        ship.trigger("chain", f"r{number}")

    turns = [ship.scheduler.turn() for _ in range(2)]

    assert max(turn.events for turn in turns) <= 500


def test_a_retry_comes_due(ship: Ship) -> None:
    ship.load(chain("a", retries=1, retry_delay_s=60.0))
    ship.trigger("chain", "r1")
    ship.settle()
    ship.executor.runs("a", Result.FAILED)
    ship.settle()
    assert ship.states("r1") == {"a": TaskState.UP_FOR_RETRY}

    ship.clock.move_to(ship.clock.now() + timedelta(seconds=62))
    ship.settle()
    assert ship.states("r1") == {"a": TaskState.QUEUED}


def test_pausing_and_pools_take_effect(ship: Ship) -> None:
    ship.load(chain("a"))
    ship.pause("chain")
    ship.trigger("chain", "r1")
    ship.settle()
    assert ship.executor.dispatched == []

    ship.pause("chain", paused=False)
    ship.settle()
    assert len(ship.executor.dispatched) == 1


def test_a_schedule_makes_runs_when_they_are_due_and_none_while_paused(ship: Ship) -> None:
    daily = CronTriggerTimetable("0 0 * * *", timezone="UTC").to_spec()
    ship.load(replace(chain("a"), schedule=daily, catchup=False))
    ship.settle()
    ship.executor.dispatched.clear()

    ship.clock.move_to(ship.clock.now() + timedelta(days=1))
    ship.settle()
    assert [attempt.key.task_id for attempt in ship.executor.dispatched] == ["a"]

    ship.pause("chain")
    ship.settle()
    ship.clock.move_to(ship.clock.now() + timedelta(days=3))
    ship.settle()
    assert len(ship.executor.dispatched) == 1


def test_a_backfill_is_made_in_slices(ship: Ship) -> None:
    daily = CronTriggerTimetable("0 0 * * *", timezone="UTC").to_spec()
    ship.load(replace(chain("a"), schedule=daily, catchup=False))
    ship.command(
        CreateBackfill(
            dag_id="chain",
            from_date=START - timedelta(days=500),
            to_date=START - timedelta(days=1),
            max_active_runs=3,
        )
    )

    turns = []
    while not turns or turns[-1].events:
        turns.append(ship.scheduler.turn())

    assert max(turn.rows for turn in turns) < 500
    made = ship.runs(RunType.BACKFILL)
    assert len(made) == 500
    assert sum(run.state is RunState.RUNNING for run in made) == 3


def test_trouble_that_lasts_is_seen_on_the_health_page(ship: Ship) -> None:
    ship.load(chain("a"))
    ship.settle()
    ship.trigger("chain", "r1")
    rename(ship, "event_log", "elsewhere")
    stop = Stop()
    thread = threading.Thread(target=ship.scheduler.run, args=(stop,))
    thread.start()
    try:
        assert ship.sees(lambda: "event_log" in (ship.problem() or ""))
        rename(ship, "elsewhere", "event_log")
        assert ship.sees(lambda: ship.problem() is None and bool(ship.executor.dispatched))
    finally:
        stop.set()
        thread.join(PATIENCE_S)
        stop.close()


def test_an_event_that_cannot_be_decided_on_is_set_aside(ship: Ship) -> None:
    ship.load(chain("a"))
    ship.trigger("chain", "r1")
    ship.settle()
    ship.executor.messages.append("no event at all")  # type: ignore[arg-type]
    ship.executor.runs("a")

    with pytest.raises(SetAside):
        ship.scheduler.turn()
    ship.settle()

    assert ship.run_state("r1") is RunState.SUCCESS


def test_a_bell_wakes_it_and_stop_ends_it(ship: Ship) -> None:
    ship.load(chain("a"))
    stop = Stop()
    thread = threading.Thread(target=ship.scheduler.run, args=(stop,))
    thread.start()
    try:
        heard = ship.listen("changes")
        command = TriggerRun(dag_id="chain", run_id="r1", run_after=ship.clock.now())
        command_id = ship.put(command)
        bells.ring(ship.database, "scheduler")  # the running scheduler hears it, not we
        assert ship.hears(heard, lambda: ship.outcome(command_id) is not None)
    finally:
        stop.set()
        thread.join(PATIENCE_S)
        stop.close()
    assert not thread.is_alive()


def rename(ship: Ship, table: str, new_name: str) -> None:
    with ship.database.write() as connection:
        connection.execute(sa.text(f"ALTER TABLE {table} RENAME TO {new_name}"))

"""What one scheduler began and the next goes on with, or has to give up."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.scheduler.harness import START, Ship, chain
from tradewind.core.turn import SLICE
from tradewind.model.attempts import Result
from tradewind.model.commands import ClearTasks, TriggerRun
from tradewind.model.plan import Plan, TaskPlan
from tradewind.storage import dags
from tradewind.storage.tables import inbox


def is_paused(ship: Ship) -> bool:
    with ship.database.read() as connection:
        return dags.heads(connection)["d"].is_paused


def fails(ship: Ship, run_id: str, result: Result = Result.FAILED) -> None:
    ship.trigger("d", run_id)
    ship.settle()
    ship.executor.runs("t", result)
    ship.settle()
    ship.clock.move_to(ship.clock.now() + timedelta(seconds=1))


def test_failures_in_a_row_are_counted_across_a_restart(ship: Ship) -> None:
    ship.load(
        Plan(dag_id="d", max_consecutive_failed_dag_runs=3, tasks=(TaskPlan(task_id="t"),)),
    )
    ship.settle()
    fails(ship, "r1")
    fails(ship, "r2", Result.SUCCESS)
    fails(ship, "r3")
    ship.restart()
    ship.settle()
    fails(ship, "r4")
    assert not is_paused(ship)

    ship.restart()
    ship.settle()
    fails(ship, "r5")
    assert is_paused(ship)


@pytest.mark.parametrize("change", [{"command": {"dag_id": 1}}, {"kind": "Unheard"}])
def test_a_command_taken_that_nobody_can_read_is_refused(
    ship: Ship, change: dict[str, object]
) -> None:
    tasks = tuple(TaskPlan(task_id=f"t{number}", runs=False) for number in range(5 * SLICE))
    ship.load(Plan(dag_id="many", start_date=START, tasks=tasks), chain("a"))
    ship.trigger("many", "r")
    ship.settle()
    cleared = ship.command(ClearTasks(dag_id="many", run_ids=("r",)))
    ship.scheduler.turn()
    with ship.database.write() as connection:
        assert connection.execute(sa.select(inbox.c.done)).scalar()
        connection.execute(sa.update(inbox).values(change))

    ship.restart()
    ship.settle()

    outcome = ship.outcome(cleared)
    assert (outcome.applied, outcome.status) == (False, 400)
    assert "this scheduler" in outcome.reason
    ship.trigger("chain", "r")
    ship.settle()
    assert ship.executor.attempt("a").key.run_id == "r"


def test_a_run_asked_for_twice_that_is_over_at_once_is_made_once(ship: Ship) -> None:
    ship.load(Plan(dag_id="d", start_date=START, tasks=(TaskPlan(task_id="t", runs=False),)))
    ship.settle()
    asked = [ship.put(TriggerRun(dag_id="d", run_id="r", run_after=ship.clock.now())) for _ in "ab"]
    ship.ring()

    ship.settle()  # which raises if anything has to be decided on anew

    assert [ship.outcome(one).status for one in asked] == [200, 409]

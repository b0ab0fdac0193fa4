"""A task asks for a run of another DAG: it is made as users' are, and the task is told."""

from typing import Any

from tests.scheduler.harness import Ship, chain
from tradewind.model.requests import ClearRun, MakeRun, RunStateOf
from tradewind.model.states import RunState, RunType, TaskState

MAKE = MakeRun(dag_id="other", run_id="mine", conf={"a": 1}, triggering_user_name="me")


def asking(ship: Ship) -> None:
    """A task runs that may ask for something."""
    ship.load(chain("asks"), chain("t", dag_id="other"))
    ship.trigger("chain", "r")
    ship.settle()
    ship.executor.starts("asks")
    ship.settle()


def told(ship: Ship, request: Any, number: int = 1) -> Any:
    """The answer to a request; `number` of them have come by then."""
    ship.executor.asks("asks", request)

    def is_answered() -> bool:
        ship.settle()
        return len(ship.executor.answers) == number

    assert ship.sees(is_answered)
    data, error = ship.executor.answers[-1]
    assert error is None
    return data


def dated(request: MakeRun, ship: Ship) -> MakeRun:
    return MakeRun(
        dag_id=request.dag_id,
        run_id=request.run_id,
        conf=request.conf,
        triggering_user_name=request.triggering_user_name,
        logical_date=ship.clock.now(),
    )


def test_the_run_is_made_before_the_task_is_told(ship: Ship) -> None:
    asking(ship)

    assert told(ship, dated(MAKE, ship)) == {"applied": True, "status": 200, "reason": ""}

    run = ship.run("mine", "other")
    assert (run.run_type, run.triggered_by) == (RunType.OPERATOR_TRIGGERED, "operator")
    assert (run.conf, run.triggering_user_name) == ({"a": 1}, "me")
    assert run.logical_date == run.run_after == ship.clock.now()
    assert [task.state for task in run.tasks] == [TaskState.QUEUED]


def test_a_refusal_says_why(ship: Ship) -> None:
    asking(ship)
    answer = told(ship, MakeRun(dag_id="nobody", run_id="x"))
    assert (answer["applied"], answer["status"]) == (False, 404)
    assert "no DAG nobody" in answer["reason"]


def test_a_question_that_is_repeated_makes_no_second_run(ship: Ship) -> None:
    asking(ship)
    request = dated(MAKE, ship)
    first = told(ship, request)
    ship.restart()

    again = told(ship, request, number=2)

    assert first == again


def test_a_scheduler_that_takes_over_answers_what_the_one_before_was_asked(ship: Ship) -> None:
    asking(ship)
    request = dated(MAKE, ship)
    ship.executor.asks("asks", request)
    ship.scheduler.turn()  # the command is in the inbox, and nobody has carried it out
    assert ship.executor.answers == []
    ship.restart()

    assert told(ship, request)["applied"]
    assert ship.run("mine", "other").state is RunState.RUNNING


def test_a_run_is_cleared(ship: Ship) -> None:
    asking(ship)
    told(ship, dated(MAKE, ship))
    ship.executor.runs("t")
    ship.settle()
    assert ship.run("mine", "other").state is RunState.SUCCESS
    ship.restart()  # what a task asks next has another number, which this executor does not give

    with ship.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM command_outcome")
    assert told(ship, ClearRun(dag_id="other", run_id="mine"), number=2)["applied"]

    run = ship.run("mine", "other")
    assert (run.state, run.clear_number) == (RunState.RUNNING, 1)


def test_what_only_asks_is_answered_at_once(ship: Ship) -> None:
    asking(ship)
    assert told(ship, RunStateOf(dag_id="chain", run_id="r")) == "running"

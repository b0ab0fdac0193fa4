"""What a failing store does to the pace of the loop and to the health page."""

from datetime import timedelta

from tests.scheduler.harness import START
from tradewind.model.commands import TriggerRun
from tradewind.model.errors import DatabaseUnavailable, StaleWrite
from tradewind.model.events import CommandGiven, Tick
from tradewind.scheduler.trouble import FORGOTTEN_AFTER, Trouble, report_bug

FULL = DatabaseUnavailable("disk full")


def test_waits_grow_up_to_ten_seconds() -> None:
    trouble = Trouble()
    waits = [trouble.note(FULL, START) for _ in range(12)]

    assert waits[:4] == [0.0, 0.05, 0.1, 0.2]
    assert waits[-1] == 10.0


def test_a_single_miss_is_no_problem() -> None:
    trouble = Trouble()
    trouble.note(StaleWrite("a command was withdrawn"), START)
    assert trouble.problem(START) is None

    trouble.note(FULL, START)
    assert trouble.problem(START) == "DatabaseUnavailable: disk full"


def test_a_commit_ends_it() -> None:
    trouble = Trouble()
    for _ in range(3):
        trouble.note(FULL, START)
    trouble.is_over()

    assert trouble.problem(START) is None
    assert trouble.note(FULL, START) == 0.0


def test_it_is_forgotten_in_time() -> None:
    trouble = Trouble()
    for _ in range(3):
        trouble.note(FULL, START)
    later = START + FORGOTTEN_AFTER + timedelta(seconds=1)

    assert trouble.problem(later) is None
    assert trouble.note(FULL, later) == 0.0


def test_a_command_that_hits_a_bug_is_refused() -> None:
    command = CommandGiven("id", TriggerRun(dag_id="d", run_id="r", run_after=START))
    (answer,) = report_bug(command, KeyError("oops"))  # type: ignore[misc]

    assert (answer.applied, answer.status) == (False, 500)  # type: ignore[union-attr]
    assert report_bug(Tick(), KeyError("oops")) == []

"""The checker finds what it is there to find."""

from dataclasses import replace

import pytest

from tests.chaos.shape import Work
from tests.chaos.verdict import DYING_NS, faults
from tests.chaos.witness import Killed, Outside, Seen, Try

S = 1_000_000_000
ONE = Work("a", "quick", 0, (), False)
TWO = Work("b", "quick", 2, ("a",), True)
LOST = "lost: exit code -9 (SIGKILL)"
GOOD = Try(1, "success", None, None)


def seen(start: int, end: int | None, pid: int = 7) -> Seen:
    return Seen([start * S], [] if end is None else [end * S], pid)


def found(
    tries: dict[str, list[Try]], ran: dict[str, dict[int, Seen]], *kills: Killed
) -> list[str]:
    return faults([ONE, TWO], Outside(ran, []), tries, list(kills))


def test_all_is_well() -> None:
    tries = {"a": [GOOD], "b": [Try(1, "up_for_retry", LOST, None), replace(GOOD, number=2)]}
    ran = {"a": {1: seen(1, 2)}, "b": {1: seen(3, None), 2: seen(15, 16)}}
    assert found(tries, ran, Killed(10 * S, "supervisor", 1)) == []


def test_a_task_without_retries_may_be_lost() -> None:
    tries = {"a": [Try(1, "failed", LOST, None)], "b": [GOOD]}
    ran = {"a": {1: seen(1, None)}, "b": {1: seen(15, 16)}}
    assert found(tries, ran, Killed(10 * S, "task", 7)) == []
    assert found(tries, ran, Killed(10 * S, "task", 8)) == [
        "a: try 1 was given up, but nobody killed it"
    ]
    assert found(tries, ran, Killed(S - DYING_NS - 1, "supervisor", 1)) == [
        "a: try 1 was given up, but nobody killed it"
    ]
    assert found(tries, ran, Killed(10 * S, "scheduler", 1)) == [
        "a: try 1 was given up, but nobody killed it"
    ]


@pytest.mark.parametrize(
    ("tries", "ran", "fault"),
    [
        ([GOOD], {}, "it is a success, but never ran"),
        ([GOOD], {1: seen(1, None)}, "try 1 is a success, but it has not ended"),
        ([GOOD], {1: Seen([S, S], [2 * S], 7)}, "try 1 started 2 times"),
        ([GOOD], {1: seen(1, 2), 2: seen(1, 2)}, "try 2 ran, but the database does not know it"),
        ([GOOD], {1: seen(1, 2), 2: seen(1, 2)}, "it has no retries and started twice"),
        ([GOOD], {1: seen(1, 5), 2: seen(3, 4)}, "a try began before try 1 had ended"),
        ([GOOD], {1: seen(1, 99)}, "it started before a was over"),
        ([replace(GOOD, number=2)], {2: seen(1, 2)}, "its tries are numbered [2]"),
        ([replace(GOOD, number=2)], {2: seen(1, 2)}, "try 2 of 1"),
        ([replace(GOOD, state="running")], {1: seen(1, 2)}, "it ended as running"),
        ([Try(1, "failed", "a bug", None)], {1: seen(1, 2)}, "try 1 is failed because of 'a bug'"),
        ([replace(GOOD, state="upstream_failed")], {}, "upstream_failed below set()"),
        ([], {}, "the database does not know it"),
    ],
)
def test_each_fault_is_found(tries: list[Try], ran: dict[int, Seen], fault: str) -> None:
    both = found({"a": tries, "b": [GOOD]}, {"a": ran, "b": {1: seen(15, 16)}})
    assert any(fault in line for line in both), both

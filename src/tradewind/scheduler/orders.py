"""What follows a commit: the orders in it are given, and the turn is summed up."""

from collections.abc import Iterable
from dataclasses import dataclass

from tradewind.executors.protocol import Executor
from tradewind.model.changes import (
    Change,
    Dispatch,
    EndAcknowledged,
    Kill,
    Order,
    RunCreated,
    TasksCreated,
)


@dataclass(frozen=True, slots=True)
class TurnReport:
    """What one turn did."""

    events: int
    rows: int
    dispatched: int
    answered: int
    deciding_s: float
    committing_s: float


def count_rows(changes: Iterable[Change]) -> int:
    """How many rows of runs, task instances and the like `changes` write."""
    rows = 0
    for change in changes:
        match change:
            case RunCreated(run):
                rows += 1 + len(run.tasks)
            case TasksCreated(tasks=tasks):
                rows += len(tasks)
            case _:
                rows += not isinstance(change, Order)
    return rows


def give_orders(executor: Executor, changes: Iterable[Change]) -> int:
    """Tell the executor what is on disk; how many attempts were dispatched.

    Should one fail halfway, the rows are committed all the same: `reconcile` finds out, when the
    fleet is loaded anew, which attempts have arrived.
    """
    dispatched = 0
    for change in changes:
        match change:
            case Dispatch(attempt):
                executor.dispatch(attempt)
                dispatched += 1
            case Kill(token, reason):
                executor.kill(token, reason)
            case EndAcknowledged(token, state):
                executor.acknowledge(token, state)
    executor.flush()
    return dispatched

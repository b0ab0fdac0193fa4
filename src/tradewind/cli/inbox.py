"""Ask the scheduler for something and wait for its answer.

The command waits in the inbox until the scheduler takes it, so it also survives a scheduler that
is not running yet.
"""

import select
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tradewind.cli.wiring import Wiring
from tradewind.model.clock import SystemClock
from tradewind.model.commands import Command
from tradewind.model.errors import EnvironmentFailure, Refused
from tradewind.server.liveness import Liveness
from tradewind.storage import bells, inbox
from tradewind.storage.bells import Bell

ANSWER_WITHIN_S = 30.0
SAFETY_LOOK_S = 1.0
"""A look without having been rung, in case a bell was lost."""

NOBODY = (
    "No scheduler is running: the request waits in the database and is carried out when one starts "
    "(`tradewind standalone`)."
)


def scheduler_is_running(wiring: Wiring) -> bool:
    """Whether a scheduler has shown signs of life lately."""
    with wiring.database.read() as connection:
        return Liveness(clock=SystemClock()).scheduler_problem(connection) is None


@contextmanager
def changes(wiring: Wiring) -> Iterator[Bell]:
    """A bell that the scheduler rings after each commit."""
    bell = bells.listen(wiring.database, ("changes",), "cli", wiring.settings.run_folder)
    try:
        yield bell
    finally:
        bell.close()


def ask(wiring: Wiring, command: Command) -> dict[str, Any] | None:
    """The scheduler's answer, or None if none is running: then the command is left for it.

    Raises Refused with the scheduler's reason, EnvironmentFailure if it does not answer in time.
    """
    if not scheduler_is_running(wiring):
        _put(wiring, command)
        return None
    with changes(wiring) as bell:
        command_id = _put(wiring, command)
        return _await_answer(wiring, bell, command_id)


def wait_for_change(bell: Bell, timeout_s: float = SAFETY_LOOK_S) -> bool:
    """Wait until the scheduler has committed something: True; False after `timeout_s`."""
    select.select([bell], [], [], max(0.0, timeout_s))
    return bool(bell.drain())


def _put(wiring: Wiring, command: Command) -> str:
    with wiring.database.write() as connection:
        command_id = inbox.put(connection, command, wiring.now())
    bells.ring(wiring.database, "scheduler")
    return command_id


def _await_answer(wiring: Wiring, bell: Bell, command_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + ANSWER_WITHIN_S
    while True:
        with wiring.database.read() as connection:
            outcome = inbox.outcome(connection, command_id)
        if outcome is not None:
            break
        left_s = deadline - time.monotonic()
        if left_s <= 0 and _withdraw(wiring, command_id):
            raise EnvironmentFailure(
                f"the scheduler did not answer within {ANSWER_WITHIN_S:.0f} s; nothing was done"
            )
        wait_for_change(bell, min(SAFETY_LOOK_S, max(left_s, 0.1)))
    if not outcome.applied:
        raise Refused(outcome.reason)
    result: dict[str, Any] = outcome.result
    return result


def _withdraw(wiring: Wiring, command_id: str) -> bool:
    """Take the command back, unless the scheduler has just taken it."""
    with wiring.database.write() as connection:
        return inbox.withdraw(connection, command_id)

"""One task without a run around it: executed, and again after each wait that it defers to."""

import itertools
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from tradewind.core.deferral import goes_on, goes_on_too_late
from tradewind.core.waiting import start_of
from tradewind.model.attempts import Attempt, Outcome, Result
from tradewind.model.deferral import Deferral, Word
from tradewind.model.plan import TaskPlan
from tradewind.model.states import TaskState
from tradewind.testing.triggers import Triggers

_RESULTS = {
    TaskState.SUCCESS: Result.SUCCESS,
    TaskState.FAILED: Result.FAILED,
    TaskState.SKIPPED: Result.SKIPPED,
}


def perform(
    attempt: Attempt, plan: TaskPlan, execute: Callable[[Attempt], Outcome], triggers: Triggers
) -> Outcome:
    """Execute it to its end, or to where it asks to be called again."""
    deferral: Deferral | None
    if plan.start_trigger is None:
        outcome = execute(attempt)
        deferral = outcome.deferral
    else:
        deferral = start_of(plan)
    for number in itertools.count(1):
        if deferral is None or deferral.classpath is None:  # there is nobody to answer
            break
        word = _word(f"0-{number}", attempt, deferral, triggers)
        if word is not None and word.end is not None:
            return Outcome(
                result=_RESULTS[word.end],
                end_date=datetime.now(UTC),
                reason="its trigger ended it",
                xcoms=word.xcoms,
            )
        method, kwargs = (
            goes_on_too_late()
            if word is None
            else goes_on(deferral.method, deferral.method_kwargs, word)
        )
        outcome = execute(replace(attempt, next_method=method, next_kwargs=kwargs))
        deferral = outcome.deferral
    return outcome


def _word(name: str, attempt: Attempt, deferral: Deferral, triggers: Triggers) -> Word | None:
    """What the trigger says; None if the wait is too long."""
    limit_s = deferral.timeout_s
    if deferral.at is not None:
        wait_s = max(0.0, (deferral.at - datetime.now(UTC)).total_seconds())
        time.sleep(wait_s if limit_s is None else min(wait_s, limit_s))
        return None if limit_s is not None and limit_s < wait_s else deferral.word or Word()
    triggers.begin(name, attempt.key, attempt.try_number, deferral)
    spoke = triggers.wait(limit_s)
    if spoke is None:
        triggers.end(attempt.key)
        return None
    return spoke[2]

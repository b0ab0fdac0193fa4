"""What a task's retry policy makes of a failure."""

import logging
from dataclasses import replace
from typing import Any

from tradewind.authoring.retry_policy import RetryAction, RetryDecision, RetryPolicy
from tradewind.model.attempts import Attempt, Outcome, Result

log = logging.getLogger("task")


def decided(
    policy: RetryPolicy,
    error: BaseException,
    outcome: Outcome,
    attempt: Attempt,
    context: dict[str, Any],
) -> Outcome:
    """The outcome as the policy has it. It is not asked about what fails for good, is skipped or
    called again, and gives no more tries than there are. If it fails itself, `retries` decides.
    """
    if outcome.result is not Result.FAILED:
        return outcome
    try:
        decision = policy.evaluate(error, attempt.try_number, attempt.max_tries, context)
        if not isinstance(decision, RetryDecision):
            raise TypeError(f"evaluate must give a RetryDecision, not {decision!r}")
    except Exception:
        log.exception("The retry policy failed; the task's retries decide")
        return outcome
    if decision.action is RetryAction.DEFAULT:
        return outcome
    log.info("The retry policy says %s: %s", decision.action.value, decision.reason or "no reason")
    if decision.reason:
        outcome = replace(outcome, reason=f"{outcome.reason} ({decision.reason})")
    if decision.action is RetryAction.FAIL:
        return replace(outcome, result=Result.FAILED_FOR_GOOD)
    if decision.retry_delay is None:
        return outcome
    return replace(outcome, retry_after_s=max(0.0, decision.retry_delay.total_seconds()))

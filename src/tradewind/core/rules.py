"""The 13 trigger rules as a table: when a task runs, and when its fate is sealed without running.

A rule sees only how many of the tasks directly upstream ended in which way. The first line of
`seals` that holds sets the state, in most rules without waiting for the other upstream tasks; then
`passes` says whether the task may go. A removed upstream task counts as finished; each rule says
itself what it thinks of one, as in Airflow (`all_skipped` is never satisfied then).

`eager` makes this cheap: while other upstream tasks are unfinished, only an end in one of these
states can change what the rule says, so a downstream task is looked at again only for those
(`core/instances.py`). `tests/core/test_rules.py` checks every set against the rule itself.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from tradewind.core.verdicts import PASS, Set, Verdict, Wait
from tradewind.model.plan import TriggerRule
from tradewind.model.states import TaskState


class Counts(NamedTuple):
    """How many upstream task instances there are, and how many ended in which state."""

    success: int = 0
    skipped: int = 0
    failed: int = 0
    upstream_failed: int = 0
    removed: int = 0
    total: int = 0
    # of these, setup tasks; counted for teardowns alone:
    setups: int = 0
    setup_success: int = 0
    setup_skipped: int = 0

    def plus(self, other: "Counts") -> "Counts":
        """Of both together."""
        return Counts(*(one + more for one, more in zip(self, other, strict=True)))

    @property
    def finished(self) -> int:
        return self.success + self.skipped + self.failed + self.upstream_failed + self.removed

    @property
    def done(self) -> bool:
        return self.finished >= self.total

    @property
    def broken(self) -> int:
        return self.failed + self.upstream_failed


Condition = Callable[[Counts], object]


class Rule(NamedTuple):
    """One row of the table."""

    passes: Condition
    seals: tuple[tuple[Condition, TaskState, str], ...] = ()
    eager: frozenset[TaskState] = frozenset()


_SUCCESS, _SKIPPED = TaskState.SUCCESS, TaskState.SKIPPED
_FAILED, _UPSTREAM_FAILED = TaskState.FAILED, TaskState.UPSTREAM_FAILED

_ON_FAILURE = (lambda c: c.broken, _UPSTREAM_FAILED, "an upstream task failed")
_ON_SKIP = (lambda c: c.skipped, _SKIPPED, "an upstream task was skipped")
_ON_ALL_SKIPPED = (
    lambda c: c.skipped == c.total,
    _SKIPPED,
    "every upstream task was skipped",
)
_ON_NO_SUCCESS = (
    lambda c: c.done and not c.success,
    _UPSTREAM_FAILED,
    "no upstream task succeeded",
)

RULES: Mapping[TriggerRule, Rule] = {
    TriggerRule.ALL_SUCCESS: Rule(
        passes=lambda c: c.success + c.removed >= c.total,
        seals=(_ON_FAILURE, _ON_SKIP),
        eager=frozenset({_FAILED, _UPSTREAM_FAILED, _SKIPPED}),
    ),
    TriggerRule.ALL_FAILED: Rule(
        passes=lambda c: c.broken + c.removed >= c.total,
        seals=((lambda c: c.success or c.skipped, _SKIPPED, "an upstream task did not fail"),),
        eager=frozenset({_SUCCESS, _SKIPPED}),
    ),
    TriggerRule.ALL_DONE: Rule(
        passes=lambda c: c.done,
    ),
    TriggerRule.ALL_DONE_MIN_ONE_SUCCESS: Rule(
        passes=lambda c: c.done and c.success and not c.skipped,
        seals=(_ON_SKIP, _ON_NO_SUCCESS),
        eager=frozenset({_SKIPPED}),
    ),
    TriggerRule.ALL_DONE_SETUP_SUCCESS: Rule(
        passes=lambda c: c.done and (c.setup_success or not c.setups),
        seals=(
            (
                lambda c: c.done and c.setups and c.setup_skipped == c.setups,
                _SKIPPED,
                "every setup was skipped",
            ),
            (
                lambda c: c.done and c.setups and not c.setup_success,
                _UPSTREAM_FAILED,
                "no setup succeeded",
            ),
        ),
    ),
    TriggerRule.ONE_SUCCESS: Rule(
        passes=lambda c: c.success,
        seals=(_ON_ALL_SKIPPED, _ON_NO_SUCCESS),
        eager=frozenset({_SUCCESS}),
    ),
    TriggerRule.ONE_FAILED: Rule(
        passes=lambda c: c.broken,
        seals=((lambda c: c.done and not c.broken, _SKIPPED, "no upstream task failed"),),
        eager=frozenset({_FAILED, _UPSTREAM_FAILED}),
    ),
    TriggerRule.ONE_DONE: Rule(
        passes=lambda c: c.success or c.failed,
        seals=(
            (
                lambda c: c.done and not c.success and not c.failed,
                _SKIPPED,
                "no upstream task succeeded or failed",
            ),
        ),
        eager=frozenset({_SUCCESS, _FAILED}),
    ),
    TriggerRule.NONE_FAILED: Rule(
        passes=lambda c: c.done,
        seals=(_ON_FAILURE,),
        eager=frozenset({_FAILED, _UPSTREAM_FAILED}),
    ),
    TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS: Rule(
        passes=lambda c: c.done and c.success,
        seals=(_ON_FAILURE, _ON_ALL_SKIPPED, _ON_NO_SUCCESS),
        eager=frozenset({_FAILED, _UPSTREAM_FAILED}),
    ),
    TriggerRule.NONE_SKIPPED: Rule(
        passes=lambda c: c.done,
        seals=(_ON_SKIP,),
        eager=frozenset({_SKIPPED}),
    ),
    TriggerRule.ALL_SKIPPED: Rule(
        passes=lambda c: c.skipped >= c.total,
        seals=((lambda c: c.success or c.broken, _SKIPPED, "an upstream task was not skipped"),),
        eager=frozenset({_SUCCESS, _FAILED, _UPSTREAM_FAILED}),
    ),
    TriggerRule.ALWAYS: Rule(
        passes=lambda c: True,
    ),
}


_IN_SCOPE = Rule(
    passes=lambda c: c.success + c.removed >= c.total,
    seals=(
        (lambda c: c.broken, _UPSTREAM_FAILED, "a setup failed"),
        (lambda c: c.skipped, _SKIPPED, "a setup was skipped"),
    ),
    eager=frozenset({_FAILED, _UPSTREAM_FAILED, _SKIPPED}),
)
_AFTER_SCOPE = Rule(passes=lambda c: c.done)


def scope_rule(*, is_teardown: bool) -> Rule:
    """The rule over what a task waits for further upstream: the setups in whose scope it stands,
    or, for a teardown, all that is in its scope."""
    return _AFTER_SCOPE if is_teardown else _IN_SCOPE


def judge(name: TriggerRule, counts: Counts) -> Verdict:
    """What trigger rule `name` says of a task with these upstream counts."""
    return _judge(RULES[name], str(name), counts, "upstream tasks have finished")


def judge_scope(counts: Counts, *, is_teardown: bool) -> Verdict:
    """What the setups, or the scope, further upstream say of a task."""
    rule = scope_rule(is_teardown=is_teardown)
    if is_teardown:
        return _judge(rule, "scope", counts, "tasks before the teardown have finished")
    return _judge(rule, "scope", counts, "setups have finished")


def _judge(rule: Rule, name: str, counts: Counts, what: str) -> Verdict:
    if not counts.total:
        return PASS
    for holds, state, reason in rule.seals:
        if holds(counts):
            return Set(state, f"{name}: {reason}")
    if rule.passes(counts):
        return PASS
    return Wait(
        f"{name}: {counts.finished} of {counts.total} {what}",
        wake_on="the end of an upstream task",
    )

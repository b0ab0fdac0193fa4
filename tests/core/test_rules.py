"""The table of trigger rules against a slow evaluator that only follows the reference's words."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.obvious import F, K, R, S, U, by_rule
from tradewind.core.rules import RULES, Counts, judge
from tradewind.core.verdicts import PASS, Set, Wait
from tradewind.model.plan import TriggerRule
from tradewind.model.states import TaskState

UNFINISHED = TaskState.RUNNING

states_upstream = st.lists(st.sampled_from([S, K, F, U, R, UNFINISHED]), max_size=6)


def counts(upstream: Sequence[TaskState]) -> Counts:
    return Counts(*(upstream.count(state) for state in (S, K, F, U, R)), total=len(upstream))


def verdict(rule: TriggerRule, upstream: Sequence[TaskState]) -> str:
    match judge(rule, counts(upstream)):
        case Set(state):
            return state.value
        case Wait():
            return "waits"
    return "runs"


def test_every_rule_is_in_the_table() -> None:
    assert set(RULES) == set(TriggerRule)
    assert len(RULES) == 13


@pytest.mark.parametrize("rule", TriggerRule)
@given(upstream=states_upstream)
def test_the_table_says_what_the_words_say(rule: TriggerRule, upstream: list[TaskState]) -> None:
    assert verdict(rule, upstream) == by_rule(rule.value, upstream)


@pytest.mark.parametrize("rule", TriggerRule)
@given(upstream=states_upstream, data=st.data())
def test_only_eager_states_change_a_verdict_before_all_is_done(
    rule: TriggerRule, upstream: list[TaskState], data: st.DataObject
) -> None:
    upstream = [*upstream, UNFINISHED, UNFINISHED]
    ended = data.draw(st.sampled_from([S, K, F, U, R]))
    after = [*upstream[:-1], ended]
    if verdict(rule, upstream) == "waits" and ended not in RULES[rule].eager:
        assert verdict(rule, after) == "waits"


@pytest.mark.parametrize(
    ("counted", "expected"),
    [
        (Counts(success=1, failed=1, total=2, setups=1, setup_success=1), "runs"),
        (Counts(skipped=1, success=1, total=2, setups=1, setup_skipped=1), "skipped"),
        (Counts(failed=1, success=1, total=2, setups=1), "upstream_failed"),
        (Counts(success=1, total=2, setups=1, setup_success=1), "waits"),
    ],
)
def test_a_teardown_runs_if_a_setup_succeeded(counted: Counts, expected: str) -> None:
    found = judge(TriggerRule.ALL_DONE_SETUP_SUCCESS, counted)
    assert expected == (
        "runs" if found is PASS else found.state.value if isinstance(found, Set) else "waits"
    )


def test_a_verdict_says_why() -> None:
    failed = judge(TriggerRule.ALL_SUCCESS, Counts(success=1, failed=1, total=3))
    assert failed == Set(U, "all_success: an upstream task failed")

    waiting = judge(TriggerRule.ALL_DONE, Counts(success=1, total=3))
    assert isinstance(waiting, Wait)
    assert waiting.reason == "all_done: 1 of 3 upstream tasks have finished"


@pytest.mark.parametrize("rule", TriggerRule)
def test_only_always_lets_a_task_go_before_anything_has_ended(rule: TriggerRule) -> None:
    assert (verdict(rule, [UNFINISHED]) == "waits") is (rule is not TriggerRule.ALWAYS)

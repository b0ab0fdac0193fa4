"""Random DAGs with branches, setups and teardowns, held against the slow evaluator at every step."""

from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.control_flow import random_choice, with_control_flow
from tests.core.obvious import cleared, fate, leaves
from tests.core.world import World, dag, task
from tradewind.core.plan_index import PlanIndex
from tradewind.model import changes as c
from tradewind.model.attempts import Attempt, Outcome, Result
from tradewind.model.commands import ClearTasks
from tradewind.model.events import AttemptEnded, AttemptStarted, XComPushed
from tradewind.model.keys import CHOICE
from tradewind.model.plan import Plan, TriggerRule
from tradewind.model.states import FAILED_STATES, FINISHED, TaskState

RESULTS = (Result.SUCCESS,) * 5 + (Result.FAILED, Result.FAILED, Result.SKIPPED)
seeds = st.integers(0, 2**32)


def random_plan(rng: Random) -> Plan:
    tasks = []
    for place in range(rng.randint(1, 8)):
        upstream = rng.sample(range(place), rng.randint(0, min(place, 3)))
        rule = rng.choice((TriggerRule.ALL_SUCCESS, *TriggerRule))
        if rule is TriggerRule.ALL_DONE_SETUP_SUCCESS and rng.random() < 0.5:
            rule = TriggerRule.ALL_DONE
        names = [f"t{number}" for number in upstream]
        tasks.append(task(f"t{place}", *names, trigger_rule=rule, runs=rng.random() > 0.15))
    return Plan(dag_id="d", tasks=with_control_flow(rng, tasks))


class Played:
    """One run, of which every step is checked when it is made."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.plan = random_plan(rng)
        self.world = World(dag(*self.plan.tasks))
        self.states: dict[str, TaskState] = {}
        self.choices: dict[str, Any] = {}
        self.skips: set[str] = set()
        self.world.trigger()
        self.states = dict.fromkeys((task.task_id for task in self.plan.tasks), TaskState.NONE)
        self._check(self.world.log)

    def step(self) -> None:
        """Something happens."""
        rng, world = self.rng, self.world
        if world.killed:
            token = world.killed.pop()
            ended = Outcome(result=Result.FAILED, end_date=world.now)
            self._check(world.give(AttemptEnded(token, ended)))
        elif not world.attempts or rng.random() < 0.05:
            self.clear()
        elif rng.random() < 0.1:
            world.rebuild()
        else:
            self.run(rng.choice(sorted(world.attempts.items()))[1])

    def run(self, attempt: Attempt) -> None:
        """An attempt starts and ends."""
        rng, world, token = self.rng, self.world, attempt.token
        self._check(world.give(AttemptStarted(token, 42, "here", world.now)))
        result, skips = rng.choice(RESULTS), ()
        (mine,) = [task for task in self.plan.tasks if task.task_id == attempt.key.task_id]
        if mine.may_skip_downstream and result is Result.SUCCESS:
            choice, skips = random_choice(rng, self.plan, mine.task_id)
            if choice is not None:
                self._check(world.give(XComPushed(token, CHOICE, choice)))
        self.skips = {name for name, _ in skips}
        outcome = Outcome(result=result, end_date=world.now, skips=skips)
        self._check(world.give(AttemptEnded(token, outcome)))
        self.skips = set()

    def clear(self) -> None:
        """Some tasks are cleared, with what belongs to them."""
        names = {task.task_id for task in self.plan.tasks if self.rng.random() < 0.3}
        if not names:
            return
        ways = {way: self.rng.random() < 0.3 for way in ("upstream", "downstream")}
        wanted = ClearTasks(
            dag_id="d",
            run_ids=("r",),
            task_ids=tuple(sorted(names)),
            include_upstream=ways["upstream"],
            include_downstream=ways["downstream"],
        )
        before = len(self.world.log)
        answer = self.world.command(wanted)
        assert {place[1] for place in answer.result["task_instances"]} == cleared(
            self.plan, names, **ways
        )
        self._check(self.world.log[before:])

    def _check(self, changes: list[c.Change]) -> None:
        for change in changes:
            match change:
                case c.XComWritten(key, name, value) if name == CHOICE:
                    self.choices[key.task_id] = value
                case c.XComsCleared(key):
                    self.choices.pop(key.task_id, None)
                case c.TaskChanged(before, _, row):
                    if before is TaskState.NONE:
                        self._check_step(row.key.task_id, row.state)
                    self.states[row.key.task_id] = row.state
                case c.RunChanged(_, run) if run.end_date is not None:
                    self._check_end(run.state.value)
        if self.world.run_state() == "running":
            for name, state in self.states.items():
                if state is TaskState.NONE:
                    assert self._fate(name) == "waits", (name, self.states, self.plan)

    def _check_step(self, name: str, state: TaskState) -> None:
        if state is TaskState.SKIPPED and name in self.skips:
            return
        expected = "runs" if state in (TaskState.SCHEDULED, TaskState.SUCCESS) else state.value
        assert self._fate(name) == expected, (name, state, self.states, self.plan)

    def _fate(self, name: str) -> str:
        return fate(self.plan, name, self.states, self.choices)

    def _check_end(self, state: str) -> None:
        if any(state not in FINISHED for state in self.states.values()):
            assert state == "failed", "a deadlock"
            return
        failed = any(self.states[name] in FAILED_STATES for name in leaves(self.plan))
        assert state == ("failed" if failed else "success"), (self.states, self.plan)


@given(seed=seeds)
@settings(max_examples=300, deadline=None)
def test_every_step_is_what_the_words_say(seed: int) -> None:
    played = Played(Random(seed))
    for _ in range(played.rng.randint(5, 40)):
        played.step()


@given(seed=seeds)
@settings(max_examples=200, deadline=None)
def test_leaves(seed: int) -> None:
    plan = random_plan(Random(seed))
    index = PlanIndex(plan, 1)
    assert {plan.tasks[place].task_id for place in index.leaves} == leaves(plan)

"""Bugs planted on purpose, to see that the simulation would notice them. Nothing but tests reads this.

Each is one statement of the product written otherwise: `old`, which must stand exactly once in the
source of the function, becomes `new`. `seed` is one known to catch it, by `check`;
`python -m tests.simulation --plant NAME` searches for others.
"""

import inspect
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FunctionType
from typing import Any
from unittest.mock import patch

from tradewind.core import (
    attempts,
    backfill,
    clear,
    deferral,
    due_runs,
    due_times,
    gates,
    moving,
    readiness,
    retries,
    run_state,
    trigger,
)
from tradewind.core.fleet import Fleet
from tradewind.core.instances import Run
from tradewind.core.joins import UpstreamEnds
from tradewind.core.limits import Lane, Turnstile
from tradewind.core.rules import RULES
from tradewind.core.shared_slots import SharedSlots
from tradewind.core.task_instance import Task
from tradewind.core.turn import Turn
from tradewind.executors.local import LocalExecutor
from tradewind.model.plan import TriggerRule
from tradewind.model.states import TaskState
from tradewind.runtime import attempts as held_attempts
from tradewind.runtime import journal
from tradewind.runtime.ledger import Ledger
from tradewind.runtime.partner import Partner
from tradewind.runtime.supervisor import Supervisor
from tradewind.scheduler.loop import Scheduler
from tradewind.scheduler.sources import Sources
from tradewind.storage import inbox, leader, tasks
from tradewind.storage.commit import _Batch


@dataclass(frozen=True)
class Planted:
    """One bug."""

    name: str
    breaks: str
    where: Any
    """The function, or the table and key, that it is planted in."""
    old: str
    new: Any
    seed: int
    check: str

    @contextmanager
    def plant(self) -> Iterator[None]:
        """Have the bug within the block."""
        if isinstance(self.where, FunctionType):
            right = self.where.__code__
            self.where.__code__ = edited(self.where, self.old, self.new)
            try:
                yield
            finally:
                self.where.__code__ = right
        else:
            with patch.dict(RULES, {self.where: self.new(RULES[self.where])}):  # type: ignore[arg-type]
                yield


def edited(function: Any, old: str, new: str) -> Any:
    """The code of a function with one statement written otherwise."""
    source = textwrap.dedent(inspect.getsource(function))
    assert source.count(old) == 1, f"{function.__qualname__} has not {old!r} once: plant it anew"
    made: dict[str, Any] = {}
    exec(  # annotations are left unread: not all of their names are there at run time
        "from __future__ import annotations\n" + source.replace(old, new),
        dict(function.__globals__),
        made,
    )
    found: Any = made[function.__name__]
    code = found.fget.__code__ if isinstance(found, property) else found.__code__
    return code


def _property(owner: Any, name: str) -> Any:
    return inspect.getattr_static(owner, name).fget


PLANTED: tuple[Planted, ...] = (
    # --- core ---------------------------------------------------------------------------------
    Planted(
        "a stale token still counts",
        "an attempt of a cleared or marked try changes the row",
        Turn._withdraw,
        "self.fleet.attempts.pop(task.token, None)",
        "pass",
        seed=2,
        check="no effect with a stale token",
    ),
    Planted(
        "a retry keeps its try number",
        "two processes run as the same try",
        readiness._begin_try,
        "try_number=task.try_number + 1",
        "try_number=task.try_number + (task.state is not TaskState.UP_FOR_RETRY)",
        seed=1,
        check="try number +1 per real start",
    ),
    Planted(
        "one retry too many",
        "retries=0 starts twice",
        retries.has_try_left,
        "try_number <= max_tries",
        "try_number <= max_tries + 1",
        seed=0,
        check="no more tries than allowed",
    ),
    Planted(
        "one retry too few",
        "a failed try is not retried",
        retries.has_try_left,
        "try_number <= max_tries",
        "try_number < max_tries",
        seed=1,
        check="a failed try is retried",
    ),
    Planted(
        "a lost try waits for its delay",
        "a task whose process vanished is not retried at once",
        attempts._delay,
        "if outcome.result in (Result.LOST, Result.NOT_STARTED):",
        "if outcome.result is Result.NOT_STARTED:",
        seed=2,
        check="retry delay",
    ),
    Planted(
        "pool_slots are not counted",
        "a pool is filled beyond its slots",
        Lane.blocker,
        "limit.used + need > limit.capacity",
        "limit.used + 1 > limit.capacity",
        seed=1,
        check="limits are never exceeded",
    ),
    Planted(
        "a freed slot wakes nobody",
        "scheduled tasks wait for ever",
        Turnstile.release,
        "self.freed(limit)",
        "pass",
        seed=1,
        check="no slot stays free while somebody waits",
    ),
    Planted(
        "a retry has the weight of the first try",
        "retry_weights",
        _property(Task, "order"),
        "weight_of(self.try_number)",
        "priority_weight",
        seed=21,
        check="the best goes first",
    ),
    Planted(
        "the least weight goes first",
        "priority_weight",
        _property(Task, "order"),
        "-self.node.plan.weight_of",
        "self.node.plan.weight_of",
        seed=1,
        check="the best goes first",
    ),
    Planted(
        "none_failed_min_one_success forgets success",
        "a trigger rule lets tasks run that it must not",
        TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS,
        "",
        lambda rule: rule._replace(passes=lambda c: c.done, seals=rule.seals[:1]),
        seed=14,
        check="trigger rules",
    ),
    Planted(
        "one_done counts what was skipped",
        "a trigger rule runs on a skipped upstream task",
        TriggerRule.ONE_DONE,
        "",
        lambda rule: rule._replace(
            passes=lambda c: c.success or c.failed or c.skipped,
            eager=rule.eager | {TaskState.SKIPPED},
        ),
        seed=691,
        check="trigger rules",
    ),
    Planted(
        "all_success is not eager",
        "a failure upstream is not passed on until all upstream has ended",
        TriggerRule.ALL_SUCCESS,
        "",
        lambda rule: rule._replace(eager=frozenset()),
        seed=22,
        check="what can go on goes on",
    ),
    Planted(
        "an end upstream that was cleared still counts",
        "a task goes on though its upstream is run again",
        UpstreamEnds.went,
        "self._ended[_COUNTED[before]] -= 1",
        "pass",
        seed=82,
        check="trigger rules",
    ),
    Planted(
        "a paused DAG goes on",
        "tasks are scheduled while their DAG is paused",
        gates.dag_is_on,
        "PASS if held is None",
        "PASS if True",
        seed=12,
        check="trigger rules",
    ),
    Planted(
        "a retry is not put on the calendar",
        "the scheduler sleeps while a retry is due",
        attempts._end,
        "turn.fleet.wake_at(due_at, task.key)",
        "pass",
        seed=1,
        check="it does not sleep while something is due",
    ),
    Planted(
        "a restart forgets who waits",
        "what was scheduled before never gets a slot",
        SharedSlots.enter_lanes,
        "self._turnstile.join(self.lane_of(task), task.order, task)",
        "pass",
        seed=1,
        check="the best goes first",
    ),
    Planted(
        "a restart forgets the slots taken",
        "limits are exceeded after a restart",
        SharedSlots.enter_lanes,
        "self._turnstile.take(self.lane_of(task))",
        "self.lane_of(task)",
        seed=44,
        check="limits are never exceeded",
    ),
    Planted(
        "a finished run keeps its run slot",
        "max_active_runs starves the DAG",
        run_state.finish_run,
        "run.queue.used -= 1",
        "pass",
        seed=1,
        check="no run slot stays free while a run waits",
    ),
    Planted(
        "leaves are not asked",
        "a run with a failed leaf is a success",
        run_state._result,
        "if leaf.state in FAILED_STATES:",
        "if False:",
        seed=0,
        check="leaves decide how a run ends",
    ),
    Planted(
        "a window is skipped",
        "a schedule that catches up leaves one out",
        due_runs.upcoming,
        "        info = following(dag, info, now)",
        "        info = following(dag, following(dag, info, now) or info, now)",
        seed=90,
        check="no window is left out",
    ),
    Planted(
        "timeouts are not fired",
        "dagrun_timeout passes and nothing happens",
        due_times._fire_run,
        "elif run.deadline is not None",
        "elif False and run.deadline is not None",
        seed=4,
        check="it does not sleep while something is due",
    ),
    Planted(
        "a second trigger is let through",
        "two commands make one run, and neither is refused",
        trigger.check_new_run,
        'is not None:\n        raise NotPossible(\n            409, f"DAG {dag.dag_id} already has a run {command.run_id}',
        'is False:\n        raise NotPossible(\n            409, f"DAG {dag.dag_id} already has a run {command.run_id}',
        seed=7,
        check="a trigger makes one run",
    ),
    Planted(
        "XComs of an earlier try stay",
        "a try starts with the values of the one before",
        attempts._start,
        "(is_first_start and task.try_number > 1)",
        "False",
        seed=1,
        check="XComs are those of the try",
    ),
    Planted(
        "a cleared task is not killed",
        "it goes on to its end",
        clear.clear_task,
        "turn.kill(task, reason)\n            turn.move(task, TaskState.RESTARTING, reason)",
        "turn.move(task, TaskState.RESTARTING, reason)",
        seed=73,
        check="what is cleared is killed",
    ),
    Planted(
        "a backfill never completes",
        "it stays under way when all its runs have finished",
        run_state.complete_if_done,
        "not backfill.unfinished",
        "backfill.unfinished",
        seed=19,
        check="no run slot stays free while a run waits",
    ),
    Planted(
        "the runs of a backfill have no order",
        "they start as they happen to be found",
        backfill.make_slice,
        "ordinal += _make(turn, backfill, info, ordinal)",
        "_make(turn, backfill, info, ordinal)",
        seed=26,
        check="the runs of a backfill have an order",
    ),
    Planted(
        "a call is not counted",
        "a sensor takes each look for its first, and its timeout never comes",
        attempts._end,
        "reschedules=task.reschedules + (state is TaskState.UP_FOR_RESCHEDULE)",
        "reschedules=task.reschedules",
        seed=1,
        check="reschedules are counted",
    ),
    Planted(
        "a try called again forgets when it began",
        "the timeout of a sensor counts from its latest look",
        attempts._start,
        "start_date=at if is_first_start else task.start_date",
        "start_date=at",
        seed=32,
        check="a wait counts from its first look",
    ),
    Planted(
        "what a look pushed stays for the next",
        "a sensor's value may be of a look that came to nothing",
        attempts._start,
        "or task.reschedules",
        "or False",
        seed=1,
        check="XComs are those of the try",
    ),
    Planted(
        "a reduce does not wait for all",
        "it begins when the first of many has ended",
        Run._expect,
        "self.joins[number].expect(more)",
        "self.joins[number].expect(1)",
        seed=10149,
        check="a run ends when all has",
    ),
    Planted(
        "each index waits for the first",
        "a task instance in a mapped group sees those of another map index",
        Run.counts_for,
        "self._inside(number, task.key.map_index)",
        "self._inside(number, 0)",
        seed=10088,
        check="trigger rules",
    ),
    # --- storage ------------------------------------------------------------------------------
    Planted(
        "folded steps compare with the last",
        "two steps of one task in a commit miss their compare-and-set",
        _Batch.add_task,
        "TaskChanged(earlier.before,",
        "TaskChanged(change.before,",
        seed=0,
        check="no write is stale",
    ),
    Planted(
        "a missed compare-and-set passes",
        "two writers overwrite each other",
        leader.hold,
        "if found is None:",
        "if False:",
        seed=33,
        check="everything comes to an end",
    ),
    Planted(
        "earlier tries are not kept",
        "the history misses tries",
        tasks.archive,
        "_ARCHIVE.run(",
        "(lambda *_: None)(",
        seed=1,
        check="earlier tries are kept",
    ),
    Planted(
        "a withdrawn command is answered",
        "what the API has said would not happen happens",
        inbox.answer,
        ", _only_if_there(answered.command_id)",
        "",
        seed=53,
        check="a command is answered once",
    ),
    Planted(
        "runs are not logged",
        "the log cannot be replayed to the state",
        _Batch.add_run,
        "self.log.append(change)",
        "pass",
        seed=0,
        check="replaying the log gives the state",
    ),
    # --- scheduler ----------------------------------------------------------------------------
    Planted(
        "orders before the commit",
        "a task starts that the store knows nothing of",
        Scheduler.turn,
        "rows = self._commit(changes)",
        "give_orders(self.executor, changes); rows = self._commit(changes)",
        seed=0,
        check="durable before visible",
    ),
    Planted(
        "the fleet survives a failed commit",
        "it is ahead of the store",
        Scheduler.turn,
        "self._is_stale = True",
        "self._is_stale = False",
        seed=2,
        check="an end is acknowledged when it is on disk",
    ),
    Planted(
        "the inbox is looked at only when rung",
        "a command whose ring was lost waits for ever",
        Sources.read,
        "if not rung and",
        "if not rung or False and",
        seed=310,
        check="it rests when there is nothing to do",
    ),
    Planted(
        "who needs more is overtaken for ever",
        "a task that needs several slots never finds them free together",
        Turnstile.next_to_go,
        "limit.note_passing(order, need)",
        "pass",
        seed=1055,
        check="nobody starves",
    ),
    # --- executor and supervisor --------------------------------------------------------------
    Planted(
        "lost orders are not missed",
        "an attempt that never arrived stays queued for ever",
        LocalExecutor._greet,
        "unknown = sorted(self._in_flight - known)",
        "unknown = []",
        seed=203,
        check="everything comes to an end",
    ),
    Planted(
        "an order that comes twice is followed twice",
        "two processes run one try",
        Supervisor._start,
        "if token in self._ledger:",
        "if False:",
        seed=170,
        check="everything comes to an end",
    ),
    Planted(
        "an old scheduler is let in again",
        "two leaders give orders in turn",
        Partner._take_place,
        'data["epoch"] < self._epoch',
        "False",
        seed=6137,
        check="a try starts once",
    ),
    Planted(
        "a start is not journalled",
        "a try that began is dispatched again after its supervisor died",
        journal.write_started,
        "if os.write(handle, line) < len(line):",
        "if False:",
        seed=5,
        check="a try starts once",
    ),
    Planted(
        "what a supervisor left is not ended",
        "a try whose process died with its supervisor stays running for ever",
        Ledger.recover,
        "if not left.ended:",
        "if False:",
        seed=17,
        check="everything comes to an end",
    ),
    Planted(
        "a process that vanished is said not to have begun",
        "a try that began is dispatched again",
        held_attempts.how_it_ended,
        "if attempt.pid is not None:",
        "if False:",
        seed=296,
        check="a try starts once",
    ),
    Planted(
        "reports are not repeated",
        "an end that was said into a broken connection is lost",
        Ledger.greet,
        "for line in (*attempt.unsettled, *attempt.questions.values()):",
        "for line in ():",
        seed=200,
        check="everything comes to an end",
    ),
    Planted(
        "a try begins beside the one before",
        "two processes of one task at once",
        Ledger.hold,
        "if before is None or not before.is_in_the_way:",
        "if True:",
        seed=71,
        check="one live owner per try",
    ),
    Planted(
        "the run before is not waited for",
        "a task that depends on the past goes on whatever became of it there",
        gates.run_before,
        "if bad := sorted(states - FINE):",
        "if bad := sorted(states - states):",
        seed=14,
        check="trigger rules",
    ),
    Planted(
        "the next run is not told",
        "a task that waits for the run before is not looked at when it goes on there",
        Turn._tell_later_runs,
        "if run.has_ended(task.node.place):",
        "if False:",
        seed=14,
        check="what can go on goes on",
    ),
    Planted(
        "what is gone is left in its run",
        "a task that is not in the DAG any more goes on, or is waited for",
        moving.take_latest,
        "turn.move(task, TaskState.REMOVED, GONE, due_at=None)",
        "pass",
        seed=264,
        check="unfinished runs have the newest version",
    ),
    Planted(
        "a new task is passed over",
        "a run that is under way does not get the tasks that are new",
        moving._add_new,
        "if node.plan.task_id not in known",
        "if node.plan.task_id not in known and known == 0",
        seed=48,
        check="unfinished runs have the newest version",
    ),
    Planted(
        "a run that goes on again keeps its version",
        "what is cleared runs as it was, not as its DAG is",
        Fleet._compare_version,
        "if run.index is not run.dag.index:",
        "if False:",
        seed=5,
        check="unfinished runs have the newest version",
    ),
    Planted(
        "a word of another wait is heard",
        "a trigger that comes late ends the wait after its own",
        deferral.said,
        "waiting.trigger != command.trigger",
        "False",
        seed=20002,
        check="a try starts once",
    ),
    Planted(
        "a failure by a trigger is final",
        "retries do not count where no process failed",
        deferral._end,
        "retries.has_try_left(task.try_number, task.max_tries)",
        "False",
        seed=20029,
        check="how a wait ends",
    ),
    Planted(
        "nobody remembers where a task left off",
        "a task that has waited begins again from the start",
        readiness._queue,
        "next_method=None if waiting is None else waiting.method",
        "next_method=None",
        seed=20000,
        check="a try goes on where it left off",
    ),
    Planted(
        "a wait is not resumed on time after a restart",
        "the next scheduler does not know when a wait is over",
        Fleet._restore_task,
        "elif task.state is not TaskState.AWAITING_INPUT:",
        "else:",
        seed=20007,
        check="it does not sleep while something is due",
    ),
)
"""All of them."""

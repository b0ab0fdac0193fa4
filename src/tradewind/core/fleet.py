"""All that is unfinished, in memory: the state that `decide` reads and updates.

It is built from the store and knows nothing of it; thrown away and built anew if a commit fails.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from datetime import datetime
from heapq import heappush, nsmallest
from typing import Any

from tradewind.core.asset_queues import Assets
from tradewind.core.dag import Backfill, Dag
from tradewind.core.instances import Run
from tradewind.core.limits import Turnstile
from tradewind.core.plan_index import PlanIndex
from tradewind.core.run_queue import RunQueue
from tradewind.core.shared_slots import SharedSlots
from tradewind.core.taken import Taken
from tradewind.core.task_instance import Task
from tradewind.core.worklist import Worklist
from tradewind.model.assets import AssetsSnapshot
from tradewind.model.deferral import Waiting
from tradewind.model.human_input import Inquiry
from tradewind.model.keys import RunKey, TaskKey
from tradewind.model.plan import Plan
from tradewind.model.snapshots import DagSnapshot, FleetSnapshot, RunSnapshot
from tradewind.model.states import OCCUPYING, RUN_FINISHED, RunState, RunType, TaskState

WAITING_FOR_A_TIME = frozenset({TaskState.UP_FOR_RETRY, TaskState.UP_FOR_RESCHEDULE})
NOT_UNDER_WAY = WAITING_FOR_A_TIME | {TaskState.NONE}
"""States in which the gates decide whether a task instance goes on."""

MAKERS_AT_ONCE = 20
"""DAGs and backfills that make runs at one Tick."""


class Fleet:
    """The unfinished runs with everything they compete for."""

    def __init__(self, epoch: int, serial: int = 0) -> None:
        self.epoch = epoch
        self._serial = serial
        self._serial_of_due = 0
        self.dags: dict[str, Dag] = {}
        self.plans: dict[tuple[str, int], PlanIndex] = {}
        self.runs: dict[RunKey, Run] = {}
        """Unfinished runs."""
        self.visitors: dict[RunKey, Run] = {}
        """Finished runs that the event at hand concerns; gone when it is dealt with."""
        self.dates: dict[tuple[str, datetime], Run] = {}
        """All of these by (dag_id, logical date)."""
        self.attempts: dict[str, Task] = {}
        """Task instances whose try may report, by its token."""
        self.inquiries: dict[TaskKey, Inquiry] = {}
        """What task instances that run or wait ask a person."""
        self.backfills: dict[int, Backfill] = {}
        self.next_backfill_id = 1
        self.assets = Assets()
        # when to look again:
        self.due: list[tuple[datetime, int, RunKey | TaskKey]] = []
        self.due_to_make: list[tuple[datetime, int, str | int]] = []
        """DAGs (by id) and backfills (by number) that make runs; only a Tick does that."""
        self.announced: datetime | None = None
        self.taken: deque[Taken[Any]] = deque()
        """Commands half carried out."""
        self.pinned: set[RunKey] = set()
        """Runs that these concern: they stay as they are until they have been dealt with."""
        # what is still to be looked at, in this turn or, if there is much of it, in later ones:
        self.unmade: Worklist[Run] = Worklist()
        """Runs whose task instances are not all made yet."""
        self.growing: Worklist[Run] = Worklist()
        """Runs in which a task has been expanded whose instances are not all made yet."""
        self.ending: Worklist[Run] = Worklist()
        """Runs whose task instances are being ended."""
        self.unchecked: deque[Run] = deque()
        """Runs with task instances for the gates to judge; each is here once."""
        self.touched: Worklist[Run] = Worklist()
        """Runs that may have come to their end."""
        self.startable: Worklist[RunQueue] = Worklist()
        self.unarmed: Worklist[str] = Worklist()
        """DAGs whose next run is to be worked out."""
        self.fed: Worklist[str] = Worklist()
        """DAGs that wait for assets, of which one has been written."""
        self.outdated: Worklist[Run] = Worklist()
        """Unfinished runs that may have an older version of their DAG."""
        self.unsettled_since: datetime | None = None
        """When a turn ended with some of this undone."""
        self.turnstile = Turnstile()
        self.slots = SharedSlots(self.turnstile)

    @classmethod
    def build(cls, snapshot: FleetSnapshot, *, serial: int = 0) -> "Fleet":
        """The fleet that the store remembers.

        Within one epoch no token may be given out twice: whoever builds a second fleet in the
        same epoch passes the `serial` that the first had come to.
        """
        fleet = cls(snapshot.epoch, serial)
        fleet.next_backfill_id = snapshot.next_backfill_id
        fleet.slots.set_pools(snapshot.pools)
        for dag in snapshot.dags:
            fleet.load_dag(dag)
        for row in snapshot.backfills:
            if row.completed_at is None and row.dag_id in fleet.dags:
                fleet.add_backfill(Backfill(row))
        fleet._remember_assets(snapshot.assets)
        fleet._add_plans(snapshot.plans)
        for command_id, command, done in snapshot.taken:
            fleet.taken.append(Taken(command_id, command, done))
            fleet.pinned |= fleet.taken[-1].runs()
        waiting = {one.key: one for one in snapshot.waiting}
        for run in snapshot.runs:
            fleet._restore(run, waiting)
        fleet.inquiries = {one.key: one for one in snapshot.inquiries}
        return fleet

    # --- what others ask ------------------------------------------------------------------

    @property
    def serial(self) -> int:
        """How many tokens it has given out in this epoch."""
        return self._serial

    def in_flight(self) -> dict[str, tuple[str | None, TaskKey]]:
        """Executor and task instance of every try that may report, by its token."""
        return {
            token: (task.node.plan.executor or self.slots.default_executor, task.key)
            for token, task in self.attempts.items()
        }

    def cleared(self) -> list[str]:
        """Tokens of tries that are to end, for their task instance was cleared."""
        return [
            token for token, task in self.attempts.items() if task.state is TaskState.RESTARTING
        ]

    def head(self, dag_id: str) -> tuple[int, str, str, bool, bool] | None:
        """(version, code_hash, fileloc, is_paused, is_stale) of a DAG as it is known here."""
        dag = self.dags.get(dag_id)
        if dag is None:
            return None
        return dag.index.version, dag.code_hash, dag.fileloc, dag.is_paused, dag.is_stale

    def next_wake(self) -> datetime | None:
        """When a Tick is needed at the latest."""
        wakes = [heap[0][0] for heap in (self.due, self.due_to_make) if heap]
        if self.unsettled_since is not None:
            wakes.append(self.unsettled_since)
        return min(wakes, default=None)

    def makers_due(self, now: datetime) -> list[str | int]:
        """The DAGs and backfills that make runs at the next Tick: the first of those due."""
        if not self.due_to_make or self.due_to_make[0][0] > now:
            return []
        first = nsmallest(MAKERS_AT_ONCE, self.due_to_make)
        return [maker for when, _, maker in first if when <= now]

    def admit(self, runs: Iterable[RunSnapshot], plans: Iterable[tuple[str, int, Plan]]) -> None:
        """Take in finished runs that the next event concerns; others are known already."""
        self._add_plans(plans)
        for snapshot in runs:
            if self.find(snapshot.key) is None and snapshot.key.dag_id in self.dags:
                self._visit(snapshot)

    # --- what changes it ------------------------------------------------------------------

    def new_token(self) -> str:
        """A name for one try, never used before."""
        self._serial += 1
        return f"{self.epoch}-{self._serial}"

    def load_dag(self, snapshot: DagSnapshot) -> Dag:
        """Take in the latest version of a DAG."""
        dag_id = snapshot.plan.dag_id
        index = self._index(dag_id, snapshot.version, snapshot.plan)
        dag = self.dags.get(dag_id)
        if dag is None:
            dag = self.dags[dag_id] = Dag(snapshot, index)
        else:
            dag.load(snapshot, index)
            self.drop_old_plans(dag)
            for run in dag.runs.values():
                self._compare_version(run)
        self.unarmed.add(dag_id)
        self.assets.register(dag_id, dag.asset_queue.leaves())
        return dag

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to look at."""
        return not (
            self.taken
            or self.outdated
            or self.unmade
            or self.growing
            or self.ending
            or self.startable
            or self.unchecked
            or self.touched
            or self.unarmed
            or self.fed
            or self.turnstile
        )

    def add_backfill(self, backfill: Backfill) -> None:
        """Take in a backfill whose runs are still to be made or finished."""
        row = backfill.row
        self.backfills[row.backfill_id] = backfill
        backfill.hold(self.dags[row.dag_id])
        if not row.all_made:
            self.make_at(row.created_at, row.backfill_id)

    def add_run(self, run: Run) -> None:
        """Take in an unfinished run."""
        self.visitors.pop(run.key, None)
        self.runs[run.key] = run.dag.runs[run.key] = run
        self._note_date(run)
        self._enter(run)
        self._compare_version(run)
        if run.backfill is not None:
            run.backfill.unfinished += 1
        elif run.run_type is RunType.SCHEDULED:
            run.dag.scheduled_runs += 1

    def remove_run(self, run: Run) -> None:
        """Let go of a run that has finished."""
        del self.runs[run.key], run.dag.runs[run.key]
        self.visitors[run.key] = run
        if run.backfill is not None:
            run.backfill.unfinished -= 1
        elif run.run_type is RunType.SCHEDULED:
            run.dag.scheduled_runs -= 1

    def dismiss_visitors(self) -> None:
        """Forget the finished runs that were needed for one event."""
        for run in [run for key, run in self.visitors.items() if key not in self.pinned]:
            del self.visitors[run.key]
            run.dag.succession.leave(run)
            if run.logical_date is not None:
                self.dates.pop((run.key.dag_id, run.logical_date), None)

    def unpin(self, keys: Iterable[RunKey]) -> None:
        """Runs have been dealt with."""
        for key in keys:
            self.pinned.discard(key)
            if (run := self.runs.get(key)) is not None:
                self.touched.add(run)
                self._compare_version(run)

    def find(self, key: RunKey) -> Run | None:
        """A run, unfinished or visiting."""
        return self.runs.get(key) or self.visitors.get(key)

    def runs_of(self, dag_id: str) -> list[Run]:
        """All runs of a DAG that are known at the moment."""
        dag = self.dags.get(dag_id)
        unfinished = [] if dag is None else dag.runs.values()
        return [*unfinished, *(run for run in self.visitors.values() if run.key.dag_id == dag_id)]

    def look_at(self, tasks: Iterable[Task]) -> None:
        """Have the gates judge those of `tasks` that wait for something."""
        for task in tasks:
            if task.state in NOT_UNDER_WAY:
                self.check(task)

    def check(self, task: Task) -> None:
        """Have the gates judge `task`."""
        run = task.run
        if not run.unchecked:
            self.unchecked.append(run)
        run.unchecked.append(task)

    def look_anew(self, run: Run) -> None:
        """Have the gates judge all of a run whose task instances have been made anew."""
        if run.unchecked:
            run.unchecked.clear()
            self.unchecked.remove(run)
        self.look_at(run.instances())
        self.touched.add(run)

    def make_at(self, when: datetime, maker: str | int) -> None:
        """Let a DAG or backfill make runs at the first Tick from `when` on."""
        self._serial_of_due += 1
        heappush(self.due_to_make, (when, self._serial_of_due, maker))

    def wake_at(self, when: datetime, key: RunKey | TaskKey) -> None:
        """Look at a run or task instance again at `when`."""
        self._serial_of_due += 1
        heappush(self.due, (when, self._serial_of_due, key))

    def enqueue(self, run: Run) -> None:
        """Let a queued run wait for a run slot."""
        run.queue.join((run.sort_ordinal or 0, run.run_after), run)
        self.startable.add(run.queue)

    # --- inside ---------------------------------------------------------------------------

    def _index(self, dag_id: str, version: int, plan: Plan) -> PlanIndex:
        index = self.plans.get((dag_id, version))
        if index is None:
            index = self.plans[dag_id, version] = PlanIndex(plan, version)
        return index

    def drop_old_plans(self, dag: Dag) -> None:
        """Forget versions that no unfinished run is pinned to."""
        used = {run.index.version for run in self.runs_of(dag.dag_id)} | {dag.index.version}
        for dag_id, version in [key for key in self.plans if key[0] == dag.dag_id]:
            if version not in used:
                del self.plans[dag_id, version]

    def _compare_version(self, run: Run) -> None:
        """Have a run moved if there is a newer version."""
        if run.index is not run.dag.index:
            self.outdated.add(run)

    def _remember_assets(self, snapshot: AssetsSnapshot) -> None:
        self.assets.last_event_id = snapshot.last_event_id
        for alias, key in snapshot.aliases:
            self.assets.stands_for(alias, key)
        for row in snapshot.queued:
            if (dag := self.dags.get(row.dag_id)) is not None:
                dag.asset_queue.note(row.asset, row.last_at)
                self.fed.add(row.dag_id)

    def _add_plans(self, plans: Iterable[tuple[str, int, Plan]]) -> None:
        for dag_id, version, plan in plans:
            self._index(dag_id, version, plan)

    def _run(self, snapshot: RunSnapshot) -> Run:
        dag = self.dags[snapshot.key.dag_id]
        index = self.plans.get((snapshot.key.dag_id, snapshot.version), dag.index)
        backfill = self.backfills.get(snapshot.backfill_id or 0)
        return Run(snapshot, dag=dag, index=index, backfill=backfill)

    def _visit(self, snapshot: RunSnapshot) -> None:
        run = self.visitors[snapshot.key] = self._run(snapshot)
        self._note_date(run)
        self._enter(run)

    def _restore(self, snapshot: RunSnapshot, waiting: Mapping[TaskKey, Waiting]) -> None:
        if snapshot.key.dag_id not in self.dags:
            return
        if snapshot.state in RUN_FINISHED:
            self._visit(snapshot)
            return
        run = self._run(snapshot)
        self.add_run(run)
        self.touched.add(run)
        run.find_unmade()
        if run.unmade:
            self.unmade.add(run)
        elif run.state is RunState.QUEUED:
            self.wake_at(run.run_after, run.key)
        else:
            run.queue.used += 1
            self.watch_timeout(run)
            if run.index.plan.fail_fast and not run.clear_number:
                self.wake_at(run.run_after, run.key)  # was it being ended?
        if run.growing:
            self.growing.add(run)
        for task in run.instances():
            task.waiting = waiting.get(task.key)
            self._restore_task(task)

    def _restore_task(self, task: Task) -> None:
        self.slots.enter_lanes([task])
        if task.state in OCCUPYING and task.token is not None:
            self.attempts[task.token] = task
            epoch, _, serial = task.token.rpartition("-")
            if epoch == str(self.epoch) and serial.isdecimal():
                self._serial = max(self._serial, int(serial))
            return
        if task.state in NOT_UNDER_WAY:
            self.check(task)
        elif task.state is TaskState.DEFERRED:
            self.slots.begin_wait(task)
        elif task.state is not TaskState.AWAITING_INPUT:
            return
        if task.due_at is not None:
            self.wake_at(task.due_at, task.key)

    def watch_timeout(self, run: Run) -> None:
        """Look at a running run again when its dagrun_timeout has passed."""
        deadline = run.deadline
        if deadline is not None:
            self.wake_at(deadline, run.key)

    def _enter(self, run: Run) -> None:
        """Take a run in among those of its DAG; what looks back at another one now is looked at."""
        for later in run.dag.succession.enter(run):
            for places in later.index.looks_at.values():
                for place in places:
                    self.look_at(later.at(place))

    def _note_date(self, run: Run) -> None:
        if run.logical_date is not None:
            self.dates[run.key.dag_id, run.logical_date] = run

"""A task instance as the fleet holds it: mutable, small, and turned into a row on demand."""

from typing import TYPE_CHECKING, Any

from tradewind.core.plan_index import Node
from tradewind.core.rules import Counts
from tradewind.model.deferral import Waiting
from tradewind.model.keys import RunKey, TaskKey
from tradewind.model.snapshots import TaskSnapshot

if TYPE_CHECKING:
    from tradewind.core.instances import Run

_NOBODY = Counts()
_TRY_FACTS = (
    "state",
    "try_number",
    "max_tries",
    "token",
    "scheduled_at",
    "queued_at",
    "start_date",
    "end_date",
    "due_at",
    "reschedules",
    "code_hash",
    "hostname",
    "pid",
    "cpu_s",
    "max_rss_kib",
    "exit_reason",
    "map_length",
    "rendered_map_index",
)


class Task:
    """One task instance."""

    __slots__ = (*_TRY_FACTS, "key", "node", "run", "waiting")

    def __init__(self, run: "Run", node: Node, snapshot: TaskSnapshot) -> None:
        self.run = run
        self.node = node
        self.key = snapshot.key
        self.state = snapshot.state
        self.try_number = snapshot.try_number
        self.max_tries = snapshot.max_tries
        self.token = snapshot.token
        self.scheduled_at = snapshot.scheduled_at
        self.queued_at = snapshot.queued_at
        self.start_date = snapshot.start_date
        self.end_date = snapshot.end_date
        self.due_at = snapshot.due_at
        self.reschedules = snapshot.reschedules
        self.code_hash = snapshot.code_hash
        self.hostname = snapshot.hostname
        self.pid = snapshot.pid
        self.cpu_s = snapshot.cpu_s
        self.max_rss_kib = snapshot.max_rss_kib
        self.exit_reason = snapshot.exit_reason
        self.map_length = snapshot.map_length
        self.rendered_map_index = snapshot.rendered_map_index
        self.waiting: Waiting | None = None
        """What it waits for without a process, or where it goes on after that."""

    @property
    def counts(self) -> Counts:
        """How those directly upstream ended."""
        run, node = self.run, self.node
        counts = run.counts_for(self, node.join)
        if node.setups is None:
            return counts
        of = run.counts_for(self, node.setups)
        return counts._replace(setups=of.total, setup_success=of.success, setup_skipped=of.skipped)

    @property
    def further_counts(self) -> Counts:
        """How those further upstream ended that it waits for too: setups, or a teardown's scope."""
        scope = self.node.scope
        return _NOBODY if scope is None else self.run.counts_for(self, scope)

    @property
    def order(self) -> tuple[Any, ...]:
        """Who goes first among those that wait for the same slot: the least."""
        run = self.run
        when = run.logical_date or run.run_after
        return (
            -self.node.plan.weight_of(self.try_number),
            when,
            self.key.map_index,
            self.node.place,
            run.key,
        )

    @property
    def had_try(self) -> bool:
        """Whether the row holds a try that was handed to an executor, or began in a trigger."""
        return self.queued_at is not None or (self.start_date is not None and self.try_number > 0)

    @property
    def waits_for_first(self) -> bool:
        """Whether nothing upstream has ended yet, and its trigger rule wants something to."""
        counts = self.counts
        return counts.total > 0 == counts.finished and not self.node.goes_at_once

    def snapshot(self) -> TaskSnapshot:
        """Its row."""
        plan = self.node.plan
        return TaskSnapshot(
            key=self.key,
            state=self.state,
            try_number=self.try_number,
            max_tries=self.max_tries,
            token=self.token,
            scheduled_at=self.scheduled_at,
            queued_at=self.queued_at,
            start_date=self.start_date,
            end_date=self.end_date,
            due_at=self.due_at,
            reschedules=self.reschedules,
            code_hash=self.code_hash,
            hostname=self.hostname,
            pid=self.pid,
            cpu_s=self.cpu_s,
            max_rss_kib=self.max_rss_kib,
            exit_reason=self.exit_reason,
            map_length=self.map_length,
            rendered_map_index=self.rendered_map_index,
            operator=plan.operator,
            pool=plan.pool,
            pool_slots=plan.pool_slots,
            queue=plan.queue,
            executor=plan.executor,
            priority_weight=plan.weight_of(self.try_number),
        )


def new_task(run_key: RunKey, node: Node, map_index: int = -1) -> TaskSnapshot:
    """A task instance as it is when it is made."""
    plan = node.plan
    return TaskSnapshot(
        key=TaskKey(run_key.dag_id, run_key.run_id, plan.task_id, map_index),
        max_tries=plan.retries,
        operator=plan.operator,
        pool=plan.pool,
        pool_slots=plan.pool_slots,
        queue=plan.queue,
        executor=plan.executor,
        priority_weight=plan.priority_weight,
    )

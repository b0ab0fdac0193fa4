"""The slots that all DAGs share, pools and executors, and what one task instance needs of all."""

from collections.abc import Iterable

from tradewind.core.instances import Run
from tradewind.core.limits import UNLIMITED, Lane, Limit, Turnstile
from tradewind.core.task_instance import Task
from tradewind.model.snapshots import PoolSnapshot
from tradewind.model.states import OCCUPYING, TaskState


class SharedSlots:
    """Pools and executors by name."""

    __slots__ = (
        "_announced",
        "_counting_deferred",
        "_executors",
        "_pools",
        "_turnstile",
        "default_executor",
    )

    def __init__(self, turnstile: Turnstile) -> None:
        self._turnstile = turnstile
        self._pools: dict[str, Limit] = {}
        self._executors: dict[str, Limit] = {}
        self._announced: set[str] = set()
        self._counting_deferred: set[str] = set()
        """Pools in which a task instance holds its slots while it is deferred."""
        self.default_executor: str | None = None
        """The first that announced itself; until then nothing goes anywhere."""

    def set_pools(self, pools: Iterable[PoolSnapshot], deferred: Iterable[Task] = ()) -> None:
        """The pools as they are now; one that is gone has no slots. `deferred` are all that are."""
        pools, deferred = tuple(pools), tuple(deferred)
        for task in deferred:
            self.end_wait(task)
        self._counting_deferred = {pool.name for pool in pools if pool.include_deferred}
        for task in deferred:
            self.begin_wait(task)
        sizes = dict.fromkeys(self._pools, 0)
        sizes |= {pool.name: UNLIMITED if pool.slots < 0 else pool.slots for pool in pools}
        for name, slots in sizes.items():
            self._set(self._pools, name, f"pool {name}", slots)

    def set_executor(self, name: str, slots: int) -> None:
        """How many task instances an executor takes at once."""
        self._announced.add(name)
        if self.default_executor is None:
            self.default_executor = name
            if "" in self._executors:
                self._executors[name] = self._executors.pop("")
        self._set(self._executors, name, f"executor {name}", slots)

    def why_no_executor(self, name: str | None) -> str | None:
        """Why a task that names this executor can never be run; None if it can."""
        if name is None or not self._announced or name in self._announced:
            return None
        return f"there is no executor {name}, only {', '.join(sorted(self._announced))}"

    def lane_of(self, task: Task) -> Lane:
        """The lane in which `task` waits for slots."""
        run, number = task.run, task.node.lane
        if run.dag.limited and _is_limited_since(task):
            number = ~task.node.place
        lane = run.lanes.get(number)
        if lane is None:
            lane = run.lanes[number] = Lane(tuple(self._needs(task)))
        return lane

    def begin_wait(self, task: Task) -> None:
        """A task instance is deferred: in some pools it keeps its slots."""
        plan = task.node.plan
        if plan.pool in self._counting_deferred:
            self._pool(plan.pool).used += plan.pool_slots

    def end_wait(self, task: Task) -> None:
        """It is not any more."""
        plan = task.node.plan
        if plan.pool in self._counting_deferred:
            limit = self._pool(plan.pool)
            limit.used -= plan.pool_slots
            self._turnstile.freed(limit)

    def leave_lanes(self, run: Run) -> None:
        """Give back what the tasks of a run hold and wait for, for they need other slots now."""
        for task in run.instances():
            if task.state in OCCUPYING and task.token is not None:
                self._turnstile.release(self.lane_of(task))
        for lane in run.lanes.values():
            lane.dissolve()
        run.lanes = {}

    def enter_lanes(self, tasks: Iterable[Task]) -> None:
        """Let them hold what they have, and wait for what they need."""
        for task in tasks:
            if task.state in OCCUPYING and task.token is not None:
                self._turnstile.take(self.lane_of(task))
            elif task.state is TaskState.SCHEDULED:
                self._turnstile.join(self.lane_of(task), task.order, task)

    def _needs(self, task: Task) -> Iterable[tuple[Limit, int]]:
        """From the most particular limit to the most general one."""
        run, dag, plan = task.run, task.run.dag, task.node.plan
        minds_pause = run.backfill is None or not run.backfill.row.ignore_dag_pause
        yield (dag.go if minds_pause else dag.there), 1
        if plan.max_active_tis_per_dagrun is not None:
            name = f"max_active_tis_per_dagrun of {plan.task_id}"
            limit = Limit(name, plan.max_active_tis_per_dagrun)
            yield run.tis.setdefault(task.node.place, limit), 1
        if (per_dag := dag.limit_of(plan)) is not None:
            yield per_dag, 1
        yield (run.active if run.index.plan.max_active_tasks_per_run else dag.active), 1
        yield self._pool(plan.pool), plan.pool_slots
        name = (plan.executor or self.default_executor or "") if self.default_executor else ""
        yield self._executors.setdefault(name, Limit(f"executor {name}".strip(), 0)), 1

    def _pool(self, name: str) -> Limit:
        return self._pools.setdefault(name, Limit(f"pool {name}", 0))

    def _set(self, limits: dict[str, Limit], key: str, name: str, slots: int) -> None:
        limit = limits.setdefault(key, Limit(name, slots))
        limit.name, limit.capacity = name, slots
        self._turnstile.freed(limit)


def _is_limited_since(task: Task) -> bool:
    """Whether a version later than its own gave it a max_active_tis_per_dag."""
    plan = task.node.plan
    return plan.max_active_tis_per_dag is None and plan.task_id in task.run.dag.limited

"""The little of each Plan that lists show, kept for the versions seen last.

A Plan never changes, so nothing here goes stale.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

import sqlalchemy as sa

from tradewind.model.plan import Plan
from tradewind.model.states import RunType
from tradewind.storage.listings.plans import find_plan

_UNPERIODIC = frozenset(
    {
        "null",
        "once",
        "continuous",
        "asset_triggered",
        "partitioned_assets",
        "partitioned_at_runtime",
    }
)
"""Kinds of schedule that name no intervals to fill back."""
_KEPT = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFacts:
    """What a list shows of a Plan besides its columns."""

    is_periodic: bool = False
    is_backfillable: bool = False
    allowed_run_types: tuple[RunType, ...] = ()
    """Empty: every type."""
    has_task_concurrency_limits: bool = False
    max_consecutive_failed_dag_runs: int = 0
    display_names: Mapping[str, str] = field(default_factory=dict)
    """By task_id, where it is another."""
    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The tasks of each group, those of the groups within it included."""

    def display_name(self, task_id: str) -> str:
        return self.display_names.get(task_id, task_id)


def facts_of(plan: Plan) -> PlanFacts:
    """Take the facts out of a Plan."""
    is_periodic = plan.schedule.kind not in _UNPERIODIC
    allowed = tuple(RunType(name) for name in plan.allowed_run_types)
    return PlanFacts(
        is_periodic=is_periodic,
        is_backfillable=is_periodic and (not allowed or RunType.BACKFILL in allowed),
        allowed_run_types=allowed,
        has_task_concurrency_limits=any(
            task.max_active_tis_per_dag is not None or task.max_active_tis_per_dagrun is not None
            for task in plan.tasks
        ),
        max_consecutive_failed_dag_runs=plan.max_consecutive_failed_dag_runs,
        display_names={
            task.task_id: task.display_name
            for task in plan.tasks
            if task.display_name not in ("", task.task_id)
        },
        members=_members(plan),
    )


def _members(plan: Plan) -> dict[str, tuple[str, ...]]:
    parents = {group.group_id: group.parent_id for group in plan.groups}
    found: dict[str, list[str]] = {group_id: [] for group_id in parents}
    for task in plan.tasks:
        group_id = task.group_id
        while group_id is not None:
            found.setdefault(group_id, []).append(task.task_id)
            group_id = parents.get(group_id)
    return {group_id: tuple(task_ids) for group_id, task_ids in found.items()}


class PlanFactsCache:
    """PlanFacts by (dag_id, version); the least recently used go first. Safe between threads."""

    def __init__(self) -> None:
        self._facts: OrderedDict[tuple[str, int], PlanFacts] = OrderedDict()
        self._lock = Lock()

    def get(self, conn: sa.Connection, dag_id: str, version: int) -> PlanFacts:
        """The facts of one version; empty ones if its Plan is no longer kept."""
        key = (dag_id, version)
        with self._lock:
            known = self._facts.get(key)
            if known is not None:
                self._facts.move_to_end(key)
                return known
        plan = find_plan(conn, dag_id, version)
        if plan is None:
            return PlanFacts()
        facts = facts_of(plan)
        with self._lock:
            self._facts[key] = facts
            while len(self._facts) > _KEPT:
                self._facts.popitem(last=False)
        return facts

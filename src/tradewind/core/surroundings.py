"""What changes around the runs: DAGs, pools, executors."""

from tradewind.core.assets import waits_anew
from tradewind.core.dag import Dag, limited_by
from tradewind.core.instances import Run
from tradewind.core.readiness import fails_for_executor
from tradewind.core.turn import Turn
from tradewind.model.events import DagLoaded, PoolsChanged, SlotsChanged
from tradewind.model.plan import Plan
from tradewind.model.states import TaskState


def dag_loaded(turn: Turn, event: DagLoaded) -> None:
    """A DAG is new, changed, paused, unpaused or stale.

    Its unfinished runs are moved to its version (`core/moving.py`).
    """
    fleet = turn.fleet
    known = fleet.dags.get(event.dag.plan.dag_id)
    was_stale = known is not None and known.is_stale
    was_held = known is not None and known.held is not None
    was_unable = known is not None and bool(known.index.unsupported)
    older = _runs_to_regroup(known, event.dag.plan)
    for run in older:
        fleet.slots.leave_lanes(run)
    dag = fleet.load_dag(event.dag)
    waits_anew(turn, dag)
    for run in older:
        fleet.slots.enter_lanes(run.instances())
    fleet.startable.add(dag.run_queue)
    fleet.turnstile.freed(dag.active)
    for limit in dag.tis.values():
        fleet.turnstile.freed(limit)
    for backfill in fleet.backfills.values():
        if backfill.row.dag_id == dag.dag_id:
            backfill.hold(dag)
            fleet.startable.add(backfill.run_queue)
            if was_unable and not backfill.row.all_made:
                fleet.make_at(turn.now, backfill.row.backfill_id)
    if (was_stale and not dag.is_stale) or (was_held and dag.held is None):
        fleet.turnstile.freed(dag.there)
        fleet.turnstile.freed(dag.go)
        for run in fleet.runs_of(dag.dag_id):
            fleet.look_at(run.instances())
            fleet.touched.add(run)


def _runs_to_regroup(dag: Dag | None, latest: Plan) -> list[Run]:
    """The unfinished runs, if other tasks of the DAG are limited from now on, in all runs."""
    if dag is None or dag.limited == limited_by(latest):
        return []
    return list(dag.runs.values())


def pools_changed(turn: Turn, event: PoolsChanged) -> None:
    """The pools have other sizes."""
    tasks = (task for run in turn.fleet.runs.values() for task in run.instances())
    deferred = (task for task in tasks if task.state is TaskState.DEFERRED)
    turn.fleet.slots.set_pools(event.pools, deferred)


def slots_changed(turn: Turn, event: SlotsChanged) -> None:
    """An executor takes more or fewer task instances."""
    fleet = turn.fleet
    fleet.slots.set_executor(event.executor, event.slots)
    for run in fleet.runs.values():
        if run.index.names_executors:
            for task in run.instances():
                if task.state is TaskState.SCHEDULED:
                    fails_for_executor(turn, task)  # it may be older than this scheduler

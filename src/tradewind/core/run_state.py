"""When a run starts, and when and how it ends."""

from dataclasses import replace

from tradewind.core.dag import Backfill
from tradewind.core.instances import Run
from tradewind.core.run_making import finish_making
from tradewind.core.task_instance import Task
from tradewind.core.turn import Turn
from tradewind.model.changes import BackfillWritten, DagPaused
from tradewind.model.states import FAILED_STATES, FINISHED, RunState, TaskState


def start_runs(turn: Turn) -> None:
    """Start queued runs wherever a run slot is free."""
    fleet = turn.fleet
    while fleet.startable and turn.has_room:
        queue = fleet.startable.take()
        while turn.has_room and (run := queue.next_to_start()) is not None:
            reason = "a run slot of the DAG is free"
            turn.move_run(run, RunState.RUNNING, reason, start_date=turn.now)
            fleet.watch_timeout(run)
            fleet.look_at(_first_tasks(run))
            fleet.touched.add(run)
        if not turn.has_room:
            fleet.startable.add(queue)


def _first_tasks(run: Run) -> list[Task]:
    """Those that wait for nobody, in the order in which they are to get slots."""
    first = [task for task in run.instances() if not task.waits_for_first]
    return sorted(first, key=lambda task: -task.node.plan.weight_of(task.try_number + 1))


def close_runs(turn: Turn) -> None:
    """End every run in which nothing is left to do, or nothing can be done."""
    fleet = turn.fleet
    while fleet.touched and turn.has_room:
        run = fleet.touched.take()
        if (
            run.state is not RunState.RUNNING
            or run.unchecked
            or run.ending is not None
            or run.growing
        ):
            continue  # it comes here again when all of its tasks have been looked at, or ended
        if run.key in fleet.pinned:
            continue  # or when the command that concerns it has been carried out
        turn.spend()
        if not run.unfinished:
            end_run(turn, run, *_result(run))
        elif not run.moving and run.held is None and not _looks_back(run):
            end_run(turn, run, RunState.FAILED, "all_tasks_deadlocked")


def _looks_back(run: Run) -> bool:
    """Whether something in it may go on when the run before does."""
    return bool(run.index.looks_at) and any(
        task.node.plan.depends_on_past and task.state not in FINISHED for task in run.instances()
    )


def _result(run: Run) -> tuple[RunState, str]:
    if run.index.plan.fail_fast:
        for task in run.instances():
            plan = task.node.plan
            counts = not plan.is_teardown or plan.on_failure_fail_dagrun
            if task.state is TaskState.FAILED and counts:
                return RunState.FAILED, f"task_failure: {task.key.task_id} is {task.state}"
    for place in run.index.leaves:
        for leaf in run.at(place):
            if leaf.state in FAILED_STATES:
                return RunState.FAILED, f"task_failure: {leaf.key.task_id} is {leaf.state}"
    return RunState.SUCCESS, "every leaf succeeded or was skipped"


def finish_run(turn: Turn, run: Run, state: RunState, reason: str) -> None:
    """Bring an unfinished run to its end; whoever waited for its place is looked at."""
    fleet = turn.fleet
    finish_making(turn, run)
    if run.state is RunState.RUNNING:
        run.queue.used -= 1
        fleet.startable.add(run.queue)
    turn.move_run(run, state, reason, end_date=turn.now)
    fleet.remove_run(run)
    if run.dag.is_full or run.dag.timetable.follows_now:
        fleet.unarmed.add(run.key.dag_id)
    if run.backfill is not None:
        complete_if_done(turn, run.backfill)


def complete_if_done(turn: Turn, backfill: Backfill) -> None:
    """A backfill is complete when all its runs have been made and have finished."""
    row = backfill.row
    is_open = row.completed_at is None and not backfill.is_cancelled
    if is_open and row.all_made and not backfill.unfinished:
        backfill.row = replace(row, completed_at=turn.now)
        turn.emit(BackfillWritten(backfill.row, "all its runs have finished"))
        del turn.fleet.backfills[row.backfill_id]


def end_run(turn: Turn, run: Run, state: RunState, reason: str) -> None:
    """Let a run end by itself; too many failures in a row pause the DAG."""
    finish_run(turn, run, state, reason)
    dag = run.dag
    dag.failed_in_a_row = dag.failed_in_a_row + 1 if run.state is RunState.FAILED else 0
    most = dag.plan.max_consecutive_failed_dag_runs
    if 0 < most <= dag.failed_in_a_row and not dag.is_paused:
        dag.hold(paused=True, stale=dag.is_stale)
        for backfill in turn.fleet.backfills.values():
            backfill.hold(turn.fleet.dags[backfill.row.dag_id])
        turn.emit(DagPaused(dag.dag_id, f"{most} runs failed in a row"))

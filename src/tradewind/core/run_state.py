"""When a run starts, and when and how it ends."""

from dataclasses import replace

from tradewind.core.dag import Backfill
from tradewind.core.instances import Run, Task
from tradewind.core.turn import Turn
from tradewind.model.changes import BackfillWritten, DagPaused
from tradewind.model.states import FAILED_STATES, FINISHED, RunState, TaskState


def start_runs(turn: Turn) -> None:
    """Start queued runs wherever a run slot is free."""
    fleet = turn.fleet
    while fleet.startable:
        queue, _ = fleet.startable.popitem()
        while (run := queue.next_to_start()) is not None:
            reason = "a run slot of the DAG is free"
            turn.move_run(run, RunState.RUNNING, reason, start_date=turn.now)
            fleet.watch_timeout(run)
            fleet.look_at(task for task in run.instances() if not task.waits_for_first)
            fleet.touched[run] = None


def close_runs(turn: Turn) -> None:
    """End every run in which nothing is left to do, or nothing can be done."""
    fleet = turn.fleet
    while fleet.touched:
        run, _ = fleet.touched.popitem()
        if run.state is not RunState.RUNNING:
            continue
        if not run.unfinished:
            _end(turn, run, *_result(run))
        elif not run.moving and run.held is None:
            _end(turn, run, RunState.FAILED, "all_tasks_deadlocked")


def _result(run: Run) -> tuple[RunState, str]:
    if run.index.plan.fail_fast:
        for task in run.instances():
            if task.state is TaskState.FAILED:
                return RunState.FAILED, f"task_failure: {task.key.task_id} is {task.state}"
    for place in run.index.leaves:
        leaf = run.tasks[place]
        if leaf is not None and leaf.state in FAILED_STATES:
            return RunState.FAILED, f"task_failure: {leaf.key.task_id} is {leaf.state}"
    return RunState.SUCCESS, "every leaf succeeded or was skipped"


def finish_run(turn: Turn, run: Run, state: RunState, reason: str) -> None:
    """Bring an unfinished run to its end; whoever waited for its place is looked at."""
    fleet = turn.fleet
    if run.state is RunState.RUNNING:
        run.queue.used -= 1
        fleet.startable[run.queue] = None
    turn.move_run(run, state, reason, end_date=turn.now)
    fleet.remove_run(run)
    if run.dag.is_full or run.dag.timetable.follows_now:
        fleet.unarmed[run.key.dag_id] = None
    if run.backfill is not None:
        complete_if_done(turn, run.backfill)


def complete_if_done(turn: Turn, backfill: Backfill) -> None:
    """A backfill is complete when all its runs have been made and have finished."""
    row = backfill.row
    if row.all_made and not backfill.unfinished and row.completed_at is None:
        backfill.row = replace(row, completed_at=turn.now)
        turn.emit(BackfillWritten(backfill.row, "all its runs have finished"))
        del turn.fleet.backfills[row.backfill_id]


def _end(turn: Turn, run: Run, state: RunState, reason: str) -> None:
    """Let a run end by itself; too many failures in a row pause the DAG."""
    finish_run(turn, run, state, reason)
    dag = run.dag
    dag.failed_in_a_row = dag.failed_in_a_row + 1 if run.state is RunState.FAILED else 0
    most = dag.plan.max_consecutive_failed_dag_runs
    if 0 < most <= dag.failed_in_a_row and not dag.is_paused:
        dag.failed_in_a_row = 0
        dag.hold(paused=True, stale=dag.is_stale)
        for backfill in turn.fleet.backfills.values():
            backfill.hold(turn.fleet.dags[backfill.row.dag_id])
        turn.emit(DagPaused(dag.dag_id, f"{most} runs failed in a row"))


def time_out(turn: Turn, run: Run) -> None:
    """End a run whose dagrun_timeout has passed."""
    skip_unfinished(turn, run, "timed_out")
    _end(turn, run, RunState.FAILED, "timed_out")


def skip_unfinished(turn: Turn, run: Run, reason: str) -> None:
    """Skip all that has not finished and end what is under way."""
    for task in run.instances():
        if task.state not in FINISHED:
            turn.kill(task, reason)
            turn.move(task, TaskState.SKIPPED, reason, end_date=turn.now)


def stop_after_failure(turn: Turn, failed: Task) -> None:
    """With fail_fast the first failure ends the run: what runs fails, the rest is skipped."""
    run = failed.run
    if not run.index.plan.fail_fast:
        return
    reason = f"fail_fast: {failed.key.task_id} failed"
    for task in run.instances():
        if task.state is TaskState.RUNNING:
            turn.kill(task, reason)
            turn.move(task, TaskState.FAILED, reason, end_date=turn.now)
    skip_unfinished(turn, run, reason)

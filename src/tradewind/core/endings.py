"""The end of a run that comes from outside: a timeout, fail_fast, a user's mark.

What has not finished in it is ended, in slices; then the run is.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tradewind.core.expansion import grow_some
from tradewind.core.instances import Run
from tradewind.core.run_state import end_run, finish_run
from tradewind.core.task_instance import Task
from tradewind.core.turn import SLICE, Turn
from tradewind.model.states import FINISHED, RunState, TaskState


@dataclass(slots=True)
class Ending:
    """How a run is being ended."""

    reason: str
    mark: Callable[[TaskState], TaskState]
    """What a task instance in an unfinished state becomes."""
    finish: Callable[[Turn, Run], None]
    """Ends the run itself when no task instance is left."""
    ahead: Iterator[Task]


def begin_ending(
    turn: Turn,
    run: Run,
    reason: str,
    mark: Callable[[TaskState], TaskState],
    finish: Callable[[Turn, Run], None],
    *,
    spares_teardowns: bool = True,
) -> None:
    """Start nothing new in `run`, and end what has not finished; teardowns may go on after that."""
    ahead = [
        task
        for task in run.instances()
        if task.state not in FINISHED and not (spares_teardowns and task.node.plan.is_teardown)
    ]
    run.ending = Ending(reason, mark, finish, iter(ahead))
    turn.fleet.ending.add(run)


def end_tasks(turn: Turn) -> None:
    """Go on ending what is left in runs that are being ended."""
    fleet = turn.fleet
    while fleet.ending and turn.has_room:
        run = fleet.ending.take()
        ending = run.ending
        for task in ending.ahead:
            turn.spend()
            if task.state not in FINISHED:
                turn.kill(task, ending.reason)
                mark = ending.mark(task.state)
                turn.move(task, mark, ending.reason, end_date=turn.now, due_at=None)
            if not turn.has_room:
                fleet.ending.add(run)
                break
        else:
            if run.growing:  # what is made now is ended next
                ending.ahead = iter(grow_some(turn, run, SLICE))
                fleet.ending.add(run)
                continue
            run.ending = None
            fleet.outdated.add(run)
            fleet.touched.add(run)
            fleet.look_at(run.instances())
            ending.finish(turn, run)


def time_out(turn: Turn, run: Run) -> None:
    """End a run whose dagrun_timeout has passed."""
    begin_ending(
        turn,
        run,
        "timed_out",
        mark=lambda state: TaskState.SKIPPED,
        finish=lambda turn, run: end_run(turn, run, RunState.FAILED, "timed_out"),
        spares_teardowns=False,
    )


def stop_after_failure(turn: Turn, run: Run, reason: str) -> None:
    """With fail_fast the first failure ends the run: what runs fails, the rest is skipped, but
    for teardowns."""
    if run.index.plan.fail_fast and run.ending is None:
        begin_ending(
            turn,
            run,
            reason,
            mark=lambda state: (
                TaskState.FAILED if state is TaskState.RUNNING else TaskState.SKIPPED
            ),
            finish=lambda turn, run: None,  # it closes by itself
        )


_UNDER_WAY = frozenset(
    {
        TaskState.RUNNING,
        TaskState.DEFERRED,
        TaskState.UP_FOR_RESCHEDULE,
        TaskState.AWAITING_INPUT,
    }
)


def mark_run(turn: Turn, run: Run, state: RunState, reason: str) -> None:
    """End an unfinished run as a user says; what is under way ends as the run does.

    While a teardown has not finished the run goes on, and ends as its tasks say.
    """
    target = TaskState.SUCCESS if state is RunState.SUCCESS else TaskState.FAILED
    begin_ending(
        turn,
        run,
        f"its run was {reason}",
        mark=lambda before: target if before in _UNDER_WAY else TaskState.SKIPPED,
        finish=lambda turn, run: None if run.unfinished else finish_run(turn, run, state, reason),
    )

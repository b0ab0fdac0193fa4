"""State: the names of states as one class of constants, as old DAG files use it."""

from tradewind.model.states import FINISHED, RunState, TaskState


class State:
    """States of task instances and runs."""

    __module__ = "airflow.utils.state"

    NONE = None
    SUCCESS = TaskState.SUCCESS
    RUNNING = TaskState.RUNNING
    FAILED = TaskState.FAILED
    SCHEDULED = TaskState.SCHEDULED
    QUEUED = TaskState.QUEUED
    RESTARTING = TaskState.RESTARTING
    UP_FOR_RETRY = TaskState.UP_FOR_RETRY
    UP_FOR_RESCHEDULE = TaskState.UP_FOR_RESCHEDULE
    UPSTREAM_FAILED = TaskState.UPSTREAM_FAILED
    SKIPPED = TaskState.SKIPPED
    DEFERRED = TaskState.DEFERRED
    REMOVED = TaskState.REMOVED

    task_states: tuple[TaskState | None, ...] = (
        None,
        *(state for state in TaskState if state is not TaskState.NONE),
    )
    dag_states = tuple(RunState)
    finished = FINISHED
    unfinished = frozenset(task_states) - FINISHED
    success_states = frozenset({TaskState.SUCCESS, TaskState.SKIPPED})
    failed_states = frozenset({TaskState.FAILED, TaskState.UPSTREAM_FAILED})

"""Every state of a task instance and of a run, and every legal step between them.

This table is the only place where a transition is made legal. `core` asks it before it decides a
step, the schema's CHECK constraints are generated from it, and so is the diagram in
`docs/reference/states.md`.
"""

from collections.abc import Mapping
from enum import StrEnum

from tradewind.model.errors import IllegalTransition


class TaskState(StrEnum):
    """Where one task instance stands. REST and the CLI show `NONE` as null."""

    NONE = "none"
    SCHEDULED = "scheduled"
    QUEUED = "queued"
    RUNNING = "running"
    SUCCESS = "success"
    RESTARTING = "restarting"
    FAILED = "failed"
    UP_FOR_RETRY = "up_for_retry"
    UP_FOR_RESCHEDULE = "up_for_reschedule"
    UPSTREAM_FAILED = "upstream_failed"
    SKIPPED = "skipped"
    DEFERRED = "deferred"
    AWAITING_INPUT = "awaiting_input"
    REMOVED = "removed"


class RunState(StrEnum):
    """Where one run of a DAG stands."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"


class RunType(StrEnum):
    """What asked for a run."""

    SCHEDULED = "scheduled"
    MANUAL = "manual"
    BACKFILL = "backfill"
    BACKFILL_JOB = "backfill"  # the same, as Airflow spells it
    OPERATOR_TRIGGERED = "operator_triggered"
    ASSET_TRIGGERED = "asset_triggered"
    ASSET_MATERIALIZATION = "asset_materialization"

    def generate_run_id(self, *, suffix: str) -> str:
        """The id of such a run."""
        return f"{self.value}__{suffix}"


FINISHED = frozenset(
    {
        TaskState.SUCCESS,
        TaskState.FAILED,
        TaskState.SKIPPED,
        TaskState.UPSTREAM_FAILED,
        TaskState.REMOVED,
    }
)
"""States a task instance leaves only when it is cleared, marked, or no longer (or again) in the DAG."""

FAILED_STATES = frozenset({TaskState.FAILED, TaskState.UPSTREAM_FAILED})
OCCUPYING = frozenset({TaskState.QUEUED, TaskState.RUNNING, TaskState.RESTARTING})
"""States in which a task instance holds its slots."""

MAY_ASK = frozenset({TaskState.RUNNING, TaskState.DEFERRED, TaskState.AWAITING_INPUT})
"""States in which a person may answer what a task instance asks."""

MARKS = (TaskState.SUCCESS, TaskState.FAILED, TaskState.SKIPPED)
"""States that users can set."""

RUN_FINISHED = frozenset({RunState.SUCCESS, RunState.FAILED})

_S = TaskState
_CLEARED = "cleared by a user"
_MARKED = "marked by a user"
_RUN_ENDED = "its run was ended"
_BLOCKED = {_S.UPSTREAM_FAILED}
_LEFT_OUT = "a task upstream goes on without it"

TASK_TRANSITIONS: Mapping[TaskState, Mapping[TaskState, str]] = {
    _S.NONE: {
        _S.SCHEDULED: "every gate passed",
        _S.SUCCESS: f"nothing to execute, or {_MARKED}",
        _S.FAILED: _MARKED,
        _S.SKIPPED: f"its trigger rule, {_LEFT_OUT}, or {_RUN_ENDED}",
        _S.UPSTREAM_FAILED: "its trigger rule",
        _S.DEFERRED: "starts in the triggerer",
        _S.REMOVED: "no longer in the DAG",
    },
    _S.SCHEDULED: {
        _S.QUEUED: "a slot of every limit is free",
        _S.NONE: f"its run is held back, or {_CLEARED}",
        _S.SUCCESS: _MARKED,
        _S.FAILED: f"{_MARKED}, or no executor takes it",
        _S.SKIPPED: f"{_LEFT_OUT}, or {_RUN_ENDED}",
        _S.REMOVED: "no longer in the DAG",
    },
    _S.QUEUED: {
        _S.RUNNING: "its process started",
        _S.SCHEDULED: "user code never began (NOT_STARTED): dispatched again, the same try",
        _S.RESTARTING: _CLEARED,
        _S.SUCCESS: _MARKED,
        _S.FAILED: f"it had begun but was lost before the scheduler heard of it, or {_MARKED}",
        _S.UP_FOR_RETRY: "it had begun but was lost before the scheduler heard of it",
        _S.SKIPPED: f"{_LEFT_OUT}, or {_RUN_ENDED}",
        _S.REMOVED: "no longer in the DAG",
    },
    _S.RUNNING: {
        _S.SUCCESS: f"execute returned, or {_MARKED}",
        _S.FAILED: f"it raised or its process was lost, with no try left, or {_MARKED}",
        _S.UP_FOR_RETRY: "it raised or its process was lost, with a try left",
        _S.SKIPPED: f"it raised AirflowSkipException, or {_RUN_ENDED}",
        _S.UP_FOR_RESCHEDULE: "it asked to be called again later",
        _S.DEFERRED: "it handed over to a trigger",
        _S.AWAITING_INPUT: "it asked a person",
        _S.RESTARTING: _CLEARED,
        _S.REMOVED: "no longer in the DAG",
    },
    _S.RESTARTING: {
        _S.NONE: "its process ended, or never started",
        _S.FAILED: _MARKED,
        _S.SUCCESS: _MARKED,
        _S.SKIPPED: f"{_LEFT_OUT}, or {_RUN_ENDED}",
        _S.REMOVED: "no longer in the DAG",
    },
    _S.UP_FOR_RETRY: {
        _S.SCHEDULED: "its retry delay has passed; at once if its process was lost",
        _S.DEFERRED: "starts in the triggerer",
        _S.NONE: _CLEARED,
        _S.SUCCESS: _MARKED,
        _S.FAILED: _MARKED,
        _S.SKIPPED: f"{_LEFT_OUT}, or {_RUN_ENDED}",
        _S.REMOVED: "no longer in the DAG",
    },
    _S.UP_FOR_RESCHEDULE: {
        _S.SCHEDULED: "the time it asked for has come",
        _S.DEFERRED: "starts in the triggerer",
        _S.NONE: _CLEARED,
        _S.SUCCESS: _MARKED,
        _S.FAILED: _MARKED,
        _S.SKIPPED: f"{_LEFT_OUT}, or {_RUN_ENDED}",
        _S.REMOVED: "no longer in the DAG",
    },
    _S.DEFERRED: {
        _S.SCHEDULED: "its trigger fired or failed, or the wait was too long",
        _S.UP_FOR_RETRY: "its trigger failed it, with a try left",
        _S.SUCCESS: f"its trigger ended it, or {_MARKED}",
        _S.FAILED: f"its trigger ended it, or {_MARKED}",
        _S.SKIPPED: f"its trigger ended it, {_LEFT_OUT}, or {_RUN_ENDED}",
        _S.NONE: _CLEARED,
        _S.REMOVED: "no longer in the DAG",
    },
    _S.AWAITING_INPUT: {
        _S.SCHEDULED: "a person answered, or nobody did in time",
        _S.NONE: _CLEARED,
        _S.SUCCESS: _MARKED,
        _S.FAILED: _MARKED,
        _S.SKIPPED: f"{_LEFT_OUT}, or {_RUN_ENDED}",
        _S.REMOVED: "no longer in the DAG",
    },
    **{
        finished: {
            _S.NONE: _CLEARED,
            **{
                marked: _MARKED
                for marked in (_S.SUCCESS, _S.FAILED, _S.SKIPPED)
                if marked is not finished
            },
            **({_S.SKIPPED: f"{_LEFT_OUT}, or {_MARKED}"} if finished in _BLOCKED else {}),
            _S.REMOVED: "no longer in the DAG",
        }
        for finished in (_S.SUCCESS, _S.FAILED, _S.SKIPPED, _S.UPSTREAM_FAILED)
    },
    _S.REMOVED: {_S.NONE: "in the DAG again"},
}

RUN_TRANSITIONS: Mapping[RunState, Mapping[RunState, str]] = {
    RunState.QUEUED: {
        RunState.RUNNING: "a run slot of the DAG is free",
        RunState.SUCCESS: _MARKED,
        RunState.FAILED: f"{_MARKED}, or its backfill was cancelled",
    },
    RunState.RUNNING: {
        RunState.SUCCESS: "every leaf succeeded or was skipped",
        RunState.FAILED: "a leaf failed, nothing can go on, or it timed out",
        RunState.QUEUED: _CLEARED,
    },
    RunState.SUCCESS: {RunState.QUEUED: _CLEARED, RunState.FAILED: _MARKED},
    RunState.FAILED: {RunState.QUEUED: _CLEARED, RunState.SUCCESS: _MARKED},
}


def check_task_step(before: TaskState, after: TaskState) -> None:
    """Raise IllegalTransition unless the table allows `before -> after`."""
    if after not in TASK_TRANSITIONS[before]:
        raise IllegalTransition(f"a task instance cannot go from {before} to {after}")


def check_run_step(before: RunState, after: RunState) -> None:
    """Raise IllegalTransition unless the table allows `before -> after`."""
    if after not in RUN_TRANSITIONS[before]:
        raise IllegalTransition(f"a run cannot go from {before} to {after}")

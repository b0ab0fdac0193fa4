"""One attempt of one task: what a supervisor is told, and what it reports back."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from tradewind.model.assets import AssetUpdate
from tradewind.model.deferral import Deferral
from tradewind.model.keys import TaskKey
from tradewind.model.states import RunType

ORDER_LASTS = timedelta(seconds=20)
"""From the decision to start an attempt. Less than what is left of a leader's lease when it was last
renewed in time: while an order is good nobody else leads, and nobody orders the same again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """What a task may know of its run."""

    run_type: RunType
    run_after: datetime
    logical_date: datetime | None
    data_interval_start: datetime | None
    data_interval_end: datetime | None
    start_date: datetime | None
    conf: dict[str, Any] = field(default_factory=dict)
    triggered_by: str = "timetable"
    triggering_user_name: str | None = None
    note: str | None = None
    clear_number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """An order to run one try of one task instance. `token` names it in every report."""

    token: str
    epoch: int
    """Leadership under which it was decided; supervisors refuse a stale one."""
    key: TaskKey
    try_number: int
    max_tries: int
    fileloc: str
    code_hash: str
    queue: str
    executor: str | None
    run: RunFacts
    run_as_user: str | None = None
    reschedules: int = 0
    """How often this try has asked to be called again."""
    began_at: datetime | None = None
    """When this try first began; None if it has not begun before."""
    expires_at: datetime | None = None
    """From then on supervisors refuse it; None for never."""
    next_method: str | None = None
    """Where a task goes on that had given its process up; None: it begins."""
    next_kwargs: dict[str, Any] = field(default_factory=dict)


class Result(StrEnum):
    """How a try ended, as its own process or its supervisor saw it."""

    SUCCESS = "success"
    SKIPPED = "skipped"
    FAILED = "failed"
    """It raised: retried while tries are left."""
    FAILED_FOR_GOOD = "failed_for_good"
    """AirflowFailException and the like: never retried."""
    RESCHEDULE = "reschedule"
    DEFERRED = "deferred"
    LOST = "lost"
    """Its process is gone without a word: counts as FAILED."""
    NOT_STARTED = "not_started"
    """User code never began: dispatched again under the same try number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The end of one try."""

    result: Result
    end_date: datetime
    start_date: datetime | None = None
    """Taken right before pre_execute; None if it did not come so far."""
    reason: str | None = None
    """One line: the error's last line, `exit code -9`, `execution_timeout of 30 s`."""
    xcoms: tuple[tuple[str, Any], ...] = ()
    """(key, JSON value) pushed together with the end."""
    skips: tuple[tuple[str, int], ...] = ()
    """(task_id, map_index) of the task instances that a success skips."""
    map_length: int | None = None
    """Items that its return value gives to those who are expanded over it, if there are any."""
    rendered_map_index: str | None = None
    reschedule_at: datetime | None = None
    retry_after_s: float | None = None
    """How long a failure waits for its next try, as the task's retry policy has it."""
    deferral: Deferral | None = None
    asset_updates: tuple[AssetUpdate, ...] = ()
    """What a success has written."""
    cpu_s: float | None = None
    max_rss_kib: int | None = None

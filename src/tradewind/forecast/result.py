"""What a forecast says: runs, how full pools were, what was left out."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(slots=True)
class RunForecast:
    """One run: one that there is already, or one that will be made."""

    dag_id: str
    run_id: str
    run_type: str
    run_after: datetime
    logical_date: datetime | None
    state: str
    made_at: datetime
    """When it was, or will be, made; its schedule may have asked for it long before."""
    is_there: bool = False
    """Whether it is there already, unfinished."""
    start: datetime | None = None
    """When it gets its run slot; None if it does not within the forecast."""
    first_task: datetime | None = None
    end: datetime | None = None
    tasks: int = 0
    """Attempts that begin within the forecast."""
    waited: timedelta = timedelta(0)
    """What its tasks, ready to go, waited for slots: the sum over all of them."""


@dataclass(slots=True)
class Use:
    """How full a pool or an executor gets."""

    slots: int
    """-1: without limit."""
    peak: int = 0
    peak_at: datetime | None = None
    busy_s: float = 0.0
    """Slot seconds: the area below its curve."""
    waits: int = 0
    """Task instances that were ready and had to wait while this was full."""
    now: int = 0

    def take(self, slots: int, at: datetime) -> None:
        """`slots` more are used."""
        self.now += slots
        if self.now > self.peak:
            self.peak, self.peak_at = self.now, at

    def give_back(self, slots: int, since: datetime, at: datetime) -> None:
        """`slots` that were taken at `since` are free again."""
        self.now -= slots
        self.busy_s += slots * (at - since).total_seconds()

    @property
    def is_full(self) -> bool:
        """Whether no more can be taken."""
        return 0 <= self.slots <= self.now


@dataclass(slots=True)
class DagForecast:
    """One DAG's share."""

    timezone: str
    schedule: str | None
    runs: list[RunForecast] = field(default_factory=list)
    peak_runs: int = 0
    """Most runs at once."""
    next: datetime | None = None
    """When its schedule would make the next run after the forecast, be that overdue."""
    left_out: str | None = None
    """Why its schedule makes no runs; None if it does."""


@dataclass(slots=True)
class Forecast:
    """Everything from `start` to `until`."""

    start: datetime
    until: datetime
    dags: dict[str, DagForecast] = field(default_factory=dict)
    pools: dict[str, Use] = field(default_factory=dict)
    executors: dict[str, Use] = field(default_factory=dict)
    events: int = 0
    """Events that were decided on."""
    tasks: int = 0
    """Attempts that began."""

    def runs(self) -> list[RunForecast]:
        """All runs, in the order of run_after."""
        found = [run for dag in self.dags.values() for run in dag.runs]
        return sorted(found, key=lambda run: (run.run_after, run.dag_id, run.run_id))

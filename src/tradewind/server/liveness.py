"""Which processes are alive and well, by their heartbeats."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from tradewind.model.clock import Clock
from tradewind.storage import components

SCHEDULER = "scheduler"
DAG_PROCESSOR = "dag_processor"
API_SERVER = "api_server"
TRIGGERER = "triggerer"

_COMMANDS = {
    SCHEDULER: "tradewind scheduler",
    DAG_PROCESSOR: "tradewind dag-processor",
    TRIGGERER: "tradewind triggerer",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """One kind of process."""

    heartbeat_at: datetime | None
    """The latest of any; None if there never was one."""
    problem: str | None
    """Why it is not healthy."""


@dataclass(slots=True)
class OwnWrites:
    """Whether this process could write when it last beat: a full disk or a lock held for long keeps
    the scheduler from saying so in the database.
    """

    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Liveness:
    """Judges heartbeats."""

    clock: Clock
    threshold_s: float = 30.0
    """A process whose last heartbeat is older counts as gone."""

    def health(self, conn: sa.Connection, kind: str) -> Health:
        """How the processes of one kind are."""
        rows = [row for row in components.living(conn) if row.kind == kind]
        if not rows:
            return Health(
                heartbeat_at=None,
                problem=f"no {kind.replace('_', ' ')} is running: start `{_COMMANDS[kind]}`",
            )
        latest = max(rows, key=lambda row: row.heartbeat_at)
        silent = self.clock.now() - latest.heartbeat_at
        problem = latest.problem
        if silent > timedelta(seconds=self.threshold_s):
            problem = (
                f"the {kind.replace('_', ' ')} (pid {latest.pid} on {latest.hostname}) "
                f"has been silent for {silent.total_seconds():.0f} s"
            )
        return Health(heartbeat_at=latest.heartbeat_at, problem=problem)

    def scheduler_problem(self, conn: sa.Connection) -> str | None:
        """Why a command would not be carried out now; None if it would."""
        return self.health(conn, SCHEDULER).problem

"""What tells the truth afterwards: the tasks' own journal, the kills, and the database."""

from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from tests.chaos.shape import DAG_ID
from tests.runtime.processes import is_alive
from tradewind.model.snapshots import RunQuery, RunSnapshot
from tradewind.runtime.journal import start_time_of
from tradewind.storage import fleet
from tradewind.storage.database import Database
from tradewind.storage.tables import task_instance_history


@dataclass
class Seen:
    """One try of one task as its own process wrote it down. Clocks in nanoseconds."""

    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    pid: int = 0


@dataclass(frozen=True)
class Killed:
    """One kill -9."""

    clock: int
    role: str
    pid: int
    is_of_standalone: bool = False
    """`standalone` stops altogether, tasks and all, when a part of it dies before it is ready."""

    def concerns(self, pid: int) -> bool:
        """Whether the task process `pid` may have died of it."""
        if self.role == "task":
            return self.pid == pid
        return self.is_of_standalone or self.role in ("supervisor", "base", "zygote")


@dataclass
class Outside:
    """The tasks' journal."""

    tries: dict[str, dict[int, Seen]]
    children: list[tuple[int, int]]
    """Pid and start time of every process that a task started."""

    @classmethod
    def read(cls, path: Path, run_id: str) -> "Outside":
        """What the tasks of a run wrote."""
        tries: dict[str, dict[int, Seen]] = defaultdict(lambda: defaultdict(Seen))
        children = []
        for line in path.read_text().splitlines():
            word, run, task_id, number, pid, clock = line.split()
            if run != run_id or word == "complete":
                continue
            seen = tries[task_id][int(number)]
            if word == "child":
                children.append((int(pid), int(clock)))
                continue
            seen.pid = int(pid)
            (seen.starts if word == "start" else seen.ends).append(int(clock))
        return cls({task: dict(of) for task, of in tries.items()}, children)

    def leftovers(self) -> list[int]:
        """Processes of tasks that still run. (Whoever adopts the dead may take time to bury them.)"""
        return [
            pid for pid, started in self.children if is_alive(pid) and start_time_of(pid) == started
        ]


@dataclass(frozen=True)
class Try:
    """One row of a task instance: its latest, or history."""

    number: int
    state: str
    reason: str | None
    token: str | None


def stored_run(url: str, run_id: str) -> RunSnapshot | None:
    """A run with its task instances."""
    with closing(Database(url)) as database, database.read() as connection:
        runs, _ = fleet.find_runs(connection, RunQuery(dag_id=DAG_ID, run_ids=(run_id,)))
    return runs[0] if runs else None


def stored_tries(url: str, run: RunSnapshot) -> dict[str, list[Try]]:
    """Every try of every task of a run, the latest last."""
    found: dict[str, list[Try]] = {}
    table = task_instance_history.c
    with closing(Database(url)) as database, database.read() as connection:
        rows = connection.execute(
            sa.select(table.task_id, table.try_number, table.state, table.exit_reason, table.token)
            .where(table.run_id == run.key.run_id)
            .order_by(table.try_number)
        )
        for row in rows:
            found.setdefault(row.task_id, []).append(
                Try(row.try_number, row.state, row.exit_reason, row.token)
            )
    for task in run.tasks:
        found.setdefault(task.key.task_id, []).append(
            Try(task.try_number, task.state.value, task.exit_reason, task.token)
        )
    return found

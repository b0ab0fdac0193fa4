"""One engine at work on one workload: what it is asked, and what that costs."""

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

from benchmarks.accounting import Account, Moment, cpu_of, title_of
from benchmarks.engine import Engine, Refused
from benchmarks.witness import Witness

PAGE = 100
APPEARS_WITHIN_S = 180.0


@dataclass
class Spent:
    """What one piece of work took: CPU seconds, by part where it can be told, and how quiet the
    machine was."""

    engine_s: float = 0.0
    database_s: float = 0.0
    foreign: float = 0.0
    parts: dict[str, float] = field(default_factory=dict)


class Session:
    """Questions to an engine, and its accounts."""

    def __init__(self, engine: Engine, database: Account | None) -> None:
        self.engine = engine
        self.client = engine.client()
        self.witness = Witness(engine.clock)
        self._database = database
        self.questions = 0
        """Asked while a run was going on."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        self.witness.close()

    def ready(self, dag_id: str) -> None:
        """Wait until a DAG is there, then unpause it."""
        deadline = time.monotonic() + APPEARS_WITHIN_S
        while not self.has(dag_id):
            if time.monotonic() > deadline:
                raise RuntimeError(f"{dag_id} does not appear")
            time.sleep(0.05)
        self.client.call("PATCH", f"/api/v2/dags/{dag_id}", {"is_paused": False})

    def has(self, dag_id: str) -> bool:
        """Whether a DAG is visible."""
        try:
            self.client.call("GET", f"/api/v2/dags/{dag_id}")
        except Refused as error:
            if error.status == 404:
                return False
            raise
        return True

    def is_done(self, dag_id: str, run_ids: list[str]) -> bool:
        """Whether all these runs show `success`. Raises if one failed."""
        self.questions += 1
        path = f"/api/v2/dags/{dag_id}/dagRuns"
        if len(run_ids) == 1:
            states = [self.client.call("GET", f"{path}/{run_ids[0]}")["state"]]
        else:
            first = run_ids[0].rpartition("_")[0]
            shown = self.client.call("GET", f"{path}?limit={PAGE}&order_by=-run_after")
            states = [
                run["state"] for run in shown["dag_runs"] if run["dag_run_id"].startswith(first)
            ]
        if "failed" in states:
            raise RuntimeError(f"a run of {dag_id} failed")
        return states.count("success") == len(run_ids)

    def records(self, dag_id: str, run_id: str = "~") -> list[dict[str, Any]]:
        """All task instances of a run, or of all runs."""
        found: list[dict[str, Any]] = []
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances?limit={PAGE}&order_by=id"
        while True:
            page = self.client.call("GET", f"{path}&offset={len(found)}")
            found += page["task_instances"]
            if len(found) >= page["total_entries"] or not page["task_instances"]:
                return found

    def price_of_question(self, dag_id: str, run_ids: list[str], times: int = 20) -> Spent:
        """What one `is_done` costs the engine."""
        with self.spending() as spent:
            for _ in range(times):
                self.is_done(dag_id, run_ids)
        self.questions -= times
        return Spent(spent.engine_s / times, spent.database_s / times)

    @contextmanager
    def spending(self) -> Iterator[Spent]:
        """What is spent within the `with`."""
        spent = Spent()
        before = self._accounts()
        try:
            yield spent
        finally:
            after = self._accounts()
            spent.engine_s = after[0] - before[0]
            spent.database_s = after[1] - before[1]
            spent.foreign = after[2].foreign_since(before[2])
            spent.parts = {name: used - before[3].get(name, 0.0) for name, used in after[3].items()}

    def _accounts(self) -> tuple[float, float, Moment, dict[str, float]]:
        engine = self.engine.account
        parts: defaultdict[str, float] = defaultdict(float)
        for pid in engine.pids():
            own, children = cpu_of(pid)
            role = self.engine.role_of(title_of(pid))
            parts[role] += own
            parts[self.engine.children_of.get(role, role)] += children
        database_s = self._database.used_s() if self._database else 0.0
        return engine.used_s(), database_s, Moment.now(engine, self._database), parts

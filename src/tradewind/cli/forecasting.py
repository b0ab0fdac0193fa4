"""What `tradewind plan` plays ahead: the state of the database, or DAG files as they are in a folder."""

import dataclasses
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tradewind.cli import files
from tradewind.cli.asking_timetables import Asking
from tradewind.cli.reading import read_dags_folder
from tradewind.cli.wiring import Wiring
from tradewind.executors.configured import slots_by_executor
from tradewind.forecast.durations import Durations
from tradewind.forecast.findings import Finding
from tradewind.forecast.play import forecast, nothing_there
from tradewind.forecast.result import Forecast
from tradewind.model.errors import EnvironmentFailure, UserError
from tradewind.model.plan import Plan
from tradewind.model.snapshots import (
    DagSnapshot,
    FleetSnapshot,
    PoolSnapshot,
    RunQuery,
    RunSnapshot,
)
from tradewind.storage import fleet as stored_fleet
from tradewind.storage.listings.durations import expected_durations

HISTORY = timedelta(days=30)
UNREAD = "import"
"""The rule of findings about DAG files that cannot be read."""


@dataclass(frozen=True, slots=True)
class Window:
    """From when to when to play."""

    start: datetime
    until: datetime


class World:
    """The state a forecast begins with."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self.unread: list[Finding] = []
        try:
            self._has_database = bool(wiring.database)
        except EnvironmentFailure:
            self._has_database = False
        self._snapshot = self._stored()
        self._settings = wiring.settings

    def history(self, quantile: float) -> dict[tuple[str, str], float]:
        """Seconds that tasks took, by (dag_id, task_id)."""
        if not self._has_database:
            return {}
        with self._wiring.database.read() as connection:
            since = self._wiring.now() - HISTORY
            return expected_durations(connection, since=since, quantile=quantile)

    def play(self, window: Window, durations: Durations) -> Forecast:
        """The forecast of it."""
        with closing(Asking(self._wiring, window.until)) as ask:
            return forecast(
                self._snapshot,
                start=window.start,
                until=window.until,
                executors=slots_by_executor(self._settings),
                durations=durations,
                look_up=self._look_up if self._has_database else nothing_there,
                ask=ask,
            )

    def use_folder(self, folder: Path) -> None:
        """Take the DAGs from files. What the database knows of them, such as whether they are
        paused, stays; those that it does not know are taken to run."""
        core = dataclasses.replace(self._settings.core, dags_folder=folder)
        settings = dataclasses.replace(self._settings, core=core)
        known = {dag.plan.dag_id: dag for dag in self._snapshot.dags}
        dags: dict[str, DagSnapshot] = {}
        for file in read_dags_folder(Wiring(settings)):
            if file.error is not None:
                first = file.error.splitlines()[0]
                self.unread.append(Finding(UNREAD, file.relative_fileloc, first))
            for plan in file.plans:
                there = known.get(plan.dag_id)
                dags[plan.dag_id] = _changed(there, plan, file.code_hash, file.fileloc)
        gone = [
            dataclasses.replace(dag, is_stale=True)
            for dag_id, dag in known.items()
            if dag_id not in dags
        ]
        heads = [(dag.plan.dag_id, dag.version, dag.plan) for dag in self._snapshot.dags]
        self._snapshot = dataclasses.replace(
            self._snapshot,
            dags=(*dags.values(), *gone),
            plans=(*self._snapshot.plans, *heads),
        )

    def unpause(self) -> None:
        """Take every DAG to run."""
        dags = tuple(dataclasses.replace(dag, is_paused=False) for dag in self._snapshot.dags)
        self._snapshot = dataclasses.replace(self._snapshot, dags=dags)

    def _stored(self) -> FleetSnapshot:
        if not self._has_database:
            return FleetSnapshot(epoch=0, dags=(), pools=(PoolSnapshot("default_pool", 128),))
        with self._wiring.database.read() as connection:
            return stored_fleet.load(connection, 0)

    def _look_up(self, query: RunQuery) -> tuple[list[RunSnapshot], list[tuple[str, int, Plan]]]:
        with self._wiring.database.read() as connection:
            return stored_fleet.find_runs(connection, query)


def _changed(there: DagSnapshot | None, plan: Plan, code_hash: str, fileloc: str) -> DagSnapshot:
    """The DAG as it would be with this Plan."""
    if there is None:
        return DagSnapshot(
            plan=plan, version=1, code_hash=code_hash, fileloc=fileloc, is_paused=False
        )
    version = there.version if there.plan == plan else there.version + 1
    return dataclasses.replace(there, plan=plan, version=version, is_stale=False)


def given_durations(path: str | None) -> dict[tuple[str, str | None], float]:
    """Seconds from a file of {dag_id: SECONDS} or {dag_id: {task_id: SECONDS}}. Raises UserError."""
    if path is None:
        return {}
    found: dict[tuple[str, str | None], float] = {}
    for dag_id, value in files.read(path, files.form_of(path)).items():
        tasks: Iterable[tuple[Any, Any]] = (
            value.items() if isinstance(value, dict) else [(None, value)]
        )
        for task_id, seconds in tasks:
            if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
                where = dag_id if task_id is None else f"{dag_id}.{task_id}"
                raise UserError(f"{path}: {where} is {seconds!r}; write seconds, such as 90")
            found[dag_id, task_id] = float(seconds)
    return found

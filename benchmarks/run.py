"""Goes through the table: workload by workload, and for each through the columns, so that what is
compared is measured minutes apart and not hours."""

import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from benchmarks.accounting import Account, Tree, calibration_ms
from benchmarks.columns import Column, ours
from benchmarks.engine import Engine
from benchmarks.measure import Result, imported, measure
from benchmarks.session import Session
from benchmarks.workloads import SHRINK, TINY_AT_ONCE, WARM_UP, WORKLOADS, Workload
from tests import postgresql

TOLERANCE_MS = 2.0
"""How far a recorded date may be from the task's own clock."""
ROUNDING_MS = 0.01
"""Recorded dates are whole microseconds."""
MOST_FAR = 0.5
"""The share of tasks of which it may be further: they run beside each other."""
MOST_FAR_ALONE = 0.1
"""The same where one runs at a time."""
BUSY = 0.2
"""The share of the cores in others' hands from which a clock tells of them and not of the engine."""


@dataclass
class Results:
    """By workload and column, in the order they were measured."""

    columns: list[Column]
    works: list[Workload]
    cells: dict[tuple[str, str], Result] = field(default_factory=dict)
    healthy_s: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    calibration_ms: dict[tuple[str, str], float] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def problems(self) -> list[str]:
        """What makes these figures worth nothing."""
        found = list(self.errors)
        for (work, title), cell in self.cells.items():
            column = next(column for column in self.columns if column.title == title)
            if column.is_other:
                continue
            found += [f"{work}, {title}: {note}" for note in cell.notes]
            known = next(one for one in self.works if one.name == work)
            found += [f"{work}, {title}: {wrong}" for wrong in untrue_dates(known, cell)]
        return found

    def as_data(self) -> dict[str, Any]:
        """Everything, for a file."""
        return {
            "healthy_s": self.healthy_s,
            "calibration_ms": {" | ".join(key): ms for key, ms in self.calibration_ms.items()},
            "cells": {" | ".join(key): vars(cell) for key, cell in self.cells.items()},
            "problems": self.problems(),
        }


def untrue_dates(work: Workload, cell: Result) -> list[str]:
    """Recorded dates that are not what the tasks saw: RESULTS.md says what is asked, and why."""
    found = []
    for which in ("start", "end"):
        offsets = cell.samples.get(f"{which}_off_ms")
        if not offsets:
            continue
        if min(offsets) < -ROUNDING_MS:
            found.append(f"a task ran {-min(offsets):.3f} ms outside of its recorded {which}")
        far = sum(offset > TOLERANCE_MS for offset in offsets)
        asked = MOST_FAR_ALONE if work.runs_one_at_a_time else MOST_FAR
        if far > asked * len(offsets) and max(cell.foreign) < BUSY:
            found.append(
                f"the recorded {which} of {far} of {len(offsets)} tasks is more than "
                f"{TOLERANCE_MS:g} ms from the task's own clock"
            )
    return found


def measure_all(results: Results, runs: int | None = None) -> Iterator[None]:
    """Fill `results`, one cell at a time. One that goes wrong does not keep the others from being
    measured."""
    with ExitStack() as stack:
        server = None
        if any(column.database == "postgresql" for column in results.columns):
            server = stack.enter_context(postgresql.running(durable=True))
        begun = time.monotonic()
        for work, column in product(results.works, results.columns):
            if not (times := column.runs_of(work)):
                continue
            started = time.monotonic()
            key = work.name, column.title
            try:
                results.calibration_ms[key] = calibration_ms()
                results.cells[key] = _measure(server, column, work, runs or times, results)
            except Exception as error:
                results.errors.append(f"{work.name}, {column.title}: {error}")
            now = time.monotonic()
            took = f"{now - started:.0f} s of {now - begun:.0f} s"
            print(f"{work.name}, {column.title}: {took}", file=sys.stderr, flush=True)
            yield


def _measure(
    server: postgresql.Server | None,
    column: Column,
    work: Workload,
    runs: int,
    results: Results,
) -> Result:
    with _database(server, column) as (url, account):
        engine = column.make(url)
        if work.how == "imported":
            return imported(engine, min(runs, column.runs_of(work)))
        _prepare(engine, column, work)
        with engine, Session(engine, account) as session:
            results.healthy_s[column.title].append(engine.healthy_after_s)
            if column.is_other:
                _warm_up(session, work)
            cutoff_s = work.against_cutoff_s if column.is_other else work.cutoff_s
            return measure(session, work, runs, cutoff_s)


@contextmanager
def _database(
    server: postgresql.Server | None, column: Column
) -> Iterator[tuple[str | None, Account | None]]:
    if column.database == "sqlite":
        yield None, None
        return
    assert server is not None
    name = server.create()
    yield server.url(name), Tree(server.pid)
    server.drop(name)


def _prepare(engine: Engine, column: Column, work: Workload) -> None:
    if work.how == "unpaused":
        engine.add()
        engine.add_copies(work.file, work.tasks)
    else:
        engine.add(work.file)
    if column.is_other:
        engine.add(WARM_UP)


def _warm_up(session: Session, work: Workload) -> None:
    """One run of one task, where a warm-up with the workload itself would take minutes."""
    if work.how in ("triggered", "latency"):
        warm_up = Workload("warmup", "", file=WARM_UP, runs=1, warmups=0)
        measure(session, warm_up, 1, 60)


def smoke() -> int:
    """Every workload once, tiny, on one engine: that this works, not how fast. The exit code."""
    column = ours(["sqlite"], ["fork"])[0]
    engine = column.make(None)
    engine.more_environ["BENCH_SHRINK"] = str(SHRINK)
    engine.add(*{work.file for work in WORKLOADS if work.file})
    engine.add_copies("once.py", 3)
    wrong = []
    with engine, Session(engine, None) as session:
        for work in WORKLOADS:
            tiny = replace(
                work,
                tasks=work.tiny_tasks,
                at_once=min(work.at_once, TINY_AT_ONCE),
                warmups=0,
                quiet_s=0.0,
            )
            if work.how == "imported":
                cell = imported(column.make(None), 1)
            else:
                cell = measure(session, tiny, 1, 60)
            print(f"{work.name}: {dict(cell.samples)}")
            wrong += [f"{work.name}: {note}" for note in cell.notes]
            if not cell.samples:
                wrong.append(f"{work.name} measured nothing")
    for problem in wrong:
        print(f"FAILED: {problem}", file=sys.stderr)
    return 1 if wrong else 0

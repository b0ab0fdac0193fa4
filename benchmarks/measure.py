"""The measuring of one workload on one running engine."""

import statistics
import subprocess
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from benchmarks.accounting import pss_mib, title_of
from benchmarks.engine import Client, Engine
from benchmarks.session import APPEARS_WITHIN_S, Session, Spent
from benchmarks.witness import Mark, milliseconds, missing_or_doubled, offsets_ms
from benchmarks.workloads import Workload

TRIGGERS = 8
"""Clients that trigger together what is to start at once."""


@dataclass
class Result:
    """What one workload gave on one engine: samples by name, the unit at the end of the name."""

    samples: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    parts_ms: dict[str, float] = field(default_factory=dict)
    """CPU per task, by part of the engine."""
    phases_ms: dict[str, float] = field(default_factory=dict)
    """Medians of the recorded steps of a chain's hop."""
    foreign: list[float] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What is wrong with it."""

    def add(self, **samples: float) -> None:
        for name, value in samples.items():
            self.samples[name].append(value)


def measure(session: Session, work: Workload, runs: int, cutoff_s: float) -> Result:
    """Do it, `runs` times at most."""
    return _HOW[work.how](session, work, runs, cutoff_s)


# --- runs that are triggered --------------------------------------------------------------------


class _CutOff(Exception):
    """It takes too long."""


def _triggered(session: Session, work: Workload, runs: int, cutoff_s: float) -> Result:
    result = Result()
    session.ready(work.dag_id)
    expected_s = 0.0
    spendings: list[Spent] = []
    run_ids: list[str] = []
    all_ids: list[str] = []
    started = time.monotonic()
    for number in range(-work.warmups, runs):
        if number > 0 and time.monotonic() - started > cutoff_s:
            break
        run_ids = [
            f"bench_{work.name}_{work.warmups + number}_{i:03d}" for i in range(work.at_once)
        ]
        session.questions = 0
        posted = 0.0
        try:
            with session.spending() as spent:
                posted = time.time()
                _trigger(session, work, run_ids)
                wall_s = _until_done(session, work, run_ids, posted, expected_s, cutoff_s) - posted
        except _CutOff as cut:
            done, took_s = cut.args
            result.add(rate=done / took_s)
            result.notes.append(f"cut off after {took_s:.0f} s with {done} of {work.tasks} done")
            result.foreign.append(spent.foreign)
            _spent_per_task(result, [spent], max(1, done), Spent(), [0])
            return result
        expected_s = wall_s
        all_ids += run_ids
        if number < 0:
            started = time.monotonic()
            continue
        spendings.append(spent)
        result.foreign.append(spent.foreign)
        result.add(wall_s=wall_s, rate=work.tasks / wall_s, questions=session.questions)
        _of_marks(result, work, session.witness.of(run_ids), posted)
    price = session.price_of_question(work.dag_id, run_ids)
    _spent_per_task(result, spendings, work.tasks, price, result.samples["questions"])
    _compare(result, session, work, all_ids)
    return result


def _trigger(session: Session, work: Workload, run_ids: list[str]) -> None:
    path = f"/api/v2/dags/{work.dag_id}/dagRuns"

    def post(client: Client, run_id: str) -> None:
        client.call("POST", path, {"dag_run_id": run_id, "logical_date": None})

    if len(run_ids) == 1:
        post(session.client, run_ids[0])
        return

    def several(mine: list[str]) -> None:
        client = session.engine.client()
        for run_id in mine:
            post(client, run_id)
        client.close()

    with ThreadPoolExecutor(TRIGGERS) as pool:
        for done in [pool.submit(several, run_ids[i::TRIGGERS]) for i in range(TRIGGERS)]:
            done.result()


def _until_done(
    session: Session,
    work: Workload,
    run_ids: list[str],
    posted: float,
    expected_s: float,
    cutoff_s: float,
) -> float:
    """When an answer first showed success. The tasks' own file says when it is worth asking: the
    engine is not kept busy with questions, and no interval is measured but a millisecond or two."""
    goal = len(session.witness.marks) + work.tasks
    ask_at = posted + max(0.9 * expected_s, 0.01 if not work.has_marks else 10.0)
    while True:
        is_worth_it = work.has_marks and session.witness.look() >= goal
        now = time.time()
        if is_worth_it or now >= ask_at:
            if session.is_done(work.dag_id, run_ids):
                return time.time()
            ask_at = now + (10.0 if work.has_marks else max(0.002, expected_s / 100 or 0.05))
        if now - posted > cutoff_s:
            raise _CutOff(_done(session, work, run_ids, goal), now - posted)
        time.sleep(0.001 if is_worth_it or expected_s < 2 else 0.004)


def _done(session: Session, work: Workload, run_ids: list[str], goal: int) -> int:
    if work.has_marks:
        return session.witness.look() - (goal - work.tasks)
    return sum(record["state"] == "success" for record in session.records(work.dag_id, run_ids[0]))


def _of_marks(result: Result, work: Workload, marks: list[Mark], posted: float) -> None:
    """What the tasks' own clocks tell: the first start, and the hops of a chain."""
    if not marks:
        return
    result.add(first_ms=marks[0].start / 1e6 - posted * 1000)
    if work.is_chain:
        for before, after in pairwise(marks):
            result.add(hop_ms=(after.start - before.end) / 1e6)


def _spent_per_task(
    result: Result, spendings: list[Spent], tasks: int, price: Spent, questions: list[float]
) -> None:
    """CPU per task, the benchmark's own questions apart."""
    for spent, asked in zip(spendings, questions, strict=True):
        result.add(
            cpu_ms=(spent.engine_s - asked * price.engine_s) / tasks * 1000,
            db_cpu_ms=(spent.database_s - asked * price.database_s) / tasks * 1000,
            asked_cpu_ms=asked * (price.engine_s + price.database_s) / tasks * 1000,
        )
    parts = {part for spent in spendings for part in spent.parts}
    result.parts_ms = {
        part: sum(spent.parts.get(part, 0.0) for spent in spendings) / len(spendings) / tasks * 1000
        for part in sorted(parts)
    }


def _compare(
    result: Result, session: Session, work: Workload, run_ids: list[str], dag_id: str = ""
) -> None:
    """The engine's records against the tasks' file."""
    records = [
        record
        for run_id in (run_ids if len(run_ids) <= 10 else ["~"])
        for record in session.records(dag_id or work.dag_id, run_id)
    ]
    if work.is_chain:
        _phases(result, records, take_hops=not work.has_marks)
    if not work.has_marks:
        return
    session.witness.look()
    marks = session.witness.of(run_ids)
    result.notes += missing_or_doubled(marks, records)
    result.samples["start_off_ms"], result.samples["end_off_ms"] = offsets_ms(marks, records)


def _phases(result: Result, records: list[dict[str, Any]], *, take_hops: bool) -> None:
    """The steps of a hop, as recorded, of all runs but the first, which warmed up."""
    by_run: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for record in records:
        by_run[record["dag_run_id"]].append(record)
    steps: defaultdict[str, list[float]] = defaultdict(list)
    for row in list(by_run.values())[min(1, len(by_run) - 1) :]:
        row.sort(key=lambda record: record["start_date"])
        for before, after in pairwise(row):
            ended, decided, started, done = (
                milliseconds(text)
                for text in (
                    before["end_date"],
                    after["queued_when"],
                    after["start_date"],
                    after["end_date"],
                )
            )
            steps["end recorded in the task → successor decided"].append(decided - ended)
            steps["decided → start recorded in the task"].append(started - decided)
            steps["start → end"].append(done - started)
            if take_hops:
                result.add(hop_ms=started - ended)
    result.phases_ms = {step: statistics.median(values) for step, values in steps.items()}


# --- the others ---------------------------------------------------------------------------------


def _latency(session: Session, work: Workload, runs: int, cutoff_s: float) -> Result:
    """From the POST to the task's start, again and again, with pauses of different lengths."""
    result = Result()
    session.ready(work.dag_id)
    started = time.monotonic()
    run_ids: list[str] = []
    with session.spending() as spent:
        for number in range(-work.warmups, runs):
            if number > 0 and time.monotonic() - started > cutoff_s:
                break
            run_ids.append(f"bench_{work.name}_{len(run_ids):03d}")
            posted = time.time()
            _trigger(session, work, run_ids[-1:])
            ended = _until_done(session, work, run_ids[-1:], posted, 0.0, cutoff_s)
            if number >= 0:
                _of_marks(result, work, session.witness.of(run_ids[-1:]), posted)
                result.add(wall_s=ended - posted)
            time.sleep(0.05 + number * 37 % 100 / 1000)
    result.foreign.append(spent.foreign)
    _compare(result, session, work, run_ids)
    return result


def _unpaused(session: Session, work: Workload, _: int, cutoff_s: float) -> Result:
    """Many DAGs of one file each, all unpaused by one request."""
    result = Result()
    deadline = time.monotonic() + APPEARS_WITHIN_S
    those = "dag_id_pattern=once_%25"
    there = f"/api/v2/dags?limit=1&{those}"
    succeeded = "/api/v2/dags/~/dagRuns?state=success&limit=1"
    while session.client.call("GET", there)["total_entries"] < work.tasks:
        if time.monotonic() > deadline:
            raise RuntimeError("not all DAG files are visible")
        time.sleep(0.1)
    time.sleep(2)  # whatever follows from reading them is over
    marks = session.witness.look()
    runs = session.client.call("GET", succeeded)["total_entries"]
    with session.spending() as spent:
        posted = time.time()
        session.client.call("PATCH", f"/api/v2/dags?limit=100&{those}", {"is_paused": False})
        while (
            session.witness.look() < marks + work.tasks
            or session.client.call("GET", succeeded)["total_entries"] < runs + work.tasks
        ):
            took_s = time.time() - posted
            if took_s > cutoff_s:
                done = session.witness.look() - marks
                result.add(rate=done / took_s)
                result.notes.append(f"cut off after {took_s:.0f} s with {done} done")
                break
            time.sleep(0.002)
        else:
            wall_s = time.time() - posted
            result.add(wall_s=wall_s, rate=work.tasks / wall_s)
    result.foreign.append(spent.foreign)
    _spent_per_task(result, [spent], max(1, session.witness.look() - marks), Spent(), [0])
    if not result.notes:
        run_ids = [mark.run_id for mark in session.witness.marks[marks:]]
        _compare(result, session, work, run_ids, dag_id="~")
    return result


def _visible(session: Session, work: Workload, runs: int, cutoff_s: float) -> Result:
    """From a DAG file's being saved to its DAG's being there."""
    result = Result()
    text = (session.engine.files / work.file).read_text()
    session.ready(work.dag_id)
    with session.spending() as spent:
        for number in range(runs):
            dag_id = f"saved_{number:03d}"
            (session.engine.files / f"{dag_id}.py").write_text(text)
            saved = time.time()
            while not session.has(dag_id):
                if time.time() - saved > cutoff_s:
                    result.notes.append(f"not visible after {cutoff_s:.0f} s")
                    return result
                time.sleep(0.004)
            result.add(visible_ms=(time.time() - saved) * 1000)
            time.sleep(0.3 + number * 37 % 100 / 1000)
    result.foreign.append(spent.foreign)
    return result


def _waiting(session: Session, work: Workload, _: int, cutoff_s: float) -> Result:
    """CPU of tasks that wait by being called again and again; measured from when all have been
    called once."""
    result = Result()
    session.ready(work.dag_id)
    marks = session.witness.look()
    posted = time.monotonic()
    run_id = f"bench_{work.name}"
    _trigger(session, work, [run_id])
    while session.witness.look() < marks + work.tasks:
        if time.monotonic() - posted > cutoff_s:
            result.notes.append("not all have looked once")
            return result
        time.sleep(0.1)
    seconds = max(work.quiet_s, 1.0)
    marks = session.witness.look()
    with session.spending() as spent:
        time.sleep(seconds)
    looks = session.witness.look() - marks
    result.add(
        waiting_cpu_percent=(spent.engine_s + spent.database_s) / seconds * 100,
        scheduler_cpu_percent=spent.parts.get("scheduler", 0.0) / seconds * 100,
        looks=looks,
    )
    result.parts_ms = {part: s / max(1, looks) * 1000 for part, s in sorted(spent.parts.items())}
    result.foreign.append(spent.foreign)
    session.client.call(
        "PATCH", f"/api/v2/dags/{work.dag_id}/dagRuns/{run_id}", {"state": "success"}
    )
    return result


def _deferred(session: Session, work: Workload, _: int, cutoff_s: float) -> Result:
    """CPU, and memory of the triggerer, while tasks wait without a process; measured from a while
    after the last has begun to."""
    result = Result()
    session.ready(work.dag_id)
    run_id = f"bench_{work.name}"
    run = f"/api/v2/dags/{work.dag_id}/dagRuns/{run_id}"
    posted = time.monotonic()
    _trigger(session, work, [run_id])
    ask = f"{run}/taskInstances?state=deferred&limit=1"
    while (waiting := session.client.call("GET", ask)["total_entries"]) < work.tasks:
        if time.monotonic() - posted > cutoff_s:
            result.notes.append(f"{waiting} of {work.tasks} wait after {cutoff_s:.0f} s")
            return result
        time.sleep(0.5)
    result.add(deferred_s=time.monotonic() - posted)
    time.sleep(work.quiet_s / 6)  # the triggers begin
    seconds = max(work.quiet_s, 1.0)
    with session.spending() as spent:
        time.sleep(seconds)
    engine = session.engine
    by_role = defaultdict(list)
    for pid in engine.account.pids():
        by_role[engine.role_of(title_of(pid))].append(pid)
    result.add(
        deferred_cpu_percent=(spent.engine_s + spent.database_s) / seconds * 100,
        scheduler_cpu_percent=spent.parts.get("scheduler", 0.0) / seconds * 100,
        triggerer_pss_mib=pss_mib(by_role["triggerer"] + by_role["triggers"]),
        scheduler_pss_mib=pss_mib(by_role["scheduler"]),
    )
    result.foreign.append(spent.foreign)
    session.client.call("PATCH", run, {"state": "success"})
    return result


def _idle(session: Session, work: Workload, _: int, cutoff_s: float) -> Result:
    """Memory and CPU when nothing has happened for a minute."""
    result = Result()
    session.ready(work.dag_id)
    posted = time.time()
    _trigger(session, work, ["bench_idle"])
    _until_done(session, work, ["bench_idle"], posted, 0.0, cutoff_s)
    time.sleep(work.quiet_s)
    weighing_s = 10.0 if work.quiet_s else 1.0
    with session.spending() as spent:
        time.sleep(weighing_s)
    pids = session.engine.account.pids()
    result.add(
        processes=len(pids),
        pss_mib=pss_mib(pids),
        idle_cpu_percent=(spent.engine_s + spent.database_s) / weighing_s * 100,
    )
    result.foreign.append(spent.foreign)
    return result


_HOW: dict[str, Callable[[Session, Workload, int, float], Result]] = {
    "triggered": _triggered,
    "latency": _latency,
    "unpaused": _unpaused,
    "visible": _visible,
    "waiting": _waiting,
    "deferred": _deferred,
    "idle": _idle,
}


def imported(engine: Engine, runs: int) -> Result:
    """How long a fresh interpreter takes to import what a DAG file begins with. The engine is not
    started."""
    result = Result()
    environ = engine.environ()
    for number in range(-1, runs):
        started = time.perf_counter()
        subprocess.run(
            [engine.folder / "python", "-c", engine.statement],
            env=environ,
            cwd=engine.home,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        if number >= 0:
            result.add(import_ms=(time.perf_counter() - started) * 1000)
    engine.clean()
    return result

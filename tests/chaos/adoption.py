"""The scheduler alone is killed while tasks sleep: `python -m tests.chaos.adoption`.

It comes back later and finds them as they were: the same processes, the first try, and those that
have ended meanwhile with the time of their own end.
"""

import argparse
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.chaos import shape
from tests.chaos.scenario import RUN_ID, finish, running, trigger
from tests.chaos.services import SEPARATE, Services
from tests.chaos.shape import Work
from tests.chaos.witness import Outside, stored_run
from tradewind.model.states import TaskState

START_WITHIN_S = 240.0
CLOCKS_AGREE_S = 0.5
"""Between a task's own clock and its end_date. A task has a line to write in between."""


@dataclass(frozen=True)
class Report:
    """What was found."""

    faults: list[str]
    tasks: int
    ended_meanwhile: int
    worst_s: float
    """Largest difference between a task's own clock and the end_date of the database."""


def play(home: Path, *, tasks: int, sleep_s: float, away_s: float) -> Report:
    """Start the tasks, kill the scheduler shortly before they end, start it again."""
    journal = home / "outside"
    works = [
        # some end before the kill, most while nobody looks, some after
        Work(f"t{number:03d}", f"sleeps {sleep_s + away_s * number / tasks}", 0, (), False)
        for number in range(tasks)
    ]
    shape.write(works, home / "dags", journal, max_active_tasks=tasks)
    services = Services(
        home,
        {name: SEPARATE[name] for name in ("scheduler", "dag-processor")},
        TRADEWIND__CORE__DAGS_ARE_PAUSED_AT_CREATION="False",
        TRADEWIND__CORE__PARALLELISM=str(tasks),
    )
    url = f"sqlite:///{home / 'tradewind.db'}"
    with running(services):
        trigger(services)
        deadline = time.monotonic() + START_WITHIN_S
        while len(first := Outside.read(journal, RUN_ID).tries) < tasks:
            services.tend()
            assert time.monotonic() < deadline, f"only {len(first)} tasks have started"
            time.sleep(0.02)
        begun = min(seen.starts[0] for of in first.values() for seen in of.values())
        time.sleep(max(0.0, begun / 1e9 + sleep_s + away_s * 0.1 - time.monotonic()))
        (scheduler,) = services.pids("scheduler")
        killed = time.monotonic_ns()
        services.kill(scheduler, away_s)
        time.sleep(away_s)
        back = time.monotonic_ns()
        finish(services, journal, url)
    to_wall_ns = time.time_ns() - time.monotonic_ns()
    run = stored_run(url, RUN_ID)
    assert run is not None
    found, meanwhile, worst_s = [], 0, 0.0
    outside = Outside.read(journal, RUN_ID).tries
    for task in run.tasks:
        tries = outside[task.key.task_id]
        if (task.state, task.try_number, list(tries)) != (TaskState.SUCCESS, 1, [1]):
            found.append(f"{task.key.task_id}: {task.state}, try {task.try_number}, ran {tries}")
            continue
        seen = tries[1]
        assert task.end_date is not None
        off_s = abs(task.end_date.timestamp() - (seen.ends[0] + to_wall_ns) / 1e9)
        worst_s = max(worst_s, off_s)
        meanwhile += killed < seen.ends[0] < back
        if task.pid != seen.pid or off_s > CLOCKS_AGREE_S:
            found.append(f"{task.key.task_id}: pid {task.pid}, not {seen.pid}; {off_s:.3f} s off")
    if not meanwhile:
        found.append("no task has ended while the scheduler was away")
    return Report(found, len(run.tasks), meanwhile, worst_s)


def main() -> int:
    """The figures of the acceptance, unless others are given."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.adoption", description=__doc__)
    parser.add_argument("--tasks", type=int, default=50)
    parser.add_argument("--sleep", type=float, default=20.0, help="seconds that a task sleeps")
    parser.add_argument("--away", type=float, default=5.0, help="seconds without a scheduler")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tw-adoption-") as home:
        report = play(Path(home), tasks=options.tasks, sleep_s=options.sleep, away_s=options.away)
    print(
        f"{report.tasks} tasks, {report.ended_meanwhile} ended without a scheduler, "
        f"clocks at most {report.worst_s * 1000:.1f} ms apart; {len(report.faults)} faults"
    )
    for fault in report.faults:
        print(f"  {fault}")
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())

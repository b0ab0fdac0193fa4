"""`python -m tests.chaos.once`: tasks without retries never start twice, whenever it strikes.

One home and one DAG; a seed is a short run of tasks without retries into which supervisors,
schedulers and zygotes are killed at an instant that matters: between dispatch and `started`, while
`started` is being synced, while a supervisor or a scheduler starts again, or just at random.
"""

import argparse
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.chaos import shape
from tests.chaos.scenario import STILL_FOR_S, running, trigger
from tests.chaos.services import SEPARATE, Services, supervisor_of
from tests.chaos.shape import DAG_ID, Work
from tests.chaos.verdict import faults
from tests.chaos.witness import Killed, Outside, stored_run, stored_tries
from tradewind.model.clock import SystemClock
from tradewind.model.commands import TriggerRun
from tradewind.model.states import RUN_FINISHED
from tradewind.storage import bells, inbox
from tradewind.storage.database import Database

MOMENT_WITHIN_S = 2.0
"""A moment that does not come (the run was faster) is no moment."""


@dataclass
class Tally:
    """All seeds together."""

    seeds: int = 0
    kills: int = 0
    lost: int = 0
    faults: list[str] = field(default_factory=list)


class Stage:
    """A home with one scheduler, in which seed after seed is played."""

    def __init__(self, home: Path, services: Services, works: list[Work]) -> None:
        self.home = home
        self.services = services
        self.works = works
        self.url = f"sqlite:///{home / 'tradewind.db'}"
        self.journal = home / "outside"
        self.kills: list[Killed] = []

    # --- moments --------------------------------------------------------------------------

    def until(self, has_come: Callable[[], bool], *, tend: bool = True) -> None:
        """Look as often as possible."""
        until = time.monotonic() + MOMENT_WITHIN_S
        while not has_come() and time.monotonic() < until:
            if tend:
                self.services.tend()

    def written(self) -> int:
        """Bytes in the attempt journal."""
        size = 0
        for path in (self.home / "run" / "attempts").glob("*"):
            try:
                size += path.stat().st_size
            except FileNotFoundError:
                continue
        return size

    def lines(self) -> int:
        return self.journal.stat().st_size

    # --- deeds ----------------------------------------------------------------------------

    def kill(self, role: str, restart_after_s: float = 0.0) -> None:
        """kill -9 whoever plays the role, if anybody does."""
        pids = self.services.pids(role)
        if pids:
            self.kills.append(Killed(time.monotonic_ns(), role, pids[0]))
            self.services.kill(pids[0], restart_after_s)

    def kill_supervisor(self, pid: int | None) -> None:
        """As `kill`, when every microsecond counts."""
        if pid is not None:
            self.kills.append(Killed(time.monotonic_ns(), "supervisor", pid))
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                return

    def trigger(self, run_id: str) -> None:
        now = SystemClock().now()
        with closing(Database(self.url)) as database:
            with database.write() as connection:
                order = TriggerRun(dag_id=DAG_ID, run_id=run_id, run_after=now)
                inbox.put(connection, order, now)
            bells.ring(database, "scheduler")

    # --- one seed -------------------------------------------------------------------------

    def play(self, seed: int, tally: Tally) -> list[str]:
        """What is wrong after it."""
        random = Random(seed)
        run_id = f"s{seed}"
        self.kills.clear()
        self.until(lambda: supervisor_of(self.home) is not None)
        supervisor = supervisor_of(self.home)
        written, lines = self.written(), self.lines()
        self.trigger(run_id)
        strike = random.choice(STRIKES)
        strike(self, random, supervisor, written, lines)
        deadline = time.monotonic() + STILL_FOR_S
        while (run := stored_run(self.url, run_id)) is None or run.state not in RUN_FINISHED:
            self.services.tend()
            assert time.monotonic() < deadline, f"seed {seed} is stuck: {run}"
            time.sleep(0.02)
        tries = stored_tries(self.url, run)
        outside = Outside.read(self.journal, run_id)
        tally.seeds += 1
        tally.kills += len(self.kills)
        tally.lost += sum(of[-1].state == "failed" for of in tries.values())
        return faults(self.works, outside, tries, self.kills)


def at_random(
    stage: Stage, random: Random, supervisor: int | None, written: int, lines: int
) -> None:
    """At any instant of the run."""
    time.sleep(random.uniform(0, 0.15))
    stage.kill_supervisor(supervisor)


def in_the_sync(
    stage: Stage, random: Random, supervisor: int | None, written: int, lines: int
) -> None:
    """A `started` has been written, and perhaps not synced."""
    more = random.choice((1, 60, 300))
    stage.until(lambda: stage.written() >= written + more, tend=False)
    stage.kill_supervisor(supervisor)


def at_birth(
    stage: Stage, random: Random, supervisor: int | None, written: int, lines: int
) -> None:
    """A process has been forked that has perhaps not said a word."""
    stage.until(lambda: bool(stage.services.pids("task")), tend=False)
    if random.random() < 0.5:
        stage.kill_supervisor(supervisor)
    else:
        stage.kill(random.choice(("base", "zygote")))


def in_user_code(
    stage: Stage, random: Random, supervisor: int | None, written: int, lines: int
) -> None:
    """A task has begun: kill its supervisor or zygote, and the scheduler too."""
    stage.until(lambda: stage.lines() > lines + random.randint(0, 200), tend=False)
    stage.kill_supervisor(supervisor) if random.random() < 0.7 else stage.kill("zygote")
    if random.random() < 0.5:
        stage.kill("scheduler", random.uniform(0, 0.2))


def in_dispatch(
    stage: Stage, random: Random, supervisor: int | None, written: int, lines: int
) -> None:
    """The scheduler first, between its commit and its order; then whoever is left."""
    time.sleep(random.uniform(0, 0.03))
    stage.kill("scheduler")
    if random.random() < 0.5:
        time.sleep(random.uniform(0, 0.02))
        stage.kill_supervisor(supervisor)


def in_restart(
    stage: Stage, random: Random, supervisor: int | None, written: int, lines: int
) -> None:
    """And the next one too, as soon as it is there, or a moment later."""
    stage.until(lambda: stage.lines() > lines, tend=False)
    stage.kill_supervisor(supervisor)
    if random.random() < 0.5:
        stage.kill("scheduler")
        time.sleep(random.uniform(0, 0.6))
        stage.services.tend()
    dead = {None, supervisor}
    for _ in range(random.randint(1, 3)):
        stage.until(lambda: supervisor_of(stage.home) not in dead)
        time.sleep(random.choice((0.0, random.uniform(0, 0.15))))
        stage.kill_supervisor(another := supervisor_of(stage.home))
        dead.add(another)


def of_a_scheduler_that_starts(
    stage: Stage, random: Random, supervisor: int | None, written: int, lines: int
) -> None:
    """Schedulers one after the other, while the tasks go on."""
    for _ in range(random.randint(1, 3)):
        time.sleep(random.uniform(0, 0.05))
        stage.kill("scheduler")
        stage.services.tend()
        time.sleep(random.uniform(0.3, 0.9))
    stage.kill_supervisor(supervisor)


STRIKES = (
    at_random,
    in_the_sync,
    at_birth,
    in_user_code,
    in_dispatch,
    in_restart,
    of_a_scheduler_that_starts,
)


def play(home: Path, seeds: range, tally: Tally, tasks: int = 16) -> None:
    """Play the seeds in an empty home."""
    random = Random(seeds.start)
    works = [
        Work(
            f"t{number:03d}",
            random.choice(("quick", "quick", "pushes", "program", "daemon")),
            0,
            (f"t{number // 2:03d}",) if number >= tasks // 2 else (),
            True,
        )
        for number in range(tasks)
    ]
    shape.write(works, home / "dags", home / "outside", max_active_tasks=8)
    services = Services(
        home,
        {name: SEPARATE[name] for name in ("scheduler", "dag-processor")},
        TRADEWIND__CORE__DAGS_ARE_PAUSED_AT_CREATION="False",
    )
    with running(services):
        trigger(services)
        stage = Stage(home, services, works)
        stage.until(lambda: stage.lines() > 0)
        for seed in seeds:
            tally.faults += [f"seed {seed}: {fault}" for fault in stage.play(seed, tally)]
    for run in (f"s{seed}" for seed in seeds):
        outside = Outside.read(home / "outside", run)
        tally.faults += [f"{run}: process {pid} is left" for pid in outside.leftovers()]


def main() -> int:
    """Play seeds A-B; 1 if a task without retries has started twice, or anything else is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.once", description=__doc__)
    parser.add_argument("--seeds", default="1-200", help="A-B")
    first, _, last = parser.parse_args().seeds.partition("-")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    began = time.monotonic()
    tally = Tally()
    try:
        with tempfile.TemporaryDirectory(prefix="tw-once-") as home:
            play(Path(home), range(int(first), int(last or first) + 1), tally)
    finally:
        print(
            f"{tally.seeds} seeds, {tally.kills} kills, {tally.lost} tasks lost for good, "
            f"{time.monotonic() - began:.0f} s, {len(tally.faults)} faults"
        )
        for fault in tally.faults:
            print(f"  {fault}")
    return 1 if tally.faults else 0


if __name__ == "__main__":
    sys.exit(main())

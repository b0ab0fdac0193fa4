"""One seed: a run, killed into again and again, and the verdict on it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.acceptance.product import using
from tests.chaos import shape
from tests.chaos.services import SEPARATE, TOGETHER, Services
from tests.chaos.verdict import faults
from tests.chaos.witness import Killed, Outside, stored_run, stored_tries
from tradewind.model.states import RUN_FINISHED

RUN_ID = "r1"
TASKS_PER_KILL = 60
STILL_FOR_S = 240.0
"""Without a line from any task for so long, the run is stuck."""
VICTIMS: tuple[tuple[str, ...], ...] = (
    ("scheduler",),
    ("scheduler",),
    ("supervisor",),
    ("supervisor",),
    ("scheduler", "supervisor"),
    ("dag-processor",),
    ("api-server",),
    ("triggerer",),
    ("triggerer 2", "triggers"),
    ("triggers",),
    ("base",),
    ("zygote",),
    ("task",),
    ("task", "task", "task"),
    ("task", "scheduler"),
    ("standalone",),
    ("zygote", "scheduler"),
    ("zygote", "task"),
    ("base", "supervisor"),
    ("scheduler", "dag-processor", "api-server"),
    ("scheduler", "triggerer", "triggerer 2"),
    (
        *("scheduler", "supervisor", "dag-processor", "api-server", "triggerer", "triggerer 2"),
        *("base", "zygote", "task"),
    ),
)


@dataclass(frozen=True)
class Blow:
    """A kill to come: when so many lines are in the outside journal, and a moment later."""

    lines: int
    later_s: float
    victims: tuple[str, ...]
    restart_after_s: float


@dataclass(frozen=True)
class Report:
    """What became of a seed."""

    seed: int
    faults: list[str]
    kills: list[Killed]
    tasks: int
    starts: int
    lost: int
    """Tasks without retries that were killed, and so failed."""
    seconds: float

    def line(self) -> str:
        """For people."""
        roles: dict[str, int] = {}
        for kill in self.kills:
            roles[kill.role] = roles.get(kill.role, 0) + 1
        killed = ", ".join(f"{count} {role}" for role, count in sorted(roles.items()))
        return (
            f"seed {self.seed}: {'FAILED' if self.faults else 'ok'}, {self.tasks} tasks, "
            f"{self.starts} starts, {self.lost} lost for good, {self.seconds:.0f} s; "
            f"killed {killed or 'nothing'}"
        )


def plan_blows(random: Random, tasks: int) -> list[Blow]:
    """Kills spread over the run, some of them close together."""
    count = max(4, tasks // TASKS_PER_KILL)
    blows = []
    lines = 0.0
    for _ in range(count):
        lines += random.expovariate(count / (1.7 * tasks))
        blows.append(
            Blow(
                int(lines),
                random.choice((0.0, random.uniform(0, 0.05), random.uniform(0, 0.8))),
                random.choice(VICTIMS),
                random.choice((0.0, random.uniform(0, 0.3), random.uniform(0, 2.0))),
            )
        )
    return [blow for blow in blows if blow.lines < 1.9 * tasks]


def play(
    seed: int, tasks: int, home: Path, url: str | None = None, isolation: str = "fork"
) -> Report:
    """Run the seed in an empty home; leaves it there."""
    random = Random(seed)
    began = time.monotonic()
    works = shape.make(random, tasks)
    journal = home / "outside"
    shape.write(works, home / "dags", journal, random.choice((8, 16, 32)))
    commands = random.choice((SEPARATE, SEPARATE, TOGETHER))
    more = {
        "TRADEWIND__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "TRADEWIND__CORE__KILLED_TASK_CLEANUP_TIME": "2",
        "TRADEWIND__CORE__ISOLATION": isolation,
    }
    if url is not None:
        more["TRADEWIND__DATABASE__URL"] = url
    services = Services(home, commands, **more)
    stored_at = url or f"sqlite:///{home / 'tradewind.db'}"
    kills: list[Killed] = []
    with running(services):
        trigger(services)
        _strike(services, journal, plan_blows(random, tasks), random, kills)
        finish(services, journal, stored_at)
    run = stored_run(stored_at, RUN_ID)
    assert run is not None
    outside = Outside.read(journal, RUN_ID)
    tries = stored_tries(stored_at, run)
    found = faults(works, outside, tries, kills)
    found += [f"process {pid} of a task is left" for pid in outside.leftovers()]
    found += [f"process {pid} is left: {name}" for pid, name in using(home).items()]
    found += [
        f"the attempt journal keeps {path.name}" for path in (home / "run/attempts").iterdir()
    ]
    starts = sum(len(one.starts) for of in outside.tries.values() for one in of.values())
    lost = sum(of[-1].state == "failed" for of in tries.values())
    return Report(seed, found, kills, len(works), starts, lost, time.monotonic() - began)


@contextmanager
def running(services: Services) -> Iterator[None]:
    """The services on a database of their own, until the end."""
    assert services.command("db", "migrate") == 0, services.said()
    try:
        yield
    except BaseException as error:
        error.add_note(services.said())
        raise
    finally:
        services.stop()


def trigger(services: Services) -> None:
    """As soon as the DAG file has been read."""
    deadline = time.monotonic() + STILL_FOR_S
    services.tend()
    while services.command("dags", "trigger", shape.DAG_ID, "--run-id", RUN_ID) != 0:
        assert time.monotonic() < deadline, "the DAG file is not read"
        _pause(services, 0.2)


def _strike(
    services: Services, journal: Path, blows: list[Blow], random: Random, kills: list[Killed]
) -> None:
    """Wait for each moment, and kill."""
    for blow in blows:
        quiet_since, lines = time.monotonic(), -1
        while (now := _count_lines(journal)) < blow.lines:
            services.tend()
            if now != lines:
                quiet_since, lines = time.monotonic(), now
            assert time.monotonic() - quiet_since < STILL_FOR_S, f"still at {lines} lines"
            time.sleep(0.005)
        _pause(services, blow.later_s)
        for role in blow.victims:
            pids = services.pids(role)
            if pids:
                pid = random.choice(pids)
                is_of_standalone = role in ("standalone", *SEPARATE) and services.are_together
                kills.append(Killed(time.monotonic_ns(), role, pid, is_of_standalone))
                services.kill(pid, blow.restart_after_s)


def finish(services: Services, journal: Path, url: str) -> None:
    """Wait for the end of the run."""
    quiet_since, lines = time.monotonic(), -1
    while (run := stored_run(url, RUN_ID)) is None or run.state not in RUN_FINISHED:
        if (now := _count_lines(journal)) != lines:
            quiet_since, lines = time.monotonic(), now
        assert time.monotonic() - quiet_since < STILL_FOR_S, f"still at {lines} lines: {run}"
        _pause(services, 0.2)


def _pause(services: Services, seconds: float) -> None:
    until = time.monotonic() + seconds
    services.tend()
    while time.monotonic() < until:
        time.sleep(min(0.005, seconds))
        services.tend()


def _count_lines(journal: Path) -> int:
    return journal.read_bytes().count(b"\n")

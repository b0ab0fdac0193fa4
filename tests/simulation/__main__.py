"""`python -m tests.simulation --seed N --trace` plays one seed again; `--seeds N` many."""

import argparse
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager

from tests import postgresql
from tests.simulation.planted import PLANTED
from tests.simulation.shell import FailingDatabase
from tests.simulation.world import Report, simulate
from tradewind.storage import schema
from tradewind.storage.database import Database

Play = Callable[..., Report]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seed", type=int, help="play this one")
    parser.add_argument("--trace", action="store_true", help="print all that happens")
    parser.add_argument("--seeds", type=int, default=500, help="play so many")
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first of them")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so long")
    parser.add_argument("--postgresql", action="store_true", help="on a PostgreSQL of its own")
    parser.add_argument("--plant", metavar="NAME", help="have a bug of planted.py meanwhile")
    chosen = parser.parse_args()
    with ExitStack() as stack:
        if chosen.plant is not None:
            (bug,) = (bug for bug in PLANTED if bug.name == chosen.plant)
            stack.enter_context(bug.plant())
        play: Play = simulate
        if chosen.postgresql:
            play = stack.enter_context(on_postgresql())
        if chosen.seed is None:
            return many(play, chosen.first, chosen.seeds, chosen.seconds)
        report = play(chosen.seed, trace=chosen.trace)
        print("\n".join(report.trace))
        return tell(report)


@contextmanager
def on_postgresql() -> Iterator[Play]:
    """Plays each seed in a database of its own."""
    with postgresql.running() as server:
        template = server.create()
        with closing(Database(server.url(template))) as database:
            schema.create_or_upgrade(database)

        def play(seed: int, *, trace: bool = False) -> Report:
            name = server.create(template=template)
            try:
                with closing(FailingDatabase(server.url(name))) as database:
                    return simulate(seed, trace=trace, database=database)
            finally:
                server.drop(name)

        yield play


def tell(report: Report) -> int:
    if report.violation is None:
        print(f"seed {report.seed}: {report.events} events, {report.commits} commits, all is well")
        return 0
    traceback.print_exception(report.violation, limit=-4)
    print(f"seed {report.seed} breaks: {report.violation}")
    print(f"replay with: python -m tests.simulation --seed {report.seed} --trace")
    return 1


def many(play: Play, first: int, count: int, seconds: float) -> int:
    began, cpu = time.monotonic(), time.process_time()
    faults: Counter[str] = Counter()
    total: Counter[str] = Counter()
    failed: list[Report] = []
    for seed in range(first, first + count):
        if time.monotonic() - began > seconds:
            count = seed - first
            break
        report = play(seed)
        faults += report.faults
        for name in ("events", "commits", "runs", "tasks"):
            total[name] += getattr(report, name)
        if report.violation is not None:
            failed.append(report)
            tell(report)
        done = seed - first + 1
        if done % 50 == 0 and sys.stderr.isatty():
            sys.stderr.write(f"\r{done} of {count} seeds, {len(failed)} broken ")
    wall = time.monotonic() - began
    print(f"\n{count} seeds from {first}, {len(failed)} broken")
    for name, number in total.items():
        print(f"  {name}: {number}")
    print("  faults: " + ", ".join(f"{kind} {number}" for kind, number in faults.most_common()))
    cpu = time.process_time() - cpu
    print(f"  {wall:.1f} s, {cpu:.1f} s of CPU, {count / wall:.1f} seeds/s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

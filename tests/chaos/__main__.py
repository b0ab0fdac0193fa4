"""`python -m tests.chaos`: kill real processes in the middle of a run, seed after seed."""

import argparse
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from tests import postgresql
from tests.chaos.scenario import play


def main() -> int:
    """Run the seeds; the exit code: 1 if any failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seeds", default="1-3", help="A-B, or one seed")
    parser.add_argument("--tasks", type=int, default=2000, help="tasks of the run")
    parser.add_argument("--postgresql", action="store_true", help="instead of SQLite")
    parser.add_argument("--isolation", default="fork", help="fork, reuse or spawn")
    parser.add_argument("--keep", action="store_true", help="keep the homes of seeds that fail")
    options = parser.parse_args()
    first, _, last = options.seeds.partition("-")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # and leave no process
    failed = []
    with ExitStack() as at_end:
        server = (
            at_end.enter_context(postgresql.running(durable=True)) if options.postgresql else None
        )
        new_url: Callable[[], str | None]
        new_url = (lambda: server.url(server.create())) if server else (lambda: None)
        for seed in range(int(first), int(last or first) + 1):
            home = Path(tempfile.mkdtemp(prefix=f"tw-chaos-{seed}-"))
            report = play(seed, options.tasks, home, new_url(), options.isolation)
            print(report.line(), flush=True)
            for fault in report.faults:
                print(f"  {fault}")
            if report.faults:
                failed.append(seed)
                on = f" --isolation {options.isolation}"
                on += " --postgresql" if options.postgresql else ""
                print(f"  again: python -m tests.chaos --seeds {seed} --tasks {options.tasks}{on}")
            if report.faults and options.keep:
                print(f"  home: {home}")
            else:
                shutil.rmtree(home)
    print(f"{int(last or first) + 1 - int(first)} seeds, {len(failed)} failed {failed or ''}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

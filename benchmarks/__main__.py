"""`python -m benchmarks`: measures, prints one Markdown table. `make bench` calls it."""

import argparse
import json
import signal
import sys
import time
from pathlib import Path

from benchmarks import columns as known
from benchmarks import report
from benchmarks.columns import DATABASES, Column
from benchmarks.first_start import first_start
from benchmarks.run import Results, measure_all, smoke
from benchmarks.workloads import WORKLOADS, Workload

CACHE = Path(__file__).parents[1] / ".bench"


def main() -> int:
    """Exit code 1 if a workload failed, or records were not what the tasks saw."""
    options = _options()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    if options.smoke:
        return smoke()
    if options.first_start:
        print(f"right after `make setup` in a fresh clone, to healthy: {first_start():.2f} s")
        return 0
    CACHE.mkdir(exist_ok=True)
    kept = CACHE / time.strftime("results-%Y%m%d-%H%M%S.json")
    results = Results(_columns(options), _chosen(options))
    try:
        for _ in measure_all(results, options.runs):
            kept.write_text(json.dumps(results.as_data(), indent=1))
    except KeyboardInterrupt:
        results.errors.append("interrupted; this is what there was")
    print(f"every sample is in {kept}", file=sys.stderr)
    print(report.markdown(results))
    for problem in results.problems():
        print(f"FAILED: {problem}", file=sys.stderr)
    return 1 if results.problems() else 0


def _interrupt(*_: object) -> None:
    """Once: what was started is stopped undisturbed."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _chosen(options: argparse.Namespace) -> list[Workload]:
    if options.only:
        return [work for work in WORKLOADS if work.name in options.only]
    return [work for work in WORKLOADS if work.against_runs or not options.against]


def _columns(options: argparse.Namespace) -> list[Column]:
    columns = known.ours(options.databases, options.isolation)
    if options.against == "airflow":
        cache = Path(options.cache or CACHE)
        columns += known.of_airflow(cache, options.against_databases, options.profiles)
    return columns


def _options() -> argparse.Namespace:
    names = [work.name for work in WORKLOADS]
    arguments = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    _several(arguments, "--only", names, [], "workloads")
    _several(arguments, "--databases", list(DATABASES), list(DATABASES), "databases of Tradewind")
    _several(arguments, "--isolation", known.isolations(), known.isolations(), "isolations")
    arguments.add_argument("--runs", type=int, help="counted runs of each workload, at most")
    arguments.add_argument("--against", choices=["airflow"], help="measure this beside it")
    _several(arguments, "--against-databases", list(DATABASES), ["postgresql"], "databases of it")
    _several(arguments, "--profiles", ["default", "tuned"], ["default"], "profiles of Airflow")
    arguments.add_argument("--cache", help="folder of the other engine's environment")
    arguments.add_argument("--smoke", action="store_true", help="every workload once, tiny")
    arguments.add_argument(
        "--first-start", action="store_true", help="only: set up a fresh clone and start it"
    )
    return arguments.parse_args()


def _several(
    arguments: argparse.ArgumentParser, flag: str, known: list[str], default: list[str], what: str
) -> None:
    def names(text: str) -> list[str]:
        chosen = [name for name in text.split(",") if name]
        for name in chosen:
            if name not in known:
                raise argparse.ArgumentTypeError(f"{name} is none of {', '.join(known)}")
        return chosen or default

    arguments.add_argument(
        flag, type=names, default=default, help=f"{what}, with commas: {', '.join(known)}"
    )


if __name__ == "__main__":
    sys.exit(main())

"""`python -m tests.airflow_suites`: Airflow's unit tests on us, with Airflow as control."""

import argparse
import sys
from collections import Counter, defaultdict
from pathlib import Path

from tests.airflow_suites import environments
from tests.airflow_suites.reasons import Reason, reason_of
from tests.airflow_suites.running import Result, passed_by_file, read, run
from tests.airflow_suites.suites import SUITES, Suite, unpack


def main() -> int:
    """Print the table of files, and the reasons."""
    parser = argparse.ArgumentParser(prog="python -m tests.airflow_suites", description=__doc__)
    parser.add_argument("--suite", action="append", help=", ".join(each.name for each in SUITES))
    parser.add_argument("--files", default=".conformance", type=Path, help="where all is kept")
    parser.add_argument("--control", action="store_true", help="run Airflow again, too")
    parser.add_argument("--control-python", type=Path, help="a Python that has Airflow, if any")
    parser.add_argument("--failures", action="store_true", help="every test that differs")
    options = parser.parse_args()
    folder = options.files.absolute()
    ours = environments.ours(folder)
    totals: Counter[str] = Counter()
    for suite in SUITES:
        if options.suite and suite.name not in options.suite:
            continue
        tests = unpack(suite, folder)
        raw = folder / "results" / f"{suite.name}-control.jsonl"
        if options.control or not raw.is_file():
            python = options.control_python or environments.airflows(folder)
            control = run(suite, tests, python, raw)
        else:
            control = read(raw)
        us = run(suite, tests, ours, folder / "results" / f"{suite.name}-ours.jsonl")
        totals += show(suite, us, control, failures=options.failures)
    print(f"\npassed on us {totals['us']} of {totals['control']} that pass on Airflow")
    return 0


def show(
    suite: Suite, us: dict[str, Result], control: dict[str, Result], *, failures: bool
) -> Counter[str]:
    """Print one suite; the totals."""
    expected = {test for test, result in control.items() if result.outcome == "passed"}
    shared = {test: us.get(test) or _of_its_file(test, us) for test in expected}
    good = passed_by_file({test: result for test, result in shared.items()})
    why: defaultdict[str, Counter[Reason]] = defaultdict(Counter)
    for test, result in shared.items():
        if result.outcome != "passed":
            why[test.partition("::")[0]][reason_of(result)] += 1
    print(f"\n## {suite.distribution} {suite.version}\n")
    print("| file | us | Airflow | " + " | ".join(Reason) + " |")
    print("|" + " --- |" * (3 + len(Reason)))
    for file, count in sorted(passed_by_file(control).items()):
        numbers = " | ".join(str(why[file][reason] or "") for reason in Reason)
        print(f"| {file.removeprefix('tests/')} | {good[file]} | {count} | {numbers} |")
    if failures:
        for test in sorted(shared):
            if shared[test].outcome != "passed":
                print(f"{reason_of(shared[test])}: {test}: {shared[test].reason}")
    return Counter(us=good.total(), control=len(expected))


def _of_its_file(test: str, us: dict[str, Result]) -> Result:
    """A test that was not run: its file did not load."""
    return us.get(test.partition("::")[0], Result("not run", "its file gave no such test"))


if __name__ == "__main__":
    sys.exit(main())

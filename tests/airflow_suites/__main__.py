"""`python -m tests.airflow_suites`: Airflow's unit tests on us, with Airflow as control."""

import argparse
import sys
from collections import Counter, defaultdict
from pathlib import Path

from tests.airflow_suites import environments
from tests.airflow_suites.reasons import Reason, reason_of
from tests.airflow_suites.running import Result, passed_by_file, read, run
from tests.airflow_suites.suites import SUITES, Suite, unpack

_HEAD = "\n".join(
    ("| {} | us | Airflow | " + " | ".join(Reason) + " |", "|" + " --- |" * (3 + len(Reason)))
)


def main() -> int:
    """Print the files that differ, the table of suites, and the reasons."""
    parser = argparse.ArgumentParser(prog="python -m tests.airflow_suites", description=__doc__)
    parser.add_argument("--suite", action="append", help=", ".join(each.name for each in SUITES))
    parser.add_argument("--files", default=".conformance", type=Path, help="where all is kept")
    parser.add_argument("--control", action="store_true", help="run Airflow again, too")
    parser.add_argument("--control-python", type=Path, help="a Python that has Airflow, if any")
    parser.add_argument("--failures", action="store_true", help="every test that differs")
    options = parser.parse_args()
    folder = options.files.absolute()
    ours = environments.ours(folder)
    rows: list[str] = []
    totals: Counter[str] = Counter()
    for suite in SUITES:
        if options.suite and suite.name not in options.suite:
            continue
        tests = unpack(suite, folder)
        raw = folder / "results" / f"{suite.short}-control.jsonl"
        if (options.control and not suite.stand_ins) or not raw.is_file():
            python = options.control_python or environments.airflows(folder)
            control = run(suite, tests, python, raw)
        else:
            control = read(raw)
        results = folder / "results" / f"{suite.name}-ours.jsonl"
        us = run(suite, tests, ours, results, beside=environments.beside(suite, folder))
        counts = show(suite, us, control, failures=options.failures)
        rows.append(_row(f"{suite.name} {suite.version}", counts))
        totals += counts
    print(f"\n{_HEAD.format('suite')}")
    print("\n".join(rows))
    print(f"\npassed on us {totals['us']} of {totals['control']} that pass on Airflow")
    return 0


def show(
    suite: Suite, us: dict[str, Result], control: dict[str, Result], *, failures: bool
) -> Counter[str]:
    """Print the files of one suite that differ; the totals."""
    expected = {test for test, result in control.items() if result.outcome == "passed"}
    shared = {test: us.get(test) or _of_its_file(test, us) for test in expected}
    good = passed_by_file({test: result for test, result in shared.items()})
    why: defaultdict[str, Counter[Reason]] = defaultdict(Counter)
    for test, result in shared.items():
        if result.outcome != "passed":
            why[test.partition("::")[0]][reason_of(result)] += 1
    print(f"\n## {suite.name} {suite.version}\n")
    print(_HEAD.format("file"))
    for file, count in sorted(passed_by_file(control).items()):
        if good[file] != count:
            counts = Counter(us=good[file], control=count, **why[file])
            print(_row(file.removeprefix("tests/"), counts))
    if failures:
        for test in sorted(shared):
            if shared[test].outcome != "passed":
                print(f"{reason_of(shared[test])}: {test}: {shared[test].reason}")
    reasons = sum(why.values(), Counter[Reason]())
    return Counter(us=good.total(), control=len(expected), **reasons)


def _row(what: str, counts: Counter[str]) -> str:
    numbers = [counts["us"], counts["control"], *(counts[reason] or "" for reason in Reason)]
    return f"| {what} | " + " | ".join(map(str, numbers)) + " |"


def _of_its_file(test: str, us: dict[str, Result]) -> Result:
    """A test that was not run: its file did not load."""
    return us.get(test.partition("::")[0], Result("not run", "its file gave no such test"))


if __name__ == "__main__":
    sys.exit(main())

"""`python -m tests.example_table`: the table of all example DAG files, and its totals."""

import argparse
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.example_table.control import differences
from tests.example_table.reading import read_all
from tests.example_table.verdict import Outcome, Verdict, judge
from tests.example_table.wheels import RELEASES, unpack


def main() -> int:
    """Print the table; the exit code: 1 if any file failed through our own fault."""
    parser = argparse.ArgumentParser(prog="python -m tests.example_table", description=__doc__)
    parser.add_argument("--release", action="append", help="only this one: 1.10.15, 2.5.1, ...")
    parser.add_argument("--files", default=".examples", type=Path, help="where wheels are kept")
    parser.add_argument(
        "--beside", type=Path, help="a folder of packages (pip install --target) to have as well"
    )
    parser.add_argument(
        "--control", type=Path, help="the Python of a real Airflow: compare with what it finds"
    )
    parser.add_argument("--ours", action="store_true", help="only what fails by our own fault")
    parser.add_argument("--errors", action="store_true", help="whole errors beneath the table")
    options = parser.parse_args()
    totals: dict[str, Counter[Outcome]] = {}
    for release in RELEASES:
        if options.release and release.version not in options.release:
            continue
        folder = unpack(release, options.files.absolute())
        with tempfile.TemporaryDirectory(prefix="tradewind-examples-") as home:
            read = read_all(folder, Path(home), options.beside and options.beside.absolute())
        if options.control:
            control = Path(os.path.abspath(options.control))
            print(*differences(control, folder, read), sep="\n")
            continue
        verdicts = {path: judge(parsed) for path, parsed in read.items()}
        totals[release.version] = Counter(verdict.outcome for verdict in verdicts.values())
        for path, verdict in verdicts.items():
            if options.ours and verdict.outcome is not Outcome.OURS:
                continue
            print(line(release.version, path, verdict))
            if options.errors and read[path].error is not None:
                print(f"\n{read[path].error}\n")
    if totals:
        print(summary(totals))
    return 1 if any(counts[Outcome.OURS] for counts in totals.values()) else 0


def line(version: str, path: Path, verdict: Verdict) -> str:
    """One file in the table."""
    where = f"| {version} | {path.relative_to('airflow')} | {', '.join(verdict.dag_ids)} "
    refused = f"; running is refused: {', '.join(verdict.refused)}" if verdict.refused else ""
    reason = f": {verdict.reason}" if verdict.reason else ""
    return f"{where}| {verdict.outcome}{reason}{refused} |"


def summary(totals: dict[str, Counter[Outcome]]) -> str:
    """How many files of each release fared how."""
    rows = ["", "| release | files | " + " | ".join(Outcome) + " |"]
    rows.append("|" + " --- |" * (len(Outcome) + 2))
    for version, counts in totals.items():
        numbers = " | ".join(str(counts[outcome]) for outcome in Outcome)
        rows.append(f"| {version} | {counts.total()} | {numbers} |")
    return "\n".join(rows)


if __name__ == "__main__":
    sys.exit(main())

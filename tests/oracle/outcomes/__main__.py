"""Runs random DAGs on real Airflow 3.3.2 and on us, and compares what became of every task.

Airflow's answers are kept in `answers/`. Writes the figures into `docs/oracle.md`. Exit code 1 if
anything differs that is not meant to, or a construct is in too few DAGs.
"""

import argparse
import logging
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.oracle.cases import NEW
from tests.oracle.outcomes import report
from tests.oracle.outcomes.comparison import differences
from tests.oracle.outcomes.generator import FEWEST, coverage, rare, sketch
from tests.oracle.outcomes.kept import keep, kept
from tests.oracle.outcomes.meant import meant
from tests.oracle.outcomes.ours import NotYet, play
from tests.oracle.outcomes.sketch import Sketch
from tests.oracle.outcomes.theirs import ask
from tests.oracle.outcomes.writing import written

SEEDS = 1040


def main() -> int:
    parser = argparse.ArgumentParser(prog="make oracle", description=__doc__)
    parser.add_argument("--stored", action="store_true", help="compare with the answers kept")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="how many DAGs, from seed 0")
    options = parser.parse_args()
    warnings.simplefilter("ignore", DeprecationWarning)
    logging.disable(logging.CRITICAL)
    answers = kept(NEW)
    if not options.stored:
        for lot in ask(NEW, [sketch(seed) for seed in range(options.seeds)]):
            answers |= lot
            keep(NEW, answers)
            print(f"Airflow {NEW}: {len(answers)} DAGs", file=sys.stderr, flush=True)
    sketches = [sketch(seed) for seed in sorted(answers)]
    theirs = {seed: answer for seed, (_, answer) in answers.items()}
    found, details = compare(sketches, theirs)
    covered = coverage(sketches, theirs)
    lines = report.lines(NEW, found, covered)
    print("\n".join([*lines, *details]))
    report.write("random DAGs", lines)
    missing = rare(covered)
    if missing:
        print(f"in fewer than {FEWEST} DAGs: {missing}")
    return 1 if details or missing else 0


def compare(
    sketches: list[Sketch], theirs: Mapping[int, Mapping[str, Any]]
) -> tuple[Counter[str], list[str]]:
    """How many DAGs came out how, and every difference in words."""
    found: Counter[str] = Counter()
    details: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for one in sketches:
            other = theirs[one.seed]
            if "error" in other:
                found["error of Airflow"] += 1
                details.append(f"seed {one.seed}: {other['error']}")
                continue
            try:
                ours = play(one.seed, one.story, written(one, NEW, Path(folder)))
            except NotYet as reason:
                found[f"not yet: {str(reason).partition(' uses ')[2]}"] += 1
                continue
            lines = differences(ours, other)
            if not lines:
                found["the same"] += 1
            elif row := meant(one, ours, other):
                found[f"differs as meant, apache/airflow#{row.issue}"] += 1
            else:
                found["different"] += 1
                details += [f"seed {one.seed}: {line}" for line in lines]
    return found, details


if __name__ == "__main__":
    sys.exit(main())

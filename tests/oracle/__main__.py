"""Asks real Airflow 2.11.2 and 3.3.2 what the files of `cases` mean, and compares us with them.

Makes their environments below `.oracle/` (network needed), keeps their answers in `answers/`, and
prints a table. Exit code 1 if anything differs that is not meant to.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

from tests.oracle.answers import keep, kept
from tests.oracle.cases import CASES, NEW, OLD
from tests.oracle.comparison import MEANT, differences
from tests.oracle.environments import environment
from tests.oracle.ours import answer

ASK = Path(__file__).parent / "asking" / "ask.py"


def ask(version: str, python: Path) -> dict[str, Any]:
    """What that Airflow answers to every case it takes."""
    with tempfile.TemporaryDirectory() as home:
        jobs = []
        for case in CASES:
            if version in case.versions:
                path = Path(home) / "files" / f"{case.name}.py"
                path.parent.mkdir(exist_ok=True)
                path.write_text(case.source(version))
                now = case.moment.isoformat()
                jobs.append({"name": case.name, "path": str(path), "now": now, "runs": case.runs})
        variables = {
            "PATH": os.environ["PATH"],
            "HOME": home,
            "AIRFLOW_HOME": home,
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__LOGGING__LOGGING_LEVEL": "CRITICAL",
        }
        if version == OLD:
            migrate = [str(python), "-m", "airflow", "db", "migrate"]
            subprocess.run(migrate, env=variables, check=True, capture_output=True)
        answers = Path(home) / "answers.json"
        subprocess.run(
            [str(python), str(ASK), str(answers)],
            env=variables,
            input=json.dumps(jobs),
            text=True,
            check=True,
        )
        found: dict[str, Any] = json.loads(answers.read_text())
        return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="make oracle", description=__doc__)
    parser.add_argument("--stored", action="store_true", help="compare with the answers kept")
    stored = parser.parse_args().stored
    warnings.simplefilter("ignore", DeprecationWarning)
    table: dict[str, dict[str, str]] = {case.name: {} for case in CASES}
    details: list[str] = []
    for version in (OLD, NEW):
        if not stored:
            keep(version, ask(version, environment(version)))
        theirs = kept(version)
        with tempfile.TemporaryDirectory() as folder:
            for case in CASES:
                if version not in case.versions:
                    table[case.name][version] = "-"
                    continue
                if "error" in theirs[case.name]:
                    found = [f"Airflow {version}: {theirs[case.name]['error']}"]
                else:
                    ours = answer(case, version, Path(folder))
                    found = differences(version, case.name, ours, theirs[case.name])
                meant = "meant" if (version, case.name) in MEANT else "agrees"
                table[case.name][version] = "DIFFERS" if found else meant
                details += [f"{case.name}: {line}" for line in found]
    width = max(map(len, table))
    lines = [f"{'':{width}}  {OLD:8} {NEW:8}"]
    lines += [f"{name:{width}}  {row[OLD]:8} {row[NEW]:8}" for name, row in table.items()]
    lines += sorted({f"meant, {v} {case}: {why}" for (v, case), (why, _) in MEANT.items()})
    print("\n".join([*lines, *details]))
    return 1 if details else 0


if __name__ == "__main__":
    sys.exit(main())

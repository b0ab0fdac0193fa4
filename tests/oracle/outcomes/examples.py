"""Runs the example DAGs of a release on real Airflow and on us, and compares what became of them.

Each DAG gets one manual run of a fixed date. Files of 1.10.15 and 2.5.1 are run on Airflow 2.11.2
where that loads them. Nothing of the files or of what they return is kept: only the table.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.example_table.wheels import RELEASES, unpack
from tests.oracle.cases import NEW, OLD
from tests.oracle.outcomes import report
from tests.oracle.outcomes.comparison import differences
from tests.oracle.outcomes.left_out import LEFT_OUT
from tests.oracle.outcomes.sketch import Step
from tests.oracle.outcomes.theirs import ask_about

STORY: list[Step] = [("run", "a", "2024-01-02"), ("finish",)]
_AT_MOST_S = 40
_TOO_LONG = {"error": "takes too long"}

Outcomes = dict[str, Any]
"""DAG id -> its outcome."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="make oracle", description=__doc__)
    parser.add_argument("--release", action="append", help="only this one: 1.10.15, 2.5.1, ...")
    parser.add_argument("--files", default=".examples", type=Path, help="where wheels are kept")
    parser.add_argument("--stored", action="store_true", help="do not ask Airflow again")
    options = parser.parse_args()
    rows, details = [], []
    for release in RELEASES:
        if options.release and release.version not in options.release:
            continue
        folder = unpack(release, options.files.absolute())
        files = [path for path in sorted(folder.rglob("*.py")) if _is_example(path)]
        store = options.files / f"outcomes-{release.version}.json"
        if not options.stored:
            asked = NEW if release.version == NEW else OLD
            wanted = [path for path in files if path.stem not in LEFT_OUT]
            answers = ask_about(asked, wanted, folder, STORY, _AT_MOST_S)
            store.write_text(json.dumps(answers, indent=1, sort_keys=True))
        theirs: dict[str, Outcomes] = json.loads(store.read_text())
        found, more = _compare(files, folder, theirs)
        rows.append((release.version, len(files), found))
        details += [f"{release.version} {line}" for line in more]
    lines = report.of_examples(
        rows, [line.replace(f"{options.files.absolute()}/", "") for line in details]
    )
    print("\n".join(lines))
    if not options.release:
        report.write("example DAGs", lines)
    return 0


def _is_example(path: Path) -> bool:
    return path.name != "__init__.py" and path.parent.name == "example_dags"


def _compare(
    files: list[Path], folder: Path, theirs: dict[str, Outcomes]
) -> tuple[Counter[str], list[str]]:
    """How many DAGs came out how, and every difference in words."""
    found: Counter[str] = Counter()
    details: list[str] = []
    for path in files:
        if reason := LEFT_OUT.get(path.stem):
            found["files left out"] += 1
            details.append(f"{path.stem}: left out: it {reason}")
            continue
        others = theirs[path.stem]
        if "error" in others:
            found["files not loaded by Airflow"] += 1
            details.append(f"{path.stem}: not loaded by Airflow: {others['error']}")
            continue
        for dag_id, ours in _ours(path, folder, list(others)):
            word, why = _verdict(ours, others[dag_id])
            found[word] += 1
            details += [f"{path.stem}, {dag_id}: {word}: {line}" for line in why]
    return found, details


def _verdict(ours: Any, theirs: Any) -> tuple[str, list[str]]:
    if "error" in theirs:
        return "no outcome in Airflow", [theirs["error"]]
    if "not yet" in ours:
        return "not yet", [ours["not yet"]]
    if "error" in ours:
        return "different", [ours["error"]]
    lines = differences(ours, theirs)
    return ("different", lines) if lines else ("identical", [])


def _ours(path: Path, folder: Path, dag_ids: list[str]) -> Iterator[tuple[str, Any]]:
    """What became of each DAG of the file, each in a process and home of its own."""
    for dag_id in dag_ids:
        with tempfile.TemporaryDirectory() as home:
            variables = {
                "PATH": os.environ["PATH"],
                "HOME": home,
                "TRADEWIND_HOME": home,
                "TRADEWIND__CORE__DAGS_FOLDER": str(path.parent),
                "TRADEWIND__CORE__PLUGINS_FOLDER": str(folder / "airflow/example_dags/plugins"),
                "PYTHONPATH": os.pathsep.join([str(folder), os.getcwd()]),
            }
            command = [sys.executable, "-m", "tests.oracle.outcomes.one_example"]
            try:
                ran = subprocess.run(
                    [*command, str(path), dag_id, json.dumps(STORY)],
                    env=variables,
                    capture_output=True,
                    text=True,
                    timeout=_AT_MOST_S,
                )
            except subprocess.TimeoutExpired:
                yield dag_id, _TOO_LONG
                continue
        said = ran.stdout.splitlines()
        yield dag_id, json.loads(said[-1]) if said else {"error": ran.stderr[-300:]}


if __name__ == "__main__":
    sys.exit(main())

"""One run of one suite in one environment, and what became of each test."""

import json
import os
import re
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests.airflow_suites.suites import Suite

SHIM = Path(__file__).parent / "shim"
CONNECTIONS = {
    "AIRFLOW_CONN_FS_DEFAULT": "fs://?path=%2F",
    "AIRFLOW_CONN_HTTP_DEFAULT": "https://www.example.invalid/",
    "AIRFLOW_CONN_MYSQL_DEFAULT": "mysql://root@mysql/airflow",
    "AIRFLOW_CONN_POSTGRES_DEFAULT": "postgres://postgres:airflow@postgres/airflow",
    "AIRFLOW_CONN_REDIS_DEFAULT": "redis://redis:6379/",
    "AIRFLOW_CONN_SQLITE_DEFAULT": "sqlite:///:memory:",
}
"""Airflow's tests take it for granted that a new database has these."""
_RANDOM_KEY = re.compile(r"AAAA[\w+/]{40,}")
"""Some tests are named by an SSH key that is made for the run."""
MOST_S = 900
"""How long a suite may take."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a test."""

    outcome: str
    reason: str = ""


def run(
    suite: Suite, tests: Path, python: Path, results: Path, *, beside: tuple[Path, ...] = ()
) -> dict[str, Result]:
    """Every test's result, by its node id. Output and raw results are kept beside `results`."""
    results.parent.mkdir(parents=True, exist_ok=True)
    results.unlink(missing_ok=True)
    results.touch()
    home = results.with_suffix(".home")
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AIRFLOW", "TRADEWIND", "PYTEST"))
        and not name.endswith("_CA_BUNDLE")
    }
    environ = {
        **kept,
        **CONNECTIONS,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__UNIT_TEST_MODE": "true",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(home / "plugins"),
        "CONFORMANCE_RESULTS": str(results),
        "PYTHONPATH": os.pathsep.join(map(str, (SHIM, tests, tests / "tests", *beside))),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    options = ["-q", "-p", "conformance_shim", "-p", "no:cacheprovider", "--asyncio-mode=strict"]
    options += ["-c", os.devnull, f"--rootdir={tests}", "--continue-on-collection-errors"]
    options += ["-m", "not virtualenv_operator and not external_python_operator"]
    options += [
        f"--ignore-glob=*/decorators/*{name}*" for name in ("virtualenv", "external_python")
    ]
    options += ["--disable-warnings", "--tb=short", "--durations=15", "-o", "log_level=INFO"]
    with results.with_suffix(".log").open("w") as log:
        command = [python, "-m", "pytest", *options, *suite.folders]
        subprocess.run(
            command,
            cwd=tests,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            timeout=MOST_S,
            check=False,
        )
    return read(results)


def read(results: Path) -> dict[str, Result]:
    """What a run wrote down; the first failure of a test stands."""
    found: dict[str, Result] = {}
    for line in results.read_text().splitlines():
        entry = json.loads(line)
        entry["test"] = _RANDOM_KEY.sub("KEY", entry["test"])
        if entry["test"] in found and found[entry["test"]].outcome == "failed":
            continue
        found[entry["test"]] = Result(entry["outcome"], entry["reason"])
    return found


def passed_by_file(results: dict[str, Result]) -> Counter[str]:
    """How many tests of each file passed."""
    return Counter(
        test.partition("::")[0] for test, result in results.items() if result.outcome == "passed"
    )

"""Has a real Airflow run the random DAGs, some at a time, each lot in a process and home of its own."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.oracle.environments import environment
from tests.oracle.outcomes.kept import fingerprint
from tests.oracle.outcomes.sketch import Sketch, Step
from tests.oracle.outcomes.writing import written

_ASK = Path(__file__).resolve().parents[1] / "asking" / "outcomes.py"
_LOT = 65
_AT_MOST_S = 900


Answers = dict[int, tuple[str, Any]]
"""Seed -> fingerprint and answer, which may be an error."""


def ask(version: str, sketches: list[Sketch]) -> Iterator[Answers]:
    """Lot by lot."""
    with _Airflow(version) as airflow:
        for start in range(0, len(sketches), _LOT):
            lot = sketches[start : start + _LOT]
            jobs = [
                {
                    "name": str(one.seed),
                    "dag_id": one.dag_id,
                    "seed": one.seed,
                    "story": one.story,
                    "files": [str(path) for path in written(one, version, airflow.files)],
                }
                for one in lot
            ]
            found = airflow.answers(jobs)
            yield {one.seed: (fingerprint(one, version), found[str(one.seed)]) for one in lot}


def ask_about(
    version: str, files: list[Path], folder: Path, story: list[Step], at_most_s: int
) -> dict[str, Any]:
    """By file, what became of each DAG in it; or why the file does not load."""
    plugins = str(folder / "airflow" / "example_dags" / "plugins")
    jobs = [
        {
            "name": path.stem,
            "seed": 0,
            "story": story,
            "files": [str(path)],
            "at_most_s": at_most_s,
        }
        for path in files
    ]
    with _Airflow(version, {"AIRFLOW__CORE__PLUGINS_FOLDER": plugins}) as airflow:
        return airflow.answers(jobs)


class _Airflow:
    """One real Airflow: every lot of jobs gets a process and a fresh home."""

    def __init__(self, version: str, more: dict[str, str] | None = None) -> None:
        self._version = version
        self._python = environment(version)
        self._more = more or {}

    def __enter__(self) -> "_Airflow":
        self._folder = tempfile.TemporaryDirectory()
        self._base = Path(self._folder.name)
        self.files = self._base / "files"
        self.files.mkdir()
        migrate = [str(self._python), "-m", "airflow", "db", "migrate"]
        variables = self._variables(self._base / "fresh")
        subprocess.run(migrate, env=variables, check=True, capture_output=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    def answers(self, jobs: list[dict[str, Any]]) -> dict[str, Any]:
        """By the jobs' names."""
        home, answers = self._base / "home", self._base / "answers"
        shutil.copytree(self._base / "fresh", home)
        ran = subprocess.run(
            ["nice", "-n", "10", str(self._python), str(_ASK), str(answers), str(_AT_MOST_S)],
            env=self._variables(home),
            input="\n".join(map(json.dumps, jobs)),
            text=True,
            capture_output=True,
        )
        shutil.rmtree(home)
        found = dict(json.loads(line) for line in answers.read_text().splitlines())
        if len(found) < len(jobs):
            sys.exit(f"Airflow {self._version} answered {len(found)} of {len(jobs)}:\n{ran.stderr}")
        return found

    def _variables(self, home: Path) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
            "AIRFLOW__CORE__DAGS_FOLDER": str(self.files),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__MIN_SERIALIZED_DAG_UPDATE_INTERVAL": "0",
            "AIRFLOW__LOGGING__LOGGING_LEVEL": "CRITICAL",
            **self._more,
        }

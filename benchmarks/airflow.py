"""The real Apache Airflow in an environment of its own, to measure against.

`airflow standalone` with LocalExecutor, each part a process. `default` is as installed; `tuned` is
what its documentation and a profiler suggest for small tasks.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from benchmarks.engine import PASSWORD, Engine, free_port

VERSION = "3.3.2"
NEEDED = f"apache-airflow[postgres]=={VERSION}"

TUNED = {
    "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.05",
    "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
    "AIRFLOW__CORE__PARALLELISM": "16",
    "AIRFLOW__CORE__MAX_ACTIVE_TASKS_PER_DAG": "64",
    "AIRFLOW__SCHEDULER__MAX_TIS_PER_QUERY": "64",
    "AIRFLOW__SCHEDULER__MAX_DAGRUNS_TO_CREATE_PER_LOOP": "100",
    "AIRFLOW__SCHEDULER__MAX_DAGRUNS_PER_LOOP_TO_SCHEDULE": "100",
    "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "300",
}
PROFILES = {"default": dict[str, str](), "tuned": TUNED}

_ROLES = (
    (re.compile(r"airflow scheduler"), "scheduler"),
    (re.compile(r"airflow dag-processor|DagFileProcessor"), "dag-processor"),
    (re.compile(r"airflow api[-_ ]server|uvicorn|fastapi"), "api-server"),
    (re.compile(r"airflow triggerer"), "triggerer"),
    (re.compile(r"airflow worker"), "supervisor"),
    (re.compile(r"airflow task"), "task processes"),
    (re.compile(r"standalone"), "standalone"),
)


class Airflow(Engine):
    """`airflow standalone` from the environment that `install` has made."""

    start_timeout_s = 180.0
    parts = ("metadatabase", "scheduler", "dag_processor", "triggerer")
    children_of = {"supervisor": "task processes"}
    statement = "from airflow.sdk import DAG"

    def __init__(
        self, environment: Path, database_url: str | None, profile: str = "default"
    ) -> None:
        super().__init__(database_url)
        self.folder = environment / "bin"
        self._profile = profile

    def command(self) -> list[str]:
        return [str(self.folder / "airflow"), "standalone"]

    def environ(self) -> dict[str, str]:
        passwords = self.home / "passwords.json"
        passwords.write_text(json.dumps({"admin": PASSWORD}))
        database = f"sqlite:///{self.home}/airflow.db"
        if self._database_url:
            database = self._database_url.replace("postgresql://", "postgresql+psycopg2://", 1)
        here = f"http://127.0.0.1:{self.port}"
        return {
            "PATH": f"{self.folder}:{os.environ['PATH']}",
            "AIRFLOW_HOME": str(self.home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(self.files),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{here}/execution/",
            "AIRFLOW__API__BASE_URL": here,
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(self.port),
            "AIRFLOW__API_AUTH__JWT_SECRET": "a secret of the benchmark that is long enough for HS512",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database,
            "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(free_port()),
            "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(free_port()),
            **PROFILES[self._profile],
        }

    def role_of(self, title: str) -> str:
        return next((role for pattern, role in _ROLES if pattern.search(title)), "other")


def install(cache: Path) -> Path:
    """Its environment below `cache`, made if it is not there. Bytecode is compiled beforehand."""
    folder = cache / f"airflow-{VERSION}"
    ready = folder / ".ready"
    if ready.exists():
        return folder
    print(f"installing {NEEDED} into {folder}", file=sys.stderr, flush=True)
    if folder.exists():
        shutil.rmtree(folder)
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    uv = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", python]
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    has_uv = subprocess.run([sys.executable, "-m", "uv", "--version"], capture_output=True)
    subprocess.run([*(pip if has_uv.returncode else uv), NEEDED], check=True)
    subprocess.run(
        [python, "-m", "compileall", "-q", "-j", "2", folder / "lib"], stdout=subprocess.DEVNULL
    )
    ready.touch()
    return folder

"""A DAG folder as people have it, whose every part carries a version and can be edited; what its
tasks write goes to a file outside the product."""

import http.client
import json
import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.acceptance.product import Standalone
from tradewind.model.codec import from_data
from tradewind.model.parsed import RecordedInput

WITHIN_S = 240.0
"""Far above what anything takes: the machine may be busy."""

OUTSIDE = """
import json, os

def note(context, **facts):
    line = json.dumps({{"run_id": context["dag_run"].run_id, "dag_id": context["dag"].dag_id,
                       "task_id": context["ti"].task_id, **facts}}) + "\\n"
    handle = os.open({seen!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    os.write(handle, line.encode())
    os.close(handle)
"""
HELPER = "VERSION = '{version}'\n"
USER_OF_HELPER = """
from tradewind import DAG, task
from helpers import tables
from helpers.outside import note

OWN = "{own}"

with DAG("{dag_id}", schedule=None, max_active_runs=100, max_active_tasks=100,
         tags=[f"{{OWN}} {{tables.VERSION}}"]):
    @task
    def load(**context):
        note(context, version=f"{{OWN}} {{tables.VERSION}}")
    load()
"""
FACTORY = """
from pathlib import Path
import yaml
from tradewind import DAG, task
from helpers.outside import note

def make(name, version):
    with DAG(name, schedule=None, tags=[version]):
        @task
        def export(**context):
            note(context, version=version)
        export()
    return None

for name, version in yaml.safe_load(Path(__file__).with_name("dags.yaml").read_text()).items():
    make(name, version)
"""
REGIONS = """
from tradewind import DAG, Variable, task
from helpers.outside import note

def make(name, version):
    with DAG(name, schedule=None, tags=[version]):
        @task
        def collect(**context):
            note(context, version=version)
        collect()

for name, version in Variable.get("regions", default={}, deserialize_json=True).items():
    make(name, version)
"""
REPORTS = """
from pathlib import Path
from tradewind import DAG, task
from helpers.outside import note

QUERIES = {path.stem: path.read_text() for path in Path(__file__).parent.glob("sql/*.sql")}

with DAG("reports", schedule=None, tags=sorted(QUERIES.values())):
    for name, query in sorted(QUERIES.items()):
        @task(task_id=name)
        def run(query=query, **context):
            note(context, version=query)
        run()
"""
PLUGIN = """
from tradewind import BaseOperator
from helpers.outside import note

class NoteOperator(BaseOperator):
    def execute(self, context):
        note(context, version="plugin")
"""
USER_OF_PLUGIN = """
from tradewind import DAG
from note_plugin import NoteOperator

with DAG("plugged", schedule=None, tags=["plugin"]):
    NoteOperator(task_id="note")
"""


class Project:
    """The files below a home."""

    def __init__(self, home: Path) -> None:
        self.dags = home / "dags"
        self.seen = home.parent / "seen.jsonl"
        self.helper = self.dags / "helpers" / "tables.py"
        self.yaml = self.dags / "dags.yaml"
        for folder in (self.helper.parent, self.dags / "sql", home / "plugins"):
            folder.mkdir(parents=True)
        (self.dags / "helpers" / "__init__.py").touch()
        (self.dags / "helpers" / "outside.py").write_text(OUTSIDE.format(seen=str(self.seen)))
        self.helper.write_text(HELPER.format(version="h0"))
        self.yaml.write_text("export_orders: v0\n")
        (self.dags / "sql" / "daily.sql").write_text("v0")
        for name in ("sales", "stock"):
            self.write_user(name, "own0")
        (self.dags / "factory.py").write_text(FACTORY)
        (self.dags / "regions.py").write_text(REGIONS)
        (self.dags / "reports.py").write_text(REPORTS)
        (home / "plugins" / "note_plugin.py").write_text(PLUGIN)
        (self.dags / "plugged.py").write_text(USER_OF_PLUGIN)

    def write_user(self, name: str, own: str) -> None:
        """A DAG that imports the helper; `own` is the version of its file."""
        replace(self.dags / f"{name}.py", USER_OF_HELPER.format(dag_id=name, own=own))

    def noted(self) -> list[dict[str, Any]]:
        """What tasks wrote, in that order."""
        if not self.seen.exists():
            return []
        return [json.loads(line) for line in self.seen.read_text().splitlines()]


def replace(path: Path, text: str) -> None:
    """Save as most editors do: under another name, then renamed."""
    other = path.with_name(f".{path.name}.new")
    other.write_text(text)
    other.rename(path)


def overwrite(path: Path, text: str) -> None:
    """Save in place, in one write: the same inode and, for texts of one length, the same size."""
    handle = os.open(path, os.O_WRONLY)
    os.pwrite(handle, text.encode(), 0)
    os.ftruncate(handle, len(text.encode()))
    os.close(handle)


class Api:
    """The REST API of a running product, one request at a time. Not for several threads."""

    def __init__(self, product: Standalone) -> None:
        address = urlsplit(product.url)
        self._connection = http.client.HTTPConnection(str(address.hostname), address.port)
        self._token = ""
        password = (product.home / "admin-password").read_text().strip()
        login = self.call("POST", "/auth/token", {"username": "admin", "password": password})
        self._token = login["access_token"]

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """One request; the answer's JSON."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._token}"}
        self._connection.request(method, path, body and json.dumps(body), headers)
        answer = self._connection.getresponse()
        content = answer.read()
        self._connection.close()  # before the server hangs up; the next request connects again
        assert answer.status < 300, f"{method} {path}: {answer.status} {content.decode()}"
        return json.loads(content or b"null")

    def tags(self) -> dict[str, list[str]]:
        """Every DAG of the list with its tags."""
        shown = self.call("GET", "/api/v2/dags?limit=100")["dags"]
        return {dag["dag_id"]: sorted(tag["name"] for tag in dag["tags"]) for dag in shown}

    def wait_for_tags(self, **wanted: list[str] | None) -> float:
        """Until the DAG list shows these; None stands for a DAG that is not there."""
        begun = time.monotonic()
        until(lambda: wanted.items() <= {**dict.fromkeys(wanted), **self.tags()}.items(), self.tags)
        return time.monotonic() - begun

    def trigger(self, dag_id: str) -> str:
        """A new run's id."""
        run = self.call("POST", f"/api/v2/dags/{dag_id}/dagRuns", {"logical_date": None})
        return str(run["dag_run_id"])

    def close(self) -> None:
        self._connection.close()


def wait_for_notes(project: Project, run_ids: set[str]) -> list[dict[str, Any]]:
    """What the tasks of these runs wrote, when each run has written."""

    def found() -> list[dict[str, Any]]:
        return [note for note in project.noted() if note["run_id"] in run_ids]

    until(lambda: run_ids == {note["run_id"] for note in found()}, found)
    return found()


def until(condition: Callable[[], bool], shown: Callable[[], object]) -> None:
    """Wait; fails with what is there instead."""
    deadline = time.monotonic() + WITHIN_S
    while not condition():
        assert time.monotonic() < deadline, shown()
        time.sleep(0.005)


class Store:
    """The product's database, read from outside."""

    def __init__(self, home: Path) -> None:
        self._path = home / "tradewind.db"

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(f"file:{self._path}?mode=ro", uri=True)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def code_of_runs(self) -> dict[str, str]:
        """run_id: the code_hash of the one task of each run."""
        return dict(self.rows("SELECT run_id, code_hash FROM task_instance"))

    def kept_code(self) -> dict[str, tuple[str, dict[str, str]]]:
        """code_hash: (the DAG file's text, {name of a module: its text})."""
        modules: dict[str, str] = dict(
            self.rows("SELECT fingerprint, source_code FROM source_module")
        )
        kept = {}
        for code_hash, text, inputs in self.rows(
            "SELECT code_hash, source_code, inputs FROM source"
        ):
            items = [from_data(RecordedInput, item) for item in json.loads(inputs)]
            kept[code_hash] = (
                text,
                {
                    Path(item.name).name: modules[item.fingerprint]
                    for item in items
                    if item.fingerprint in modules
                },
            )
        return kept

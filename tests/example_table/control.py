"""The same files in real Airflow: do its DAGs and ours say the same?"""

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.example_table import airflow_side
from tradewind.model.parsed import ParsedFile
from tradewind.model.plan import Plan, TaskPlan


def differences(python: Path, folder: Path, read: dict[Path, ParsedFile]) -> Iterator[str]:
    """A line for each thing that real Airflow says otherwise, then how much was compared.

    Files that one of the two does not load are left out: the table has them.
    """
    theirs = ask(python, folder)
    dags = tasks = 0
    for path, parsed in read.items():
        ours = {plan.dag_id: facts(plan) for plan in parsed.plans}
        others = theirs.get(str(path), {})
        for dag_id in sorted(ours.keys() & others.keys()):
            dags += 1
            tasks += len(ours[dag_id]["tasks"])
            for said in _different(ours[dag_id], others[dag_id]):
                yield f"{path.name}: {dag_id}: {said}"
    yield f"{dags} DAGs with {tasks} tasks were compared"


def ask(python: Path, folder: Path) -> dict[str, Any]:
    """What the DagBag of the Airflow that `python` belongs to finds."""
    with tempfile.TemporaryDirectory(prefix="tradewind-control-") as home:
        output = Path(home) / "found.json"
        environ = {"PATH": os.environ["PATH"], "AIRFLOW_HOME": home, "HOME": home}
        environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
        for command in (
            [str(python), "-m", "airflow", "db", "migrate"],
            [str(python), airflow_side.__file__, str(folder), str(output)],
        ):
            subprocess.run(command, env=environ, check=True, capture_output=True)
        found: dict[str, Any] = json.loads(output.read_text())
        return found


def facts(plan: Plan) -> dict[str, Any]:
    """Of a Plan, what `airflow_side` gathers of a DAG."""
    start = plan.start_date
    return {
        "start": None if start is None else str(start.replace(tzinfo=None)),
        "max_active_runs": plan.max_active_runs,
        "max_active_tasks": plan.max_active_tasks,
        "tags": sorted(plan.tags),
        "description": plan.description,
        "groups": sorted(group.group_id for group in plan.groups),
        "tasks": {task.task_id: _task_facts(task) for task in plan.tasks},
    }


def _task_facts(task: TaskPlan) -> list[Any]:
    return [
        list(task.upstream),
        task.trigger_rule.value,
        task.retries,
        task.owner,
        task.pool,
        task.is_setup,
        task.is_teardown,
        task.group_id,
    ]


def _different(ours: dict[str, Any], theirs: dict[str, Any]) -> Iterator[str]:
    for name in ours.keys() - {"tasks"}:
        if ours[name] != theirs[name]:
            yield f"{name} is {ours[name]!r}, in Airflow {theirs[name]!r}"
    for task_id in sorted(ours["tasks"].keys() | theirs["tasks"].keys()):
        one, other = ours["tasks"].get(task_id), theirs["tasks"].get(task_id)
        if one is None or other is None:
            yield f"task {task_id} is only in {'Airflow' if one is None else 'Tradewind'}"
            continue
        for name, mine, yours in zip(airflow_side.FACTS, one, other, strict=True):
            if mine != yours:
                yield f"task {task_id}: {name} is {mine!r}, in Airflow {yours!r}"

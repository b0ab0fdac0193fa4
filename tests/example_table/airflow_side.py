"""Run by real Airflow's Python: what its own DagBag finds in the files of a folder, as JSON.

Imports nothing of Tradewind's; `PYTHON airflow_side.py FOLDER OUTPUT`.
"""

import json
import logging
import sys
import warnings
from datetime import UTC
from importlib import import_module
from pathlib import Path
from typing import Any

FACTS = ("upstream", "trigger_rule", "retries", "owner", "pool", "setup", "teardown", "group")


def read(path: Path) -> dict[str, Any]:
    """The DAGs of one file by id."""
    try:
        found = import_module("airflow.dag_processing.dagbag").DagBag(path, safe_mode=False)
    except ImportError:
        bag = import_module("airflow.models.dagbag").DagBag
        found = bag(path, safe_mode=False, include_examples=False)
    return {dag.dag_id: facts(dag) for dag in found.dags.values()}


def facts(dag: Any) -> dict[str, Any]:
    """What is compared of a DAG."""
    start = dag.start_date
    return {
        "start": None if start is None else str(start.astimezone(UTC).replace(tzinfo=None)),
        "max_active_runs": dag.max_active_runs,
        "max_active_tasks": dag.max_active_tasks,
        "tags": sorted(dag.tags),
        "description": dag.description,
        "groups": sorted(name for name in dag.task_group_dict if name),
        "tasks": {task.task_id: task_facts(task) for task in dag.tasks},
    }


def task_facts(task: Any) -> list[Any]:
    """What is compared of a task, in the order of FACTS."""
    rule = task.trigger_rule
    group = task.task_group
    return [
        sorted(task.upstream_task_ids),
        str(getattr(rule, "value", rule)),
        task.retries,
        task.owner,
        task.pool,
        bool(task.is_setup),
        bool(task.is_teardown),
        group.group_id if group is not None else None,
    ]


def main() -> None:
    """Read every file below the folder and write what was found."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    folder, output = Path(sys.argv[1]), Path(sys.argv[2])
    found = {
        str(path.relative_to(folder)): read(path)
        for path in sorted(folder.rglob("*.py"))
        if path.name != "__init__.py"
    }
    output.write_text(json.dumps(found))


if __name__ == "__main__":
    main()

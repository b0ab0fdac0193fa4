"""How things are named: a run by (dag_id, run_id), a task instance by one level more."""

from typing import NamedTuple

CHOICE = "skipmixin_key"
"""Key of the XCom in which a task keeps which of the tasks after it are to run: a dict of
`followed`, those alone of them that are directly after it, or `skipped`."""


class RunKey(NamedTuple):
    """One run of one DAG."""

    dag_id: str
    run_id: str


class TaskKey(NamedTuple):
    """One task instance. `map_index` is -1 unless the task is mapped."""

    dag_id: str
    run_id: str
    task_id: str
    map_index: int = -1

    @property
    def run(self) -> RunKey:
        return RunKey(self.dag_id, self.run_id)

"""Why a task instance is where it is: the gates that scheduling asks, each with its answer."""

from datetime import datetime

from tradewind.core.fleet import NOT_UNDER_WAY, Fleet
from tradewind.core.gates import GATES, View
from tradewind.core.verdicts import Set, Wait
from tradewind.model.errors import NotFound
from tradewind.model.keys import TaskKey
from tradewind.model.states import TaskState


def explain(fleet: Fleet, key: TaskKey, now: datetime) -> list[tuple[str, str, str]]:
    """(gate, verdict, reason) for every gate in order; one line where no gate is asked any more.

    The verdict is `pass`, `wait` or the state the gate would set. Raises NotFound for a task
    instance that is not in memory: its run has finished or there is none.
    """
    run = fleet.find(key.run)
    task = None if run is None else run.find(key.task_id, key.map_index)
    if task is None:
        raise NotFound(f"{key.task_id} of run {key.run_id} is not among the unfinished")
    if task.state not in NOT_UNDER_WAY | {TaskState.SCHEDULED}:
        return [("state", str(task.state), "no gate is asked any more")]
    view = View(task, now, fleet)
    lines = []
    for gate in GATES:
        verdict = gate(view)
        word, reason = "pass", (gate.__doc__ or "").strip()
        if isinstance(verdict, Wait):
            word, reason = "wait", f"{verdict.reason} (until {verdict.wake_on})"
        elif isinstance(verdict, Set):
            word, reason = str(verdict.state), verdict.reason
        lines.append((gate.__name__, word, reason))
    return lines

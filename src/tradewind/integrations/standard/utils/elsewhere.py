"""How much of what somebody waits for in another DAG is in certain states."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tradewind.authoring.run_questions import RunQuestions


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """Runs of a DAG, by date or by name, or tasks or a group in them."""

    dag_id: str
    task_ids: Collection[str] | None = None
    task_group_id: str | None = None
    logical_dates: list[datetime] | None = None
    run_ids: list[str] | None = None

    @property
    def count(self) -> int:
        """Of runs."""
        return len(self.run_ids or self.logical_dates or ())

    def in_states(self, states: Collection[str], ask: Any = RunQuestions) -> float:
        """In how many of the runs all is in one of `states`; of several tasks each counts for its
        share."""
        runs = {"logical_dates": self.logical_dates, "run_ids": self.run_ids}
        if self.task_ids:
            found = ask.get_ti_count(self.dag_id, task_ids=self.task_ids, states=states, **runs)
            return float(found / len(self.task_ids))
        if self.task_group_id is not None:
            groups = ask.get_task_states(self.dag_id, task_group_id=self.task_group_id, **runs)
            return sum(
                bool(of) and all(one in states for one in of.values()) for of in groups.values()
            )
        return float(ask.get_dr_count(self.dag_id, states=states, **runs))

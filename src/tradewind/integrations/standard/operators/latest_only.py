"""LatestOnlyOperator: skips what follows it in any run but the latest."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from tradewind.authoring.branching import BaseBranchOperator
from tradewind.authoring.meanings import profile_of
from tradewind.authoring.timezone import plain_utc
from tradewind.model.intervals import DataInterval, RunInfo
from tradewind.model.states import RunType


class LatestOnlyOperator(BaseBranchOperator):
    """Goes on from the start of the run's data to the end of what the next run covers.

    A run that somebody asked for always goes on, and so does the last of a schedule.
    """

    __module__ = "airflow.providers.standard.operators.latest_only"

    ui_color = "#e9ffdb"

    def choose_branch(self, context: Any) -> str | Iterable[str] | None:
        """All that is directly after it, or nothing."""
        run, all_after = context["dag_run"], sorted(self.downstream_task_ids)
        if _was_asked_for(run.run_type, context["dag"]):
            return all_after
        date = run.logical_date or run.run_after
        start = plain_utc(run.data_interval_start or date)
        end = plain_utc(run.data_interval_end or date)
        now = datetime.now(UTC)
        following = context["dag"].timetable.next_run(
            last=RunInfo(plain_utc(run.run_after), DataInterval(start, end)),
            earliest=end,
            latest=None,
            catchup=True,
            now=now,
        )
        if following is None:
            return all_after
        until = following.data_interval.end if following.data_interval else following.run_after
        self.log.info("The latest run from %s to %s; it is %s", start, until, now)
        return all_after if start < now <= until else []


def _was_asked_for(run_type: RunType, dag: Any) -> bool:
    if run_type is RunType.MANUAL:
        return True
    return run_type is RunType.OPERATOR_TRIGGERED and profile_of(dag)[0] == 2  # manual in 2.x

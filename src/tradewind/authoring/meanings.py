"""What a DAG means by what it says: the meanings of 2.x and of 3.x, in one place.

Everything above asks here; a Plan spells the answers out.
"""

from datetime import timedelta
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from tradewind.authoring import configuration, profile
from tradewind.authoring.assets.asset import BaseAsset
from tradewind.authoring.lazy import LazyModule
from tradewind.authoring.notset import is_arg_set
from tradewind.authoring.timezone import zone_name
from tradewind.timetables import Timetable, resolve

if TYPE_CHECKING:
    from tradewind.authoring import asset_schedules
    from tradewind.authoring.dag import DAG
else:
    asset_schedules = LazyModule("tradewind.authoring.asset_schedules")

_DAILY = timedelta(days=1)


def profile_of(dag: "DAG") -> tuple[int, str]:
    """(2 or 3, what decided it): the option core.dag_profile, or legacy spelling in the file."""
    chosen = configuration.current().core.dag_profile
    if chosen in ("2", "3"):
        return int(chosen), f"option core.dag_profile = {chosen}"
    evidence = dag.profile_evidence or profile.reported_for(dag.fileloc)
    if evidence is None:
        return 3, ""
    return 2, str(evidence)


def schedule_of(dag: "DAG") -> Any:
    """The schedule that counts: in profile 2 a DAG that names none is daily."""
    if dag.schedule_is_given or profile_of(dag)[0] == 3:
        return dag.schedule
    return _DAILY


def timetable_of(dag: "DAG") -> Timetable:
    """The schedule as a timetable. Raises InvalidSchedule."""
    schedule = schedule_of(dag)
    if isinstance(schedule, list | tuple | set | frozenset | BaseAsset):
        return asset_schedules.timetable_of_assets(schedule)
    data_intervals = (
        profile_of(dag)[0] == 2 or configuration.current().scheduler.create_cron_data_intervals
    )
    return resolve(schedule, timezone=zone_name(dag.timezone), data_intervals=data_intervals)


def catchup_of(dag: "DAG") -> bool:
    """Whether missed runs are made up for: where it is not said, True in profile 2.

    A DAG without any start_date has nothing to make up for; if it names no schedule either, it is
    never due.
    """
    if is_arg_set(dag.catchup_given):
        return dag.catchup_given
    if profile_of(dag)[0] == 2:
        return earliest_start(dag) is not None or not dag.schedule_is_given
    return configuration.current().scheduler.catchup_by_default


def earliest_start(dag: "DAG") -> Any:
    """The first start_date of the DAG or one of its tasks, or None."""
    dates = [dag.start_date, *(task.start_date for task in dag.tasks)]
    return min((date for date in dates if date is not None), default=None)


def file_name(path: str) -> str:
    """A file as messages name it."""
    return PurePath(path).name

"""What the arguments of DAG may be, and the legacy ones it still takes."""

import inspect
import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tradewind.authoring import profile
from tradewind.authoring.lazy import LazyModule
from tradewind.authoring.names import did_you_mean
from tradewind.authoring.notset import is_arg_set
from tradewind.authoring.operator_arguments import moment, read_moment, take_legacy
from tradewind.model.states import RunType

if TYPE_CHECKING:
    from tradewind.authoring import deadlines
    from tradewind.authoring.dag import DAG
    from tradewind.authoring.deadlines import DeadlineAlert
else:
    deadlines = LazyModule("tradewind.authoring.deadlines")

LEGACY_ARGUMENTS: Mapping[str, str | None] = {
    "schedule_interval": "schedule",
    "timetable": "schedule",
    "concurrency": "max_active_tasks",
    "fail_stop": "fail_fast",
    "full_filepath": None,
    "default_view": None,
    "orientation": None,
}
"""Arguments that 3.3 refuses, with the one of today; None: accepted and without effect."""

_POSITIONAL = ("description", "schedule", "start_date", "end_date")
"""What could follow the dag_id without a name."""

_TAG_LENGTH_MAX = 100
_LINK = re.compile(r"(?:https?://|mailto:)[^\s/]")


def take_positional(dag_id: str, args: tuple[Any, ...]) -> dict[str, Any]:
    """Arguments after the dag_id that 1.10 and 2.x took without a name. Raises TypeError."""
    if not args:
        return {}
    if len(args) > len(_POSITIONAL):
        raise TypeError(
            f"DAG {dag_id!r}: name the arguments after the dag_id, such as schedule={args[1]!r}"
        )
    profile.report("passes arguments without a name to DAG")
    return dict(zip(_POSITIONAL, args, strict=False))


def take_legacy_of_dag(dag_id: str, schedule: Any, kwargs: dict[str, Any]) -> dict[str, Any]:
    """Old arguments under today's names. Raises ValueError for more than one schedule."""
    named: dict[str, Any] = {
        name: kwargs[name] for name in ("schedule_interval", "timetable") if name in kwargs
    }
    named["schedule"] = schedule
    given = {name: value for name, value in named.items() if is_arg_set(value) and value}
    if len(given) > 1:
        raise ValueError(f"DAG {dag_id!r} has several schedules: keep one of {', '.join(given)}")
    found = take_legacy(kwargs, LEGACY_ARGUMENTS, "DAG")
    return found | ({"schedule": next(iter(given.values()))} if given else {})


def refuse_unknown(dag_id: str, kwargs: Mapping[str, Any], init: Callable[..., None]) -> None:
    """Raise TypeError for an argument that DAG does not take."""
    for name in kwargs:
        known = [*inspect.signature(init).parameters, *LEGACY_ARGUMENTS]
        raise TypeError(
            f"DAG {dag_id!r} got an unexpected argument {name!r}{did_you_mean(name, known)}"
        )


def start_or_end(dag: "DAG", name: str, given: Any) -> datetime | None:
    """start_date or end_date in UTC: as given, else from default_args; notes the zone."""
    what = f"DAG {dag.dag_id!r}: {name}"
    if isinstance(given, str):
        raise TypeError(
            f"{what} must be a datetime, not the string {given!r}; write {_spelled(given)}"
        )
    value = dag.default_args.get(name) if given is None else given
    if isinstance(value, str):  # of default_args: a naive end is in the zone of the start
        value = read_moment(what, value)
        if value.tzinfo is None and name == "end_date":
            value = value.replace(tzinfo=dag._zone)
        dag.default_args[name] = moment(what, value)
    if value is None:
        return None
    if name == "start_date" and isinstance(value, datetime) and value.tzinfo is not None:
        dag._zone = value.tzinfo
    return moment(what, value)


def _spelled(text: str) -> str:
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        return "datetime(2024, 1, 1)"
    parts = [value.year, value.month, value.day]
    if value.hour or value.minute:
        parts += [value.hour, value.minute]
    return f"datetime({', '.join(map(str, parts))})"


def check_types(dag: "DAG", what: str) -> None:
    """Raise TypeError or ValueError for a limit or timeout that cannot be."""
    for name in ("max_active_tasks", "max_active_runs", "max_consecutive_failed_dag_runs"):
        value = getattr(dag, name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise TypeError(f"{what}: {name} must be an int, not {value!r}")
        if value < 0:
            raise ValueError(f"{what}: {name} must not be below 0: {value}")
    if dag.dagrun_timeout is not None and not isinstance(dag.dagrun_timeout, timedelta):
        raise TypeError(
            f"{what}: dagrun_timeout must be a timedelta, not {dag.dagrun_timeout!r}; "
            f"write timedelta(seconds={dag.dagrun_timeout!r})"
        )
    if not isinstance(dag.catchup, bool):
        raise TypeError(f"{what}: catchup must be True or False, not {dag.catchup!r}")
    for name in ("user_defined_macros", "user_defined_filters", "jinja_environment_kwargs"):
        value = getattr(dag, name)
        if value is not None and not isinstance(value, Mapping):
            raise TypeError(f"{what}: {name} must be a dict, not {value!r:.80}")
    if dag.description is not None and not isinstance(dag.description, str):
        raise TypeError(f"{what}: description must be a string, not {dag.description!r}")


def check_deadlines(what: str, given: Any) -> "list[DeadlineAlert]":
    """The deadlines as a list. Raises TypeError."""
    if given is None:
        return []
    alerts = list(given) if isinstance(given, list | tuple) else [given]
    for alert in alerts:
        if not isinstance(alert, deadlines.DeadlineAlert):
            raise TypeError(f"{what}: deadline must be a DeadlineAlert or a list, not {alert!r}")
    return alerts


def check_run_types(what: str, given: Any) -> frozenset[RunType] | None:
    """The types of runs that are allowed; None for all. Raises ValueError."""
    if given is None:
        return None
    names = [kind.value for kind in RunType]
    found = []
    for item in [given] if isinstance(given, str) else given:
        if item not in names:
            hint = did_you_mean(str(item), names)
            raise ValueError(
                f"{what}: allowed_run_types must be of {', '.join(names)}, not {item!r}{hint}"
            )
        found.append(RunType(item))
    return frozenset(found)


def check_tags(what: str, tags: Collection[str] | None) -> set[str]:
    """The tags as a set. Raises TypeError, ValueError."""
    if tags is None:
        return set()
    if isinstance(tags, str):
        raise TypeError(f"{what}: tags must be a list of strings; write tags=[{tags!r}]")
    for tag in tags:
        if not isinstance(tag, str):
            raise TypeError(f"{what}: a tag must be a string, not {tag!r}")
        if len(tag) > _TAG_LENGTH_MAX:
            raise ValueError(f"{what}: tag {tag[:20]!r}... is longer than {_TAG_LENGTH_MAX}")
    return set(tags)


def check_owner_links(what: str, links: Mapping[str, str] | None) -> dict[str, str]:
    """The links as a dict. Raises ValueError for what is no web or mail address."""
    for owner, link in (links or {}).items():
        if not _LINK.match(link):
            raise ValueError(
                f"{what}: owner_links[{owner!r}] must begin with http:, https: or mailto:, "
                f"not {link!r}"
            )
    return dict(links or {})

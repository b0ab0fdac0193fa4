"""Tradewind: write pipelines as Python DAGs; they are scheduled, run, retried and shown.

`from tradewind import DAG, dag, task, ...` gives the names of `airflow.sdk`; each is imported when
it is first asked for, so that `import tradewind` costs next to nothing.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the same once more, for editors and type checkers; a test compares the two
    from tradewind.authoring import macros as macros
    from tradewind.authoring import timezone as timezone
    from tradewind.authoring.branching import BaseBranchOperator as BaseBranchOperator
    from tradewind.authoring.branching import BranchMixIn as BranchMixIn
    from tradewind.authoring.branching import SkipMixin as SkipMixin
    from tradewind.authoring.configuration import conf as conf
    from tradewind.authoring.connections import Connection as Connection
    from tradewind.authoring.context import Context as Context
    from tradewind.authoring.context import get_current_context as get_current_context
    from tradewind.authoring.dag import DAG as DAG
    from tradewind.authoring.dag_decorator import dag as dag
    from tradewind.authoring.edges import EdgeModifier as EdgeModifier
    from tradewind.authoring.edges import Label as Label
    from tradewind.authoring.hook import BaseHook as BaseHook
    from tradewind.authoring.notifier import BaseNotifier as BaseNotifier
    from tradewind.authoring.operator import BaseOperator as BaseOperator
    from tradewind.authoring.params import Param as Param
    from tradewind.authoring.params import ParamsDict as ParamsDict
    from tradewind.authoring.sensor import BaseSensorOperator as BaseSensorOperator
    from tradewind.authoring.sensor import PokeReturnValue as PokeReturnValue
    from tradewind.authoring.task_group import TaskGroup as TaskGroup
    from tradewind.authoring.task_group_decorator import task_group as task_group
    from tradewind.authoring.task_instance import RuntimeTaskInstance as RuntimeTaskInstance
    from tradewind.authoring.task_instance import RuntimeTaskInstance as TaskInstance  # noqa: F401
    from tradewind.authoring.taskflow import task as task
    from tradewind.authoring.template_fields import literal as literal
    from tradewind.authoring.variables import Variable as Variable
    from tradewind.authoring.wiring import chain as chain
    from tradewind.authoring.wiring import chain_linear as chain_linear
    from tradewind.authoring.wiring import cross_downstream as cross_downstream
    from tradewind.authoring.xcom_arg import XComArg as XComArg
    from tradewind.model.plan import TriggerRule as TriggerRule
    from tradewind.model.plan import WeightRule as WeightRule
    from tradewind.model.states import RunState as DagRunState  # noqa: F401
    from tradewind.model.states import TaskState as TaskInstanceState  # noqa: F401
    from tradewind.timetables import CronDataIntervalTimetable as CronDataIntervalTimetable
    from tradewind.timetables import CronTriggerTimetable as CronTriggerTimetable
    from tradewind.timetables import DeltaDataIntervalTimetable as DeltaDataIntervalTimetable
    from tradewind.timetables import DeltaTriggerTimetable as DeltaTriggerTimetable
    from tradewind.timetables import EventsTimetable as EventsTimetable
    from tradewind.timetables import MultipleCronTriggerTimetable as MultipleCronTriggerTimetable

_HOMES: dict[str, tuple[str, ...]] = {
    "tradewind.authoring.branching": ("BaseBranchOperator", "BranchMixIn", "SkipMixin"),
    "tradewind.authoring.configuration": ("conf",),
    "tradewind.authoring.connections": ("Connection",),
    "tradewind.authoring.context": ("Context", "get_current_context"),
    "tradewind.authoring.dag": ("DAG",),
    "tradewind.authoring.dag_decorator": ("dag",),
    "tradewind.authoring.edges": ("EdgeModifier", "Label"),
    "tradewind.authoring.hook": ("BaseHook",),
    "tradewind.authoring.notifier": ("BaseNotifier",),
    "tradewind.authoring.operator": ("BaseOperator",),
    "tradewind.authoring.params": ("Param", "ParamsDict"),
    "tradewind.authoring.sensor": ("BaseSensorOperator", "PokeReturnValue"),
    "tradewind.authoring.task_group": ("TaskGroup",),
    "tradewind.authoring.task_group_decorator": ("task_group",),
    "tradewind.authoring.task_instance": ("RuntimeTaskInstance",),
    "tradewind.authoring.taskflow": ("task",),
    "tradewind.authoring.template_fields": ("literal",),
    "tradewind.authoring.variables": ("Variable",),
    "tradewind.authoring.wiring": ("chain", "chain_linear", "cross_downstream"),
    "tradewind.authoring.xcom_arg": ("XComArg",),
    "tradewind.model.plan": ("TriggerRule", "WeightRule"),
    "tradewind.timetables": (
        "CronDataIntervalTimetable",
        "CronTriggerTimetable",
        "DeltaDataIntervalTimetable",
        "DeltaTriggerTimetable",
        "EventsTimetable",
        "MultipleCronTriggerTimetable",
    ),
}
_RENAMED = {
    "TaskInstance": ("tradewind.authoring.task_instance", "RuntimeTaskInstance"),
    "DagRunState": ("tradewind.model.states", "RunState"),
    "TaskInstanceState": ("tradewind.model.states", "TaskState"),
    "__version__": ("tradewind.model.version", "VERSION"),
}
_MODULES = {"macros": "tradewind.authoring.macros", "timezone": "tradewind.authoring.timezone"}

PLACES: dict[str, tuple[str, str]] = {
    **{name: (home, name) for home, names in _HOMES.items() for name in names},
    **_RENAMED,
}
"""Every name of this package: (module, name within it)."""

__all__ = sorted([*(name for name in PLACES if not name.startswith("_")), *_MODULES])


def __getattr__(name: str) -> Any:
    if name in PLACES:
        home, attribute = PLACES[name]
        value = getattr(importlib.import_module(home), attribute)
    elif name in _MODULES:
        value = importlib.import_module(_MODULES[name])
    else:
        raise AttributeError(f"module 'tradewind' has no name {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*globals(), *__all__]

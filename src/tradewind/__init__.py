"""Tradewind: write pipelines as Python DAGs; they are scheduled, run, retried and shown.

`from tradewind import DAG, dag, task, ...` gives the names of `airflow.sdk`; each is imported when
it is first asked for, so that `import tradewind` costs next to nothing.
"""

import importlib
from typing import Any

_HOMES: dict[str, tuple[str, ...]] = {
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

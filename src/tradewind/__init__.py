"""Tradewind: write pipelines as Python DAGs; they are scheduled, run, retried and shown.

`from tradewind import DAG, dag, task, ...` gives the names of `airflow.sdk`; each is imported when
it is first asked for, so that `import tradewind` costs next to nothing.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the same once more, for editors and type checkers; a test compares the two
    from tradewind.authoring import lineage as lineage
    from tradewind.authoring import macros as macros
    from tradewind.authoring import timezone as timezone
    from tradewind.authoring.asset_schedules import AssetOrTimeSchedule as AssetOrTimeSchedule
    from tradewind.authoring.asset_schedules import (
        PartitionedAssetTimetable as PartitionedAssetTimetable,
    )
    from tradewind.authoring.assets import Asset as Asset
    from tradewind.authoring.assets import AssetAccessControl as AssetAccessControl
    from tradewind.authoring.assets import AssetAlias as AssetAlias
    from tradewind.authoring.assets import AssetAll as AssetAll
    from tradewind.authoring.assets import AssetAny as AssetAny
    from tradewind.authoring.assets import AssetWatcher as AssetWatcher
    from tradewind.authoring.assets import Metadata as Metadata
    from tradewind.authoring.assets.decorator import asset as asset
    from tradewind.authoring.async_operator import BaseAsyncOperator as BaseAsyncOperator
    from tradewind.authoring.branching import BaseBranchOperator as BaseBranchOperator
    from tradewind.authoring.branching import BranchMixIn as BranchMixIn
    from tradewind.authoring.configuration import conf as conf
    from tradewind.authoring.connections import Connection as Connection
    from tradewind.authoring.context import Context as Context
    from tradewind.authoring.context import get_current_context as get_current_context
    from tradewind.authoring.dag import DAG as DAG
    from tradewind.authoring.dag_decorator import dag as dag
    from tradewind.authoring.dag_result import result as result
    from tradewind.authoring.deadlines import BaseDeadlineReference as BaseDeadlineReference
    from tradewind.authoring.deadlines import DeadlineAlert as DeadlineAlert
    from tradewind.authoring.deadlines import DeadlineReference as DeadlineReference
    from tradewind.authoring.deadlines import deadline_reference as deadline_reference
    from tradewind.authoring.deferred_callbacks import AsyncCallback as AsyncCallback
    from tradewind.authoring.deferred_callbacks import SyncCallback as SyncCallback
    from tradewind.authoring.edges import EdgeModifier as EdgeModifier
    from tradewind.authoring.edges import Label as Label
    from tradewind.authoring.hook import BaseHook as BaseHook
    from tradewind.authoring.notifier import BaseNotifier as BaseNotifier
    from tradewind.authoring.object_storage import ObjectStoragePath as ObjectStoragePath
    from tradewind.authoring.operator import BaseOperator as BaseOperator
    from tradewind.authoring.operator_link import BaseOperatorLink as BaseOperatorLink
    from tradewind.authoring.params import Param as Param
    from tradewind.authoring.params import ParamsDict as ParamsDict
    from tradewind.authoring.parsing_context import get_parsing_context as get_parsing_context
    from tradewind.authoring.partitions.mappers import AllowedKeyMapper as AllowedKeyMapper
    from tradewind.authoring.partitions.mappers import ChainMapper as ChainMapper
    from tradewind.authoring.partitions.mappers import FanOutMapper as FanOutMapper
    from tradewind.authoring.partitions.mappers import FixedKeyMapper as FixedKeyMapper
    from tradewind.authoring.partitions.mappers import IdentityMapper as IdentityMapper
    from tradewind.authoring.partitions.mappers import PartitionMapper as PartitionMapper
    from tradewind.authoring.partitions.mappers import ProductMapper as ProductMapper
    from tradewind.authoring.partitions.mappers import RollupMapper as RollupMapper
    from tradewind.authoring.partitions.mappers import StartOfDayMapper as StartOfDayMapper
    from tradewind.authoring.partitions.mappers import StartOfHourMapper as StartOfHourMapper
    from tradewind.authoring.partitions.mappers import StartOfMonthMapper as StartOfMonthMapper
    from tradewind.authoring.partitions.mappers import StartOfQuarterMapper as StartOfQuarterMapper
    from tradewind.authoring.partitions.mappers import StartOfWeekMapper as StartOfWeekMapper
    from tradewind.authoring.partitions.mappers import StartOfYearMapper as StartOfYearMapper
    from tradewind.authoring.partitions.windows import DayWindow as DayWindow
    from tradewind.authoring.partitions.windows import HourWindow as HourWindow
    from tradewind.authoring.partitions.windows import MinimumCount as MinimumCount
    from tradewind.authoring.partitions.windows import MonthWindow as MonthWindow
    from tradewind.authoring.partitions.windows import QuarterWindow as QuarterWindow
    from tradewind.authoring.partitions.windows import SegmentWindow as SegmentWindow
    from tradewind.authoring.partitions.windows import WaitForAll as WaitForAll
    from tradewind.authoring.partitions.windows import WeekWindow as WeekWindow
    from tradewind.authoring.partitions.windows import Window as Window
    from tradewind.authoring.partitions.windows import YearWindow as YearWindow
    from tradewind.authoring.resumable import ResumableJobMixin as ResumableJobMixin
    from tradewind.authoring.retry_policy import ExceptionRetryPolicy as ExceptionRetryPolicy
    from tradewind.authoring.retry_policy import RetryAction as RetryAction
    from tradewind.authoring.retry_policy import RetryDecision as RetryDecision
    from tradewind.authoring.retry_policy import RetryPolicy as RetryPolicy
    from tradewind.authoring.retry_policy import RetryRule as RetryRule
    from tradewind.authoring.secret_cache import SecretCache as SecretCache
    from tradewind.authoring.sensor import BaseSensorOperator as BaseSensorOperator
    from tradewind.authoring.sensor import PokeReturnValue as PokeReturnValue
    from tradewind.authoring.setup_teardown import setup as setup
    from tradewind.authoring.setup_teardown import teardown as teardown
    from tradewind.authoring.skipping import SkipMixin as SkipMixin
    from tradewind.authoring.state_stores import NEVER_EXPIRE as NEVER_EXPIRE
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
    from tradewind.authoring.xcom_backend import BaseXCom as BaseXCom
    from tradewind.model.plan import TriggerRule as TriggerRule
    from tradewind.model.plan import WeightRule as WeightRule
    from tradewind.model.states import RunState as DagRunState  # noqa: F401
    from tradewind.model.states import TaskState as TaskInstanceState  # noqa: F401
    from tradewind.timetables import CronDataIntervalTimetable as CronDataIntervalTimetable
    from tradewind.timetables import CronPartitionTimetable as CronPartitionTimetable
    from tradewind.timetables import CronTriggerTimetable as CronTriggerTimetable
    from tradewind.timetables import DeltaDataIntervalTimetable as DeltaDataIntervalTimetable
    from tradewind.timetables import DeltaTriggerTimetable as DeltaTriggerTimetable
    from tradewind.timetables import EventsTimetable as EventsTimetable
    from tradewind.timetables import MultipleCronTriggerTimetable as MultipleCronTriggerTimetable
    from tradewind.timetables import PartitionedAtRuntime as PartitionedAtRuntime

_HOMES: dict[str, tuple[str, ...]] = {
    "tradewind.authoring.asset_schedules": ("AssetOrTimeSchedule", "PartitionedAssetTimetable"),
    "tradewind.authoring.assets": (
        "Asset",
        "AssetAccessControl",
        "AssetAlias",
        "AssetAll",
        "AssetAny",
        "AssetWatcher",
        "Metadata",
    ),
    "tradewind.authoring.assets.decorator": ("asset",),
    "tradewind.authoring.async_operator": ("BaseAsyncOperator",),
    "tradewind.authoring.branching": ("BaseBranchOperator", "BranchMixIn"),
    "tradewind.authoring.configuration": ("conf",),
    "tradewind.authoring.connections": ("Connection",),
    "tradewind.authoring.context": ("Context", "get_current_context"),
    "tradewind.authoring.dag": ("DAG",),
    "tradewind.authoring.dag_decorator": ("dag",),
    "tradewind.authoring.dag_result": ("result",),
    "tradewind.authoring.deadlines": (
        "BaseDeadlineReference",
        "DeadlineAlert",
        "DeadlineReference",
        "deadline_reference",
    ),
    "tradewind.authoring.deferred_callbacks": ("AsyncCallback", "SyncCallback"),
    "tradewind.authoring.edges": ("EdgeModifier", "Label"),
    "tradewind.authoring.hook": ("BaseHook",),
    "tradewind.authoring.notifier": ("BaseNotifier",),
    "tradewind.authoring.object_storage": ("ObjectStoragePath",),
    "tradewind.authoring.operator": ("BaseOperator",),
    "tradewind.authoring.operator_link": ("BaseOperatorLink",),
    "tradewind.authoring.params": ("Param", "ParamsDict"),
    "tradewind.authoring.parsing_context": ("get_parsing_context",),
    "tradewind.authoring.partitions.mappers": (
        "AllowedKeyMapper",
        "ChainMapper",
        "FanOutMapper",
        "FixedKeyMapper",
        "IdentityMapper",
        "PartitionMapper",
        "ProductMapper",
        "RollupMapper",
        "StartOfDayMapper",
        "StartOfHourMapper",
        "StartOfMonthMapper",
        "StartOfQuarterMapper",
        "StartOfWeekMapper",
        "StartOfYearMapper",
    ),
    "tradewind.authoring.partitions.windows": (
        "DayWindow",
        "HourWindow",
        "MinimumCount",
        "MonthWindow",
        "QuarterWindow",
        "SegmentWindow",
        "WaitForAll",
        "WeekWindow",
        "Window",
        "YearWindow",
    ),
    "tradewind.authoring.resumable": ("ResumableJobMixin",),
    "tradewind.authoring.retry_policy": (
        "ExceptionRetryPolicy",
        "RetryAction",
        "RetryDecision",
        "RetryPolicy",
        "RetryRule",
    ),
    "tradewind.authoring.secret_cache": ("SecretCache",),
    "tradewind.authoring.sensor": ("BaseSensorOperator", "PokeReturnValue"),
    "tradewind.authoring.setup_teardown": ("setup", "teardown"),
    "tradewind.authoring.skipping": ("SkipMixin",),
    "tradewind.authoring.state_stores": ("NEVER_EXPIRE",),
    "tradewind.authoring.task_group": ("TaskGroup",),
    "tradewind.authoring.task_group_decorator": ("task_group",),
    "tradewind.authoring.task_instance": ("RuntimeTaskInstance",),
    "tradewind.authoring.taskflow": ("task",),
    "tradewind.authoring.template_fields": ("literal",),
    "tradewind.authoring.variables": ("Variable",),
    "tradewind.authoring.wiring": ("chain", "chain_linear", "cross_downstream"),
    "tradewind.authoring.xcom_arg": ("XComArg",),
    "tradewind.authoring.xcom_backend": ("BaseXCom",),
    "tradewind.model.plan": ("TriggerRule", "WeightRule"),
    "tradewind.timetables": (
        "CronDataIntervalTimetable",
        "CronPartitionTimetable",
        "CronTriggerTimetable",
        "DeltaDataIntervalTimetable",
        "DeltaTriggerTimetable",
        "EventsTimetable",
        "MultipleCronTriggerTimetable",
        "PartitionedAtRuntime",
    ),
}
_RENAMED = {
    "TaskInstance": ("tradewind.authoring.task_instance", "RuntimeTaskInstance"),
    "DagRunState": ("tradewind.model.states", "RunState"),
    "TaskInstanceState": ("tradewind.model.states", "TaskState"),
    "__version__": ("tradewind.model.version", "VERSION"),
}
_MODULES = {
    "lineage": "tradewind.authoring.lineage",
    "macros": "tradewind.authoring.macros",
    "timezone": "tradewind.authoring.timezone",
}

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

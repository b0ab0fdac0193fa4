"""Every name that `airflow.sdk` exports is here and there, one object, with its arguments."""

import ast
import importlib
import inspect
from datetime import timedelta
from enum import Enum
from typing import Any

import pytest

import tradewind
from tradewind import DAG, BaseOperator, BaseSensorOperator

START_OF = "max_downstream_keys=None timezone='UTC' input_format='%Y-%m-%dT%H:%M:%S'"
DAG_ARGUMENTS = (
    "dag_id description=None default_args=? start_date=? end_date=None schedule=? "
    "template_searchpath=None template_undefined=? user_defined_macros=None "
    "user_defined_filters=None max_active_tasks=? max_active_runs=? "
    "max_consecutive_failed_dag_runs=? dagrun_timeout=None deadline=None sla_miss_callback=None "
    "catchup=? on_success_callback=None on_failure_callback=None doc_md=None params=None "
    "access_control=None is_paused_upon_creation=None jinja_environment_kwargs=None "
    "render_template_as_native_obj=False tags=? owner_links=? auto_register=True fail_fast=False "
    "allowed_run_types=None dag_display_name=? task_group=? disable_bundle_versioning=? "
    "rerun_with_latest_version=None"
)
TASK_ARGUMENTS = (
    "task_id owner=? email=None email_on_retry=True email_on_failure=True retries=? retry_delay=? "
    "retry_exponential_backoff=0 max_retry_delay=None retry_policy=None start_date=None "
    "end_date=None depends_on_past=False ignore_first_depends_on_past=False "
    "wait_for_past_depends_before_skipping=False wait_for_downstream=False dag=None params=None "
    "default_args=None priority_weight=1 weight_rule=? queue=? pool=None pool_slots=1 sla=None "
    "execution_timeout=None on_execute_callback=None on_failure_callback=None "
    "on_success_callback=None on_retry_callback=None on_skipped_callback=None pre_execute=None "
    "post_execute=None trigger_rule='all_success' resources=None run_as_user=None "
    "map_index_template=None max_active_tis_per_dag=None max_active_tis_per_dagrun=None "
    "executor=None executor_config=None do_xcom_push=True multiple_outputs=False inlets=None "
    "outlets=None task_group=None doc=None doc_md=None doc_json=None doc_yaml=None doc_rst=None "
    "task_display_name=None logger_name=None allow_nested_operators=True "
    "render_template_as_native_obj=None"
)

SURFACE = {
    # graphs and tasks
    "DAG": DAG_ARGUMENTS,
    "dag": "",
    "TaskGroup": (
        "group_id group_display_name='' prefix_group_id=True parent_group=? dag=? default_args=? "
        "tooltip='' doc_md=None ui_color='CornflowerBlue' ui_fgcolor='#000' "
        "add_suffix_on_collision=False"
    ),
    "task": "",
    "task_group": "",
    "setup": "func",
    "teardown": "_func=None on_failure_fail_dagrun=False",
    "result": "t",
    "BaseOperator": TASK_ARGUMENTS,
    "BaseAsyncOperator": TASK_ARGUMENTS,
    "BaseBranchOperator": TASK_ARGUMENTS,
    "BaseSensorOperator": (
        "poke_interval=60 timeout=None soft_fail=False mode='poke' exponential_backoff=False "
        "max_wait=None silent_fail=False never_fail=False " + TASK_ARGUMENTS
    ),
    "PokeReturnValue": "is_done xcom_value=None",
    "BranchMixIn": "",
    "SkipMixin": "",
    "ResumableJobMixin": "durable=True",
    "BaseOperatorLink": "",
    "BaseHook": "logger_name=None",
    "BaseNotifier": "context=None",
    "BaseXCom": "",
    "XComArg": "",
    "EdgeModifier": "label=None",
    "Label": "label",
    "chain": "",
    "chain_linear": "",
    "cross_downstream": "from_tasks to_tasks",
    "literal": "value",
    # words
    "DagRunState": "",
    "TaskInstanceState": "",
    "TriggerRule": "",
    "WeightRule": "",
    "TaskInstance": "",
    # values
    "Param": "default=? description=None source=None",
    "ParamsDict": "dict_obj=None suppress_exception=False",
    "Connection": "conn_id=? uri=None",
    "Variable": "key value=None description=None",
    "SecretCache": "",
    "ObjectStoragePath": "",
    "NEVER_EXPIRE": "",
    "Context": "",
    "get_current_context": "",
    "get_parsing_context": "",
    "conf": "",
    "macros": "",
    "lineage": "",
    # assets
    "Asset": "name=None uri=None group=None extra=None watchers=None access_control=None",
    "AssetAccessControl": "producer_teams=? consumer_teams=None allow_global=True",
    "AssetAlias": "name group='asset'",
    "AssetAll": "",
    "AssetAny": "",
    "AssetWatcher": "name trigger",
    "Metadata": "asset extra=? alias=None",
    "asset": (
        "schedule is_paused_upon_creation=None dag_id=None dag_display_name=None description=None "
        "params=None on_success_callback=None on_failure_callback=None access_control=None "
        "owner_links=? tags=? name=None uri=None group='asset' extra=? watchers=?"
    ),
    # timetables
    "AssetOrTimeSchedule": "assets=? timetable",
    "CronDataIntervalTimetable": "expression=? timezone=?",
    "CronPartitionTimetable": (
        "cron timezone=? run_offset=None run_immediately=False key_format='%Y-%m-%dT%H:%M:%S'"
    ),
    "CronTriggerTimetable": "expression=? timezone=? interval=? run_immediately=False",
    "DeltaDataIntervalTimetable": "delta",
    "DeltaTriggerTimetable": "delta interval=?",
    "EventsTimetable": "event_dates restrict_to_events=False presorted=False description=None",
    "MultipleCronTriggerTimetable": "timezone=? interval=? run_immediately=False",
    "PartitionedAssetTimetable": "assets partition_mapper_config=? default_partition_mapper=?",
    "PartitionedAtRuntime": "",
    # partitions
    "PartitionMapper": "max_downstream_keys=None",
    "IdentityMapper": "max_downstream_keys=None",
    "AllowedKeyMapper": "allowed_keys max_downstream_keys=None",
    "FixedKeyMapper": "downstream_key max_downstream_keys=None",
    "ChainMapper": "mapper0 mapper1 max_downstream_keys=None",
    "ProductMapper": "mapper0 mapper1 delimiter='|' max_downstream_keys=None",
    "RollupMapper": "upstream_mapper window wait_policy=? max_downstream_keys=None",
    "FanOutMapper": "upstream_mapper window downstream_mapper=None max_downstream_keys=None",
    **{
        f"StartOf{span}Mapper": f"{START_OF} output_format=None"
        for span in ("Hour", "Day", "Week", "Month", "Quarter", "Year")
    },
    **{
        f"{span}Window": "direction='forward'"
        for span in ("", "Hour", "Day", "Week", "Month", "Quarter", "Year")
    },
    "SegmentWindow": "segments",
    "WaitForAll": "",
    "MinimumCount": "n",
    # deadlines and retries
    "DeadlineAlert": "reference interval callback name=None",
    "DeadlineReference": "",
    "BaseDeadlineReference": "",
    "deadline_reference": "deadline_reference_type=None",
    "AsyncCallback": "callback_callable kwargs=None",
    "SyncCallback": "callback_callable kwargs=None executor=None",
    "RetryPolicy": "",
    "ExceptionRetryPolicy": "rules default='default'",
    "RetryRule": "exception action='retry' retry_delay=None reason=None match_subclasses=True",
    "RetryAction": "",
    "RetryDecision": "action='default' retry_delay=None reason=None",
}
"""Name -> its arguments; `?` is a default that an option or the surroundings give."""

OURS = {"RuntimeTaskInstance", "timezone"}
"""What `tradewind` has besides."""


def parameters(item: Any) -> dict[str, Any]:
    """Argument -> default, over all constructors of a class."""
    sources = [base.__init__ for base in reversed(item.__mro__)] if inspect.isclass(item) else []
    found = {}
    for source in [*sources, item]:
        try:
            signature = inspect.signature(source)
        except ValueError:
            continue
        found.update({name: value.default for name, value in signature.parameters.items()})
    return found


@pytest.mark.parametrize("name", SURFACE)
def test_a_name_is_there_with_its_arguments(name: str) -> None:
    item = getattr(tradewind, name)
    there = getattr(importlib.import_module("airflow.sdk"), name)
    if inspect.ismodule(item):  # a module of its own, with the same things in it
        assert there.__all__
        assert all(getattr(there, one) is getattr(item, one) for one in there.__all__)
    else:
        assert there is item
    taken = parameters(item) if SURFACE[name] else {}
    for argument in SURFACE[name].split():
        spelled, has_default, default = argument.partition("=")
        assert spelled in taken
        if not has_default:
            assert taken[spelled] is inspect.Parameter.empty, f"{spelled} must be given"
        elif default != "?":
            given = taken[spelled]
            assert (given.value if isinstance(given, Enum) else given) == ast.literal_eval(default)


def test_nothing_is_missing_from_the_list() -> None:
    assert set(tradewind.__all__) == SURFACE.keys() | OURS
    exported = set(importlib.import_module("airflow.sdk").__all__)
    assert exported == SURFACE.keys() | {"timezone"}


def test_what_options_give_where_nothing_is_said() -> None:
    task = BaseOperator(task_id="t")
    assert (task.owner, task.queue, task.pool, task.retries) == (
        "airflow",
        "default",
        "default_pool",
        0,
    )
    assert (task.retry_delay, task.weight_rule.value) == (timedelta(minutes=5), "downstream")
    assert BaseSensorOperator(task_id="s").timeout == 7 * 24 * 3600
    dag = DAG("d")
    assert (dag.schedule, dag.catchup, dag.max_active_tasks, dag.max_active_runs) == (
        None,
        False,
        16,
        16,
    )


def test_an_operators_signature_is_that_of_its_constructor() -> None:
    assert list(inspect.signature(BaseOperator).parameters)[:2] == ["task_id", "owner"]

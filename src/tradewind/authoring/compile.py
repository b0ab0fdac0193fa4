"""DAG -> Plan: what the author said, as data, with everything that cannot be found out.

Errors name the DAG, the task and what would be right. Knows nothing of stored state.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tradewind.authoring import constructs, graph
from tradewind.authoring.asked_weights import AskedWeights, asked_weights
from tradewind.authoring.custom_timetable import spec_of
from tradewind.authoring.dag import DAG
from tradewind.authoring.errors import ParamValidationError
from tradewind.authoring.located import Located
from tradewind.authoring.meanings import catchup_of, earliest_start, profile_of, timetable_of
from tradewind.authoring.names import did_you_mean
from tradewind.authoring.params import ParamsDict
from tradewind.authoring.task_group import TaskGroup
from tradewind.authoring.template_checks import check_templates
from tradewind.authoring.timezone import plain_utc, zone_name
from tradewind.authoring.weights import effective_weights
from tradewind.config.settings import Core
from tradewind.model.errors import InvalidSchedule
from tradewind.model.plan import GroupPlan, Plan, ScheduleSpec, TaskPlan
from tradewind.model.states import RunType
from tradewind.timetables import AssetOrTimeTimetable, AssetTriggeredTimetable, Timetable

if TYPE_CHECKING:
    from tradewind.authoring.operator import BaseOperator

__all__ = ["Located", "compile_dag", "timetable_of"]

_PRESETS = (
    "@once",
    "@continuous",
    "@hourly",
    "@daily",
    "@weekly",
    "@monthly",
    "@quarterly",
    "@yearly",
)


_READS = "a weight strategy that reads the {} of an instance"


def compile_dag(dag: DAG, *, defaults: Core) -> Plan:
    """The Plan of a DAG. Raises UserError for one that cannot be run as it stands."""
    order = graph.sort(dag)
    timetable = _timetable(dag)
    _check_schedule(dag, timetable)
    profile, reason = profile_of(dag)
    weights = effective_weights(order)
    graph.check_setups(dag)
    check_templates(dag, order)
    return Plan(
        dag_id=dag.dag_id,
        tasks=tuple(_task_plan(dag, task, weights, defaults) for task in order),
        groups=tuple(_group_plan(group) for group in dag.task_group_dict.values()),
        schedule=_schedule(dag, timetable),
        start_date=_plain(dag.start_date),
        end_date=_plain(dag.end_date),
        timezone=zone_name(dag.timezone),
        catchup=catchup_of(dag),
        max_active_runs=dag.max_active_runs,
        max_active_tasks=dag.max_active_tasks,
        max_active_tasks_per_run=profile == 3,
        max_consecutive_failed_dag_runs=dag.max_consecutive_failed_dag_runs,
        dagrun_timeout_s=dag.dagrun_timeout.total_seconds() if dag.dagrun_timeout else None,
        fail_fast=dag.fail_fast,
        profile=profile,
        profile_reason=reason,
        runs_are_named_by_date=profile == 2,
        manual_run_is_dated=profile == 2,
        is_paused_upon_creation=dag.is_paused_upon_creation,
        has_on_success_callback=dag.has_on_success_callback,
        has_on_failure_callback=dag.has_on_failure_callback,
        allowed_run_types=tuple(sorted(kind.value for kind in dag.allowed_run_types or ())),
        deadlines=constructs.deadlines_of(dag),
        assets=constructs.assets_of_dag(dag),
        result_task_id=dag.dag_result_task_id,
        rerun_with_latest_version=dag.rerun_with_latest_version,
        disable_bundle_versioning=dag.disable_bundle_versioning,
        display_name=dag.dag_display_name,
        description=dag.description,
        doc_md=dag.doc_md,
        owners=tuple(sorted({task.owner for task in order})),
        owner_links=dag.owner_links,
        tags=tuple(sorted(dag.tags)),
        params=_params(dag.params),
        edge_labels=_labels(dag),
        render_template_as_native_obj=dag.render_template_as_native_obj,
    )


def _timetable(dag: DAG) -> Timetable:
    try:
        return timetable_of(dag)
    except InvalidSchedule as error:
        schedule = dag.schedule
        hint = did_you_mean(schedule, _PRESETS) if isinstance(schedule, str) else ""
        raise Located(f"DAG {dag.dag_id!r}: {error}{hint}", dag.site) from error


def _schedule(dag: DAG, timetable: Timetable) -> ScheduleSpec:
    try:
        return spec_of(timetable)
    except InvalidSchedule as error:
        raise Located(f"DAG {dag.dag_id!r}: {error}", dag.site) from error


def _check_schedule(dag: DAG, timetable: Timetable) -> None:
    _check_run_types(dag, timetable)
    if not timetable.can_be_scheduled:
        return
    if catchup_of(dag) and dag.schedule_is_given and earliest_start(dag) is None:
        raise Located(
            f"DAG {dag.dag_id!r} has catchup=True and no start_date: "
            "give it a start_date to catch up from",
            dag.site,
        )
    if timetable.follows_now and dag.max_active_runs > 1:
        raise Located(
            f"DAG {dag.dag_id!r} runs continuously, one run after the other: "
            f"set max_active_runs=1, not {dag.max_active_runs}",
            dag.site,
        )
    for name, param in dag.params.params():
        try:
            param.copy().resolve()
        except ParamValidationError as error:
            raise Located(
                f"DAG {dag.dag_id!r} has a schedule, so its params need valid defaults; "
                f"param {name!r}: {error}",
                dag.site,
            ) from error


def _check_run_types(dag: DAG, timetable: Timetable) -> None:
    if not dag.allowed_run_types:
        return
    made = run_types_of(timetable)
    names = ", ".join(sorted(made - dag.allowed_run_types))
    if names:
        raise Located(
            f"DAG {dag.dag_id!r}: its schedule makes runs of type {names}, "
            "which allowed_run_types must include",
            dag.site,
        )
    if not made and RunType.MANUAL not in dag.allowed_run_types:
        raise Located(
            f"DAG {dag.dag_id!r} has no schedule, so allowed_run_types must include "
            f"{RunType.MANUAL}",
            dag.site,
        )


def run_types_of(timetable: Timetable) -> set[RunType]:
    """The types of the runs that a schedule makes."""
    found = {RunType.SCHEDULED} if timetable.can_be_scheduled else set()
    if isinstance(timetable, AssetTriggeredTimetable | AssetOrTimeTimetable):
        found.add(RunType.ASSET_TRIGGERED)
    return found


def _longest_retry_delay_s(task: "BaseOperator", defaults: Core) -> float | None:
    """A delay that grows ends at the task's own limit and at `max_task_retry_delay`."""
    own = _seconds(task.max_retry_delay)
    if task.retry_exponential_backoff in (0, 1):
        return own
    of_all = float(defaults.max_task_retry_delay)
    return of_all if own is None else min(own, of_all)


def _task_plan(
    dag: DAG,
    task: "BaseOperator",
    weights: Mapping[str, int],
    defaults: Core,
) -> TaskPlan:
    group = task.task_group.group_id if task.task_group is not None else None
    asked = asked_weights(task) or AskedWeights((weights[task.task_id],))
    return TaskPlan(
        task_id=task.task_id,
        upstream=tuple(sorted(task.upstream_task_ids)),
        trigger_rule=task.trigger_rule,
        runs=not _has_nothing_to_execute(task),
        retries=task.retries,
        retry_delay_s=task.retry_delay.total_seconds(),
        retry_backoff=task.retry_exponential_backoff,
        max_retry_delay_s=_longest_retry_delay_s(task, defaults),
        execution_timeout_s=_seconds(task.execution_timeout),
        pool=task.pool,
        pool_slots=task.pool_slots,
        priority_weight=asked.weights[0],
        retry_weights=asked.weights[1:],
        own_priority_weight=task.priority_weight,
        weight_rule=_weight_rule(task),
        queue=task.queue,
        executor=task.executor,
        depends_on_past=task.depends_on_past,
        ignore_first_depends_on_past=task.ignore_first_depends_on_past,
        wait_for_downstream=task.wait_for_downstream,
        max_active_tis_per_dag=task.max_active_tis_per_dag,
        max_active_tis_per_dagrun=task.max_active_tis_per_dagrun,
        start_date=_plain(_own(task.start_date, dag.start_date)),
        end_date=_plain(_own(task.end_date, dag.end_date)),
        run_as_user=task.run_as_user,
        wait_for_past_depends_before_skipping=task.wait_for_past_depends_before_skipping,
        expansion=constructs.expansion_of(task),
        is_setup=task.is_setup,
        is_teardown=task.is_teardown,
        setups=constructs.setups_of(task),
        on_failure_fail_dagrun=task.on_failure_fail_dagrun,
        may_skip_downstream=task.inherits_from_skipmixin,
        sensor=constructs.sensor_of(task),
        start_trigger=constructs.start_trigger_of(task),
        inlets=constructs.assets_of(task.inlets),
        outlets=constructs.assets_of(task.outlets),
        unsupported=(*task.unsupported, *map(_READS.format, asked.unknown)),
        has_end_callbacks=_has_end_callbacks(task),
        operator=task.operator_name,
        class_module=task.operator_class.__module__,
        display_name=task.task_display_name,
        group_id=group,
        owner=task.owner,
        doc_md=task.doc_md,
        ui_color=task.ui_color,
        ui_fgcolor=task.ui_fgcolor,
        template_fields=tuple(task.template_fields),
        extra_links=_extra_links(task),
        params=_params(task.params),
    )


def _extra_links(task: "BaseOperator") -> tuple[tuple[str, str], ...]:
    """Name and XCom of each link; an operator that tells them of its instances alone has none here."""
    owner = task.operator_class if task.is_mapped else task
    links = getattr(owner, "operator_extra_links", ())
    if isinstance(links, property):
        return ()
    return tuple((str(link.name), str(link.xcom_key)) for link in links)


def _has_nothing_to_execute(task: "BaseOperator") -> bool:
    return task.inherits_from_empty_operator and not (
        task.on_execute_callback
        or task.on_success_callback
        or task.inlets
        or task.outlets
        or task._pre_execute_hook
        or task._post_execute_hook
    )


def _has_end_callbacks(task: "BaseOperator") -> bool:
    return bool(
        task.on_failure_callback
        or task.on_retry_callback
        or task.on_success_callback
        or task.on_skipped_callback
    )


def _weight_rule(task: "BaseOperator") -> str:
    rule = task.weight_rule
    if isinstance(rule, str):
        return str(rule)
    strategy = rule if isinstance(rule, type) else type(rule)
    return f"{strategy.__module__}.{strategy.__qualname__}"


def _group_plan(group: TaskGroup) -> GroupPlan:
    return GroupPlan(
        group_id=group.node_id,
        parent_id=group.parent_group.group_id if group.parent_group else None,
        expansion=group.expand_input.as_spec() if group.expand_input is not None else None,
        display_name=group.group_display_name or (group.label or ""),
        tooltip=group.tooltip,
        doc_md=group.doc_md,
        ui_color=group.ui_color,
        ui_fgcolor=group.ui_fgcolor,
    )


def _labels(dag: DAG) -> dict[str, dict[str, str]]:
    return {
        upstream: labels
        for upstream, edges in dag.edge_info.items()
        if (labels := {down: info["label"] for down, info in edges.items() if info.get("label")})
    }


def _params(params: ParamsDict) -> dict[str, Any]:
    return {name: param.as_data() for name, param in params.params()}


def _seconds(duration: Any) -> float | None:
    return None if duration is None else duration.total_seconds()


def _plain(moment: datetime | None) -> datetime | None:
    return None if moment is None else plain_utc(moment)


def _own(date: datetime | None, of_dag: datetime | None) -> datetime | None:
    """A task's start or end; None where it is that of the DAG."""
    return None if date == of_dag else date

"""Tasks of a DAG's latest version."""

from datetime import datetime, timedelta
from typing import Self

from pydantic import Field

from tradewind.model.plan import Plan, TaskPlan
from tradewind.server.api.schemas.answer import Answer
from tradewind.server.api.schemas.fields import JsonObject


class TimeDelta(Answer):
    type_: str = Field(default="TimeDelta", serialization_alias="__type")
    days: int
    seconds: int
    microseconds: int

    @classmethod
    def of(cls, seconds: float | None) -> Self | None:
        if seconds is None:
            return None
        span = timedelta(seconds=seconds)
        return cls(days=span.days, seconds=span.seconds, microseconds=span.microseconds)


class TaskResponse(Answer):
    task_id: str | None
    task_display_name: str | None
    owner: str | None
    start_date: datetime | None
    end_date: datetime | None
    trigger_rule: str | None
    depends_on_past: bool
    wait_for_downstream: bool
    retries: float | None
    queue: str | None
    pool: str | None
    pool_slots: float | None
    execution_timeout: TimeDelta | None
    retry_delay: TimeDelta | None
    retry_exponential_backoff: float
    priority_weight: float | None
    weight_rule: str | None
    ui_color: str | None
    ui_fgcolor: str | None
    template_fields: list[str] | None
    downstream_task_ids: list[str] | None
    doc_md: str | None
    operator_name: str | None
    params: JsonObject | None
    class_ref: JsonObject | None
    is_mapped: bool | None = False
    extra_links: list[str]

    @classmethod
    def of(cls, task: TaskPlan, downstream: list[str], plan: Plan) -> Self:
        return cls(
            task_id=task.task_id,
            extra_links=[name for name, _ in task.extra_links],
            task_display_name=task.display_name or task.task_id,
            owner=task.owner,
            start_date=task.start_date or plan.start_date,
            end_date=task.end_date or plan.end_date,
            trigger_rule=task.trigger_rule.value,
            depends_on_past=task.depends_on_past,
            wait_for_downstream=task.wait_for_downstream,
            retries=task.retries,
            queue=task.queue,
            pool=task.pool,
            pool_slots=task.pool_slots,
            execution_timeout=TimeDelta.of(task.execution_timeout_s),
            retry_delay=TimeDelta.of(task.retry_delay_s),
            retry_exponential_backoff=task.retry_backoff,
            priority_weight=task.own_priority_weight,
            weight_rule=task.weight_rule,
            ui_color=task.ui_color,
            ui_fgcolor=task.ui_fgcolor,
            template_fields=list(task.template_fields),
            downstream_task_ids=downstream,
            doc_md=task.doc_md,
            operator_name=task.operator,
            params=task.params,
            class_ref={"module_path": task.class_module, "class_name": task.operator},
        )


class TaskCollectionResponse(Answer):
    tasks: list[TaskResponse]
    total_entries: int


def tasks_of(plan: Plan) -> list[TaskResponse]:
    """Every task of a Plan, in topological order."""
    downstream: dict[str, list[str]] = {task.task_id: [] for task in plan.tasks}
    for task in plan.tasks:
        for upstream in task.upstream:
            downstream[upstream].append(task.task_id)
    return [TaskResponse.of(task, sorted(downstream[task.task_id]), plan) for task in plan.tasks]

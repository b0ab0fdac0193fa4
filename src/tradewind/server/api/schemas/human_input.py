"""What task instances ask people, and answers."""

from datetime import datetime
from typing import Any, Self

from pydantic import Field

from tradewind.model.human_input import Inquiry, Person
from tradewind.server.api.schemas.answer import Answer
from tradewind.server.api.schemas.fields import (
    AskedInt,
    Body,
    Conf,
    JsonObject,
    Moment,
    PageQuery,
)
from tradewind.server.api.schemas.ranges import range_of
from tradewind.server.api.schemas.task_instances import (
    AskedState,
    TaskInstanceHistoryResponse,
    TaskInstanceResponse,
)
from tradewind.storage.listings.criteria import Search
from tradewind.storage.listings.human_input import InquiryFilters


class HITLUser(Answer):
    id: str
    name: str

    @classmethod
    def of(cls, person: Person) -> Self:
        return cls(id=person.id, name=person.name)


class UpdateHITLDetailPayload(Body):
    chosen_options: list[str] = Field(min_length=1)
    params_input: Conf = Field(default_factory=dict)


class HITLDetailResponse(Answer):
    responded_by: HITLUser
    responded_at: datetime
    chosen_options: list[str]
    params_input: JsonObject


class _Asked(Answer):
    options: list[str]
    subject: str
    body: str | None
    defaults: list[str] | None
    multiple: bool
    params: JsonObject
    assigned_users: list[HITLUser]
    created_at: datetime
    responded_by_user: HITLUser | None
    responded_at: datetime | None
    chosen_options: list[str] | None
    params_input: JsonObject
    response_received: bool


class HITLDetail(_Asked):
    task_instance: TaskInstanceResponse

    @classmethod
    def of(cls, inquiry: Inquiry, task: TaskInstanceResponse) -> Self:
        return cls(**_facts(inquiry), task_instance=task)


class HITLDetailHistory(_Asked):
    task_instance: TaskInstanceHistoryResponse

    @classmethod
    def of(cls, inquiry: Inquiry, task: TaskInstanceHistoryResponse) -> Self:
        return cls(**_facts(inquiry), task_instance=task)


class HITLDetailCollection(Answer):
    hitl_details: list[HITLDetail]
    total_entries: int


class HITLDetailsQuery(PageQuery):
    dag_id_pattern: str | None = None
    dag_id_prefix_pattern: str | None = None
    task_id: str | None = None
    task_id_pattern: str | None = None
    task_id_prefix_pattern: str | None = None
    map_index: AskedInt | None = None
    state: list[AskedState] = []
    response_received: bool | None = None
    responded_by_user_id: list[str] = []
    responded_by_user_name: list[str] = []
    subject_search: str | None = None
    body_search: str | None = None
    created_at_gte: Moment | None = None
    created_at_gt: Moment | None = None
    created_at_lte: Moment | None = None
    created_at_lt: Moment | None = None

    def filters(self, dag_id: str | None, run_id: str | None) -> InquiryFilters:
        """As the listing takes them; None stands for every DAG or run."""
        patterns = {
            "dag_id": self.dag_id_pattern,
            "task_id": self.task_id_pattern,
            "subject": self.subject_search,
            "body": self.body_search,
        }
        prefixes = {"dag_id": self.dag_id_prefix_pattern, "task_id": self.task_id_prefix_pattern}
        return InquiryFilters(
            dag_id=dag_id,
            run_id=run_id,
            task_id=self.task_id,
            map_index=self.map_index,
            states=self.state,
            is_answered=self.response_received,
            answered_by_ids=self.responded_by_user_id,
            answered_by_names=self.responded_by_user_name,
            search=Search(
                ranges={"created_at": range_of(self, "created_at")},
                patterns={name: text for name, text in patterns.items() if text is not None},
                prefixes={name: text for name, text in prefixes.items() if text is not None},
            ),
        )


def _facts(inquiry: Inquiry) -> dict[str, Any]:
    form, response = inquiry.form, inquiry.response
    by = None if response is None else response.responded_by
    return {
        "options": list(form.options),
        "subject": form.subject,
        "body": form.body,
        "defaults": None if form.defaults is None else list(form.defaults),
        "multiple": form.multiple,
        "params": {name: _spelled_out(param) for name, param in form.params.items()},
        "assigned_users": [HITLUser.of(user) for user in form.assigned_users],
        "created_at": inquiry.created_at,
        "responded_by_user": None if by is None else HITLUser.of(by),
        "responded_at": None if response is None else response.responded_at,
        "chosen_options": None if response is None else list(response.chosen_options),
        "params_input": {} if response is None else response.params_input,
        "response_received": response is not None,
    }


def _spelled_out(param: Any) -> dict[str, Any]:
    if isinstance(param, dict) and param.keys() >= {"value", "description", "schema"}:
        return param
    return {"value": param, "description": None, "schema": {}}

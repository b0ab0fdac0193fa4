"""What operators that wait for a person call while they run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypedDict

from tradewind.authoring import host, serde
from tradewind.authoring.errors import AirflowException
from tradewind.model.human_input import Form, Person
from tradewind.model.requests import AnswerInput, AskInput, InquiryOf


class HITLUser(TypedDict):
    """Somebody who may answer."""

    id: str
    name: str


HITLUser.__module__ = "airflow.sdk.execution_time.hitl"


@dataclass(frozen=True, slots=True)
class Responder:
    """Who answered."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class HITLDetailResponse:
    """What has been answered so far."""

    response_received: bool
    responded_by_user: Responder | None = None
    responded_at: datetime | None = None
    chosen_options: list[str] | None = None
    params_input: dict[str, Any] = field(default_factory=dict)


HITLDetailResponse.__module__ = "airflow.sdk.api.datamodels._generated"


def upsert_hitl_detail(
    ti_id: Any,
    options: Sequence[str],
    subject: str,
    body: str | None = None,
    defaults: Sequence[str] | None = None,
    multiple: bool = False,
    params: Mapping[str, Any] | None = None,
    assigned_users: Sequence[HITLUser] | None = None,
) -> None:
    """Ask a person; when this returns, the question can be seen and answered. `ti_id` is always that
    of the task instance that runs."""
    form = Form(
        subject=subject,
        body=body,
        options=tuple(options),
        defaults=None if defaults is None else tuple(defaults),
        multiple=bool(multiple),
        params=serde.serialize(dict(params or {}), "params of the form"),
        assigned_users=tuple(
            Person(id=str(user["id"]), name=user["name"]) for user in assigned_users or ()
        ),
    )
    outcome = host.current().ask(AskInput(form=form))
    if not outcome["applied"]:
        raise AirflowException(f"nobody can be asked: {outcome['reason']}")


def update_hitl_detail_response(
    ti_id: Any, chosen_options: Sequence[str], params_input: Mapping[str, Any]
) -> HITLDetailResponse:
    """Answer in nobody's name what the attempt that has this id asks, as a trigger does with the
    defaults; the answer that counts, which may have come before. Raises AirflowException if it asked
    nothing."""
    answer = AnswerInput(
        token=str(ti_id),
        chosen_options=tuple(chosen_options),
        params_input=serde.serialize(dict(params_input), "params_input"),
    )
    host.current().ask(answer)
    return get_hitl_detail_content_detail(ti_id)


def get_hitl_detail_content_detail(ti_id: Any) -> HITLDetailResponse:
    """What has been answered to the attempt that has this id. Raises AirflowException if it asked
    nothing."""
    found = host.current().ask(InquiryOf(token=str(ti_id)))
    if found is None:
        raise AirflowException(f"task instance {ti_id} has asked nobody")
    if found["responded_at"] is None:
        return HITLDetailResponse(response_received=False)
    by = found["responded_by_user"]
    return HITLDetailResponse(
        response_received=True,
        responded_by_user=None if by is None else Responder(**by),
        responded_at=datetime.fromisoformat(found["responded_at"]),
        chosen_options=found["chosen_options"],
        params_input=found["params_input"],
    )

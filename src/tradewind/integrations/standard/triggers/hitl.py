"""The trigger that waits for a person's answer; our own operators wait without one."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, Literal, TypedDict

from tradewind.authoring.errors import ParamValidationError
from tradewind.authoring.params import Param, ParamsDict
from tradewind.authoring.provider_kit.human_input import (
    HITLDetailResponse,
    HITLUser,
    get_hitl_detail_content_detail,
    update_hitl_detail_response,
)
from tradewind.authoring.timezone import plain_utc
from tradewind.authoring.triggers import BaseTrigger, TriggerEvent

_MODULE = "airflow.providers.standard.triggers.hitl"


class HITLTriggerEventSuccessPayload(TypedDict, total=False):
    """The event after an answer; `timedout` where nobody gave it and the defaults count."""

    chosen_options: list[str]
    params_input: dict[str, Any]
    responded_by_user: HITLUser | None
    responded_at: datetime | None
    timedout: bool


class HITLTriggerEventFailurePayload(TypedDict):
    """The event where there is no answer."""

    error: str
    error_type: Literal["timeout", "unknown", "validation"]


HITLTriggerEventSuccessPayload.__module__ = _MODULE
HITLTriggerEventFailurePayload.__module__ = _MODULE


class HITLTrigger(BaseTrigger):
    """One event if somebody has answered by now what the attempt with the id `ti_id` asks, or when
    `timeout_datetime` is over: then `defaults` are the answer, if there are any. In between it need
    not look (`poke_interval` is of no effect): an answer lets a deferred task go on by itself."""

    __module__ = _MODULE

    def __init__(
        self,
        *,
        ti_id: Any,
        options: list[str],
        params: dict[str, dict[str, Any]],
        defaults: list[str] | None = None,
        multiple: bool = False,
        timeout_datetime: datetime | None,
        poke_interval: float = 5.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.ti_id = ti_id
        self.options = options
        self.params = ParamsDict({name: _param(param) for name, param in params.items()})
        self.defaults = defaults
        self.multiple = multiple
        self.timeout_datetime = None if timeout_datetime is None else plain_utc(timeout_datetime)
        self.poke_interval = poke_interval

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return (
            f"{_MODULE}.HITLTrigger",
            {
                "ti_id": self.ti_id,
                "options": self.options,
                "params": {name: param.as_data() for name, param in self.params.params()},
                "defaults": self.defaults,
                "multiple": self.multiple,
                "timeout_datetime": self.timeout_datetime,
                "poke_interval": self.poke_interval,
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        answer = await self._look()
        if not answer.response_received:
            await self._wait()
            answer = await self._look()
        if answer.response_received:
            yield TriggerEvent(self._told(answer))
        elif self.defaults is None:
            yield TriggerEvent(_nothing("timeout", "nobody has answered in time"))
        else:
            filled_in = self.params.dump()
            answer = await asyncio.to_thread(
                update_hitl_detail_response, self.ti_id, self.defaults, filled_in
            )
            if answer.response_received:
                yield TriggerEvent(self._told(answer))
            else:
                yield TriggerEvent(_nothing("unknown", "the defaults were not taken"))

    async def _look(self) -> HITLDetailResponse:
        return await asyncio.to_thread(get_hitl_detail_content_detail, self.ti_id)

    async def _wait(self) -> None:
        until = self.timeout_datetime
        while until is None or (left := (until - datetime.now(UTC)).total_seconds()) > 0:
            await asyncio.sleep(3600.0 if until is None else min(left, 3600.0))

    def _told(
        self, answer: HITLDetailResponse
    ) -> HITLTriggerEventSuccessPayload | HITLTriggerEventFailurePayload:
        try:
            for name, value in answer.params_input.items():
                self.params[name] = value
        except ParamValidationError as error:
            return _nothing("validation", str(error))
        by = answer.responded_by_user
        return HITLTriggerEventSuccessPayload(
            chosen_options=answer.chosen_options or [],
            params_input=answer.params_input,
            responded_by_user=None if by is None else HITLUser(id=by.id, name=by.name),
            responded_at=answer.responded_at,
            timedout=by is None,
        )


def _param(given: Any) -> Param:
    if isinstance(given, dict) and given.keys() >= {"value", "description", "schema"}:
        return Param(given["value"], description=given["description"], schema=given["schema"])
    return Param(given)


def _nothing(
    kind: Literal["timeout", "unknown", "validation"], error: str
) -> HITLTriggerEventFailurePayload:
    return HITLTriggerEventFailurePayload(error=error, error_type=kind)

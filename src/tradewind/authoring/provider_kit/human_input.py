"""What operators that wait for a person call while they run; tasks cannot wait for people yet."""

from typing import Any, NoReturn, TypedDict

from tradewind.model.errors import UserError


class HITLUser(TypedDict):
    """Somebody who may answer."""

    id: str
    name: str


HITLUser.__module__ = "airflow.sdk.execution_time.hitl"


class NoHumanInput(UserError, NotImplementedError):
    """A task asked a person."""


def _refuse(what: str) -> NoReturn:
    raise NoHumanInput(f"{what}: tasks that wait for a person's answer cannot be run yet")


def upsert_hitl_detail(*_: Any, **__: Any) -> NoReturn:
    """Refused."""
    _refuse("upsert_hitl_detail")


def update_hitl_detail_response(*_: Any, **__: Any) -> NoReturn:
    """Refused."""
    _refuse("update_hitl_detail_response")


def get_hitl_detail_content_detail(*_: Any, **__: Any) -> NoReturn:
    """Refused."""
    _refuse("get_hitl_detail_content_detail")

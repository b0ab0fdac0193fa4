"""What a task asks a person, and the answer."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tradewind.model.keys import TaskKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who answers, or may."""

    id: str
    """For a user of ours, the username."""
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What is asked: to choose among options, and to fill in params."""

    subject: str
    options: tuple[str, ...]
    body: str | None = None
    defaults: tuple[str, ...] | None = None
    """Chosen when nobody has answered in time; None: then the wait has failed."""
    multiple: bool = False
    """Whether several options may be chosen."""
    params: dict[str, Any] = field(default_factory=dict)
    """Name to {value, description, schema}, or to a plain value."""
    assigned_users: tuple[Person, ...] = ()
    """Who may answer; empty: everybody who may edit the DAG."""

    def default_params(self) -> dict[str, Any]:
        """The values that params have before anybody fills them in."""
        return {
            name: param["value"] if isinstance(param, dict) and "value" in param else param
            for name, param in self.params.items()
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """The answer."""

    chosen_options: tuple[str, ...]
    params_input: dict[str, Any] = field(default_factory=dict)
    responded_at: datetime
    responded_by: Person | None
    """None: nobody did in time, and the defaults count."""

    def as_event(self) -> dict[str, Any]:
        """What the method is called with in which the task goes on; JSON data, with the moment as
        `authoring.serde` writes moments."""
        by = self.responded_by
        moment = {"iso": self.responded_at.isoformat(), "tz": "UTC"}
        return {
            "chosen_options": list(self.chosen_options),
            "params_input": self.params_input,
            "responded_at": {
                "__classname__": "datetime.datetime",
                "__version__": 1,
                "__data__": moment,
            },
            "responded_by_user": None if by is None else {"id": by.id, "name": by.name},
            "timedout": by is None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """What one try of a task instance asks; if it asks again, what it asked last."""

    key: TaskKey
    try_number: int
    token: str
    """Of the attempt that asked."""
    form: Form
    created_at: datetime
    response: Response | None = None


NO_RESPONSE: dict[str, Any] = {
    "error": "nobody has answered in time, and there are no defaults",
    "error_type": "timeout",
}
"""The event after a wait that was too long."""

"""The Host of a task process or loading zygote: asks its supervisor over the socket it has."""

import json
import threading
from collections.abc import Callable, Iterable
from typing import Any

from tradewind.model.errors import UserError
from tradewind.model.events import XComPushed
from tradewind.model.requests import GetConnection, GetVariable, Request
from tradewind.model.secret_names import is_secret, secrets_in
from tradewind.runtime.channel import Channel
from tradewind.runtime.protocol import Answer, Question, pack_request


def secrets_of(request: Request, answer: Any) -> list[str]:
    """What of an answer may never be shown: passwords, and whatever is named like a secret."""
    match request:
        case GetConnection() if answer is not None:
            try:
                extra = json.loads(answer.get("extra") or "null")
            except ValueError:
                extra = None
            return secrets_in({**answer, "extra": extra})
        case GetVariable(key=key) if answer and is_secret(key):
            return [answer]
    return []


class RequestRefused(UserError):
    """The scheduler could not answer; the message says why."""


class TaskHost:
    """Implements `authoring.host.Host` for the attempt named by `token`."""

    def __init__(self, token: str, channel: Channel, mask: Callable[[Iterable[str]], None]) -> None:
        self._token = token
        self._channel = channel
        self._mask = mask
        self._last_id = 0
        # User code may ask from several threads, and `on_kill` where an answer is waited for.
        self._lock = threading.RLock()

    def ask(self, request: Request) -> Any:
        """Wait for the answer. Raises RequestRefused, or ConnectionError with the supervisor."""
        with self._lock:
            self._last_id += 1
            question = Question(self._token, self._last_id, pack_request(request))
            self._channel.send(question)
            answer = self._channel.receive()
            while not (
                isinstance(answer, Answer)
                and (answer.token, answer.request_id) == (self._token, self._last_id)
            ):
                if answer is None:
                    raise ConnectionError("the supervisor is gone")
                answer = self._channel.receive()
        if answer.error is not None:
            raise RequestRefused(answer.error)
        self._mask(secrets_of(request, answer.data))
        return answer.data

    def push_xcom(self, key: str, value: Any) -> None:
        """Hand a value over; the supervisor keeps it until it is on disk."""
        with self._lock:
            self._channel.send(XComPushed(self._token, key, value))

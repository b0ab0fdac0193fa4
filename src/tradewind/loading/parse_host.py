"""Answers Variables and Connections while a DAG file is read: asks the caller of the Parser."""

import socket
from typing import Any

from tradewind.loading import frames
from tradewind.model.codec import to_data
from tradewind.model.errors import EnvironmentFailure, UserError
from tradewind.model.requests import Request


class ParseHost:
    """The `authoring.host.Host` of a parse."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def ask(self, request: Request) -> Any:
        """The answer of the Parser's caller. Raises EnvironmentFailure if there is none."""
        frames.send(self._connection, {"ask": type(request).__name__, "data": to_data(request)})
        reply = frames.receive(self._connection)
        if reply is None:
            raise EnvironmentFailure(f"nobody is left to answer {type(request).__name__}")
        if "error" in reply:
            raise EnvironmentFailure(reply["error"])
        return reply["answer"]

    def push_xcom(self, key: str, value: Any) -> None:
        """There is no task instance yet."""
        raise UserError(f"XCom {key!r} can only be pushed by a task, not while its file is read")

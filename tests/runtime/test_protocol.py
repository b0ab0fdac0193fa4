"""Every message survives the way there."""

from datetime import UTC, datetime

import pytest

from tradewind.model.attempts import Outcome, Result
from tradewind.model.events import AttemptEnded
from tradewind.model.requests import GetVariable
from tradewind.runtime.protocol import (
    Answer,
    Hello,
    Message,
    Question,
    decode,
    encode,
    pack_request,
    peek,
    unpack_request,
)

NOW = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "message",
    [
        Hello(3, ("1-1", "1-2")),
        Answer("1-1", 4, {"a": [1, None]}),
        Question("1-1", 4, pack_request(GetVariable(key="k"))),
        AttemptEnded(
            "1-1", Outcome(result=Result.FAILED, end_date=NOW, reason="é\n", xcoms=(("k", [1]),))
        ),
    ],
)
def test_there_and_back(message: Message) -> None:
    line = encode(message)
    assert b"\n" not in line
    assert decode(line) == message
    assert peek(line)[0] == type(message).__name__


def test_request_there_and_back() -> None:
    request = GetVariable(key="k")
    assert unpack_request(pack_request(request)) == request


def test_unknown_names_are_refused() -> None:
    with pytest.raises(ValueError, match="'Nothing'"):
        decode(b'["Nothing",{}]')
    with pytest.raises(ValueError, match="'Nothing'"):
        unpack_request(("Nothing", {}))

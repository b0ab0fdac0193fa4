"""Interruptions that wait until what must not be half done is over."""

import pytest

from tradewind.runtime.postponement import call_or_postpone, postponed


def test_each_call_is_made_in_turn_though_the_one_before_raises() -> None:
    made: list[str] = []

    def interrupt(name: str) -> None:
        made.append(name)
        raise RuntimeError(name)

    with pytest.raises(RuntimeError, match="second"), postponed():
        call_or_postpone(lambda: interrupt("first"))
        call_or_postpone(lambda: interrupt("second"))
        assert made == []
    assert made == ["first", "second"]


def test_they_come_after_the_outermost() -> None:
    made: list[int] = []
    with postponed():
        with postponed():
            call_or_postpone(lambda: made.append(1))
        assert made == []
    assert made == [1]
    call_or_postpone(lambda: made.append(2))
    assert made == [1, 2]

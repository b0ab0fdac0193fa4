"""News can wait for what follows; an end cannot."""

import os
import threading

import pytest

from tests.scheduler.harness import START, ToldExecutor
from tradewind.model.attempts import Outcome, Result
from tradewind.model.clock import ManualClock
from tradewind.model.events import AttemptEnded, AttemptStarted, Event
from tradewind.scheduler import patience
from tradewind.scheduler.patience import receive

STARTED = AttemptStarted("1-1", 1, "here", START)
ENDED = AttemptEnded("1-1", Outcome(result=Result.SUCCESS, end_date=START))


class TalkingExecutor(ToldExecutor):
    """Becomes readable when it has something to say."""

    def say(self, event: Event) -> None:
        self.messages.append(event)
        os.write(self._write, b"x")


def test_a_start_waits_for_the_end_that_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "PATIENCE_S", 10.0)
    executor = TalkingExecutor(ManualClock(START))
    executor.messages.append(STARTED)
    thread = threading.Thread(target=executor.say, args=(ENDED,))
    thread.start()

    assert receive(executor) == [STARTED, ENDED]
    thread.join()
    executor.stop(True)


def test_a_start_does_not_wait_for_ever() -> None:
    executor = TalkingExecutor(ManualClock(START))
    executor.messages.append(STARTED)

    assert receive(executor) == [STARTED]
    executor.stop(True)


def test_an_end_waits_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "PATIENCE_S", 3600.0)
    executor = TalkingExecutor(ManualClock(START))
    executor.messages.append(ENDED)

    assert receive(executor) == [ENDED]
    executor.stop(True)

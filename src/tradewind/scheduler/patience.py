"""Hears the executor, and knows which of its news can wait for what follows at once."""

from time import perf_counter

from tradewind.executors.protocol import Executor, Question
from tradewind.model.events import AttemptStarted, Event, FieldsRendered, XComPushed
from tradewind.scheduler.stop import wait

PATIENCE_S = 0.01
_NEWS = (AttemptStarted, FieldsRendered, XComPushed)
"""Nothing follows from these but their rows, and nobody is kept waiting by them."""


def receive(executor: Executor) -> list[Event | Question]:
    """What the executor has to say.

    If that is only news, more is awaited for up to PATIENCE_S: so the start and the end of a
    short task become one commit, and its end does not stand in line behind that of its start.
    """
    messages = executor.receive()
    until = perf_counter() + PATIENCE_S
    while messages and all(isinstance(message, _NEWS) for message in messages):
        left_s = until - perf_counter()
        if left_s <= 0 or not wait([executor], left_s):
            break
        messages += executor.receive()
    return messages

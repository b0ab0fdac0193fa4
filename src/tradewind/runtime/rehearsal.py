"""Small attempts before there is an order: in the base zygote, so that what any task does for the
first time (imports within libraries, compiled patterns, cached readers) is done before the fork; in
a spare, so that the memory that every task touches is its own by then.
"""

import functools
import os
from datetime import UTC, datetime
from typing import Any

from tradewind.authoring.dag import DAG
from tradewind.authoring.operator import BaseOperator
from tradewind.model.attempts import Attempt, RunFacts
from tradewind.model.changes import EndAcknowledged
from tradewind.model.events import AttemptEnded, AttemptStarted, FieldsRendered, XComPushed
from tradewind.model.keys import TaskKey
from tradewind.model.requests import PullXCom, Request
from tradewind.model.states import RunType, TaskState
from tradewind.runtime import execution, journal
from tradewind.runtime.protocol import (
    Answer,
    Begin,
    Message,
    Question,
    decode,
    encode,
    pack_request,
)
from tradewind.runtime.surroundings import environ, put_back

_NOW = datetime(2024, 1, 1, tzinfo=UTC)
_RUN = RunFacts(
    run_type=RunType.MANUAL,
    run_after=_NOW,
    logical_date=_NOW,
    data_interval_start=_NOW,
    data_interval_end=_NOW,
    start_date=_NOW,
)
_ATTEMPT = Attempt(
    token="0-0",  # noqa: S106
    epoch=0,
    key=TaskKey("rehearsal", "r", "t"),
    try_number=1,
    max_tries=0,
    fileloc=__file__,
    code_hash="",
    queue="default",
    executor=None,
    run=_RUN,
)


class _Rehearsed(BaseOperator):
    template_fields = ("text",)
    text = "{{ ds }} {{ params }}"

    def execute(self, context: Any) -> Any:
        context["ti"].xcom_push("key", context["ti"].xcom_pull(task_ids="t"))
        return self.text


class _Idle(BaseOperator):
    def execute(self, context: Any) -> None:
        """Nothing."""


class _Nobody:
    """A host that knows nothing."""

    def ask(self, request: Request) -> Any:
        return [] if isinstance(request, PullXCom) else None

    def push_xcom(self, key: str, value: Any) -> None:
        """Nobody wants it."""


def rehearse() -> None:
    """Take an attempt from its first message to its last; leave no trace in the environment."""
    warm_up()
    before = environ().copy()  # the attempt exports its names
    dag = DAG("rehearsal", schedule=None, auto_register=False)
    _Rehearsed(task_id="t", dag=dag)
    token = _ATTEMPT.token
    rendered: list[FieldsRendered] = []
    ran = execution.run_attempt(dag, _ATTEMPT, _Nobody(), rendered.append)
    messages: list[Message] = [
        Begin(_ATTEMPT, "", "", "", ""),
        AttemptStarted(token, 1, "", _NOW),
        *rendered,
        XComPushed(token, "key", None),
        Question(token, 1, pack_request(PullXCom(dag_id="rehearsal", run_id="r"))),
        Answer(token, 1),
        AttemptEnded(token, ran.outcome),
        EndAcknowledged(token, TaskState.SUCCESS),
    ]
    for message in messages:
        decode(encode(message))
    put_back(before)


def warm_up() -> None:
    """Do what every attempt does, and no more; leave no trace in the environment."""
    before = environ().copy()
    ran = execution.run_attempt(_idle_dag(), _ATTEMPT, _Nobody(), lambda rendered: None)
    token = _ATTEMPT.token
    encode(AttemptStarted(token, 1, "", _NOW))
    encode(AttemptEnded(token, ran.outcome))
    decode(_begin())
    journal.start_time_of(os.getpid())
    put_back(before)


@functools.cache
def _idle_dag() -> DAG:
    dag = DAG("rehearsal", schedule=None, auto_register=False)
    _Idle(task_id="t", dag=dag)
    return dag


@functools.cache
def _begin() -> bytes:
    return encode(Begin(_ATTEMPT, "", "", "", ""))

"""One attempt in a process of its own: says that it has started, loads the DAG file, executes the
task, tells the end, and runs the callbacks when that end is in the database.

All that it knows of the world is a socket to its supervisor: no database, no other task.
"""

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from tradewind.authoring import dag_file
from tradewind.authoring.dag import DAG
from tradewind.authoring.operator import BaseOperator
from tradewind.model.attempts import Attempt
from tradewind.model.changes import EndAcknowledged
from tradewind.model.events import AttemptEnded, AttemptStarted, CodeLoaded
from tradewind.runtime import callbacks, execution, journal
from tradewind.runtime.channel import Channel
from tradewind.runtime.client import TaskHost
from tradewind.runtime.execution import Ran
from tradewind.runtime.logs import LOG, finish_output
from tradewind.runtime.protocol import Begin, TimeLimit
from tradewind.runtime.usage import Usage
from tradewind.runtime.user_code import UserCode


def run(
    begin: Begin,
    channel: Channel,
    code: UserCode,
    before: Usage = Usage(),  # noqa: B008 a constant
) -> None:
    """Run the attempt to its end and tell the supervisor."""
    host = TaskHost(begin.attempt.token, channel, LOG.mask)
    ran = perform(begin, channel, host, code, before)
    finish_output()
    channel.send(end_of(begin, ran))
    if callbacks.are_wanted(ran):
        run_callbacks(ran, channel, host)


def perform(
    begin: Begin,
    channel: Channel,
    host: TaskHost,
    code: UserCode,
    before: Usage = Usage(),  # noqa: B008 a constant
) -> Ran:
    """Take an attempt from its first word to its outcome. `before` is what this process had used
    by then."""
    attempt = begin.attempt
    has_started = False
    try:
        _start(begin, channel)
        has_started = True
        dag, _ = _load(attempt, channel, code, host)
    except BaseException as error:  # sys.exit() in a DAG file is an error like any other
        outcome = execution.failure(error)
        if has_started:
            told = dag_file.explain(error, Path(attempt.fileloc)).splitlines()[0]
            outcome = replace(outcome, reason=told)
        return Ran(outcome, error=error)
    return execution.run_attempt(
        dag,
        attempt,
        host,
        lambda rendered: channel.send(replace(rendered, fields=LOG.masked(rendered.fields))),
        before,
        lambda seconds: channel.send(TimeLimit(attempt.token, seconds)),
    )


def end_of(begin: Begin, ran: Ran) -> AttemptEnded:
    """What is said of an outcome."""
    outcome = replace(ran.outcome, reason=LOG.masked(ran.outcome.reason))
    return AttemptEnded(begin.attempt.token, outcome)


def _start(begin: Begin, channel: Channel) -> None:
    """From here on user code may have run: first the disk knows, then the scheduler."""
    token, pid, now = begin.attempt.token, os.getpid(), datetime.now(UTC)
    journal.write_started(begin.journal, token, pid, now)
    channel.send(AttemptStarted(token, pid, begin.hostname, now))


def _load(
    attempt: Attempt, channel: Channel, code: UserCode, host: TaskHost
) -> tuple[DAG, BaseOperator]:
    """What is to run, as the file is now. Raises what loading it raises, and NoLongerThere."""
    loaded = code.load(attempt.fileloc, host)
    if loaded.code_hash != attempt.code_hash:
        channel.send(CodeLoaded(attempt.token, loaded.source(attempt.fileloc)))
    return code.task(attempt.fileloc, attempt.key.dag_id, attempt.key.task_id, host)


def run_callbacks(ran: Ran, channel: Channel, host: TaskHost) -> None:
    """They depend on what the scheduler makes of the outcome: a retry, or a failure."""
    message = channel.receive()
    while message is not None and not isinstance(message, EndAcknowledged):
        message = channel.receive()
    if message is not None:
        callbacks.run(ran, message.state, host)

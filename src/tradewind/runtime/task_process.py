"""One attempt in a process of its own: says that it has started, loads the DAG file, executes the
task, tells the end, and runs the callbacks when that end is in the database.

All that it knows of the world is a socket to its supervisor: no database, no other task.
"""

import os
from dataclasses import replace
from datetime import UTC, datetime

from tradewind.model.changes import EndAcknowledged
from tradewind.model.events import AttemptEnded, AttemptStarted
from tradewind.runtime import callbacks, execution, journal
from tradewind.runtime.channel import Channel
from tradewind.runtime.client import TaskHost
from tradewind.runtime.execution import Ran
from tradewind.runtime.logs import LOG, finish_output
from tradewind.runtime.protocol import Begin, TimeLimit
from tradewind.runtime.user_code import UserCode


def run(begin: Begin, channel: Channel, code: UserCode) -> None:
    """Run the attempt to its end and tell the supervisor."""
    attempt = begin.attempt
    host = TaskHost(attempt.token, channel, LOG.mask)
    try:
        _start(begin, channel)
        dag = code.dag(attempt.fileloc, attempt.key.dag_id, host)
    except BaseException as error:  # sys.exit() in a DAG file is an error like any other
        ran = Ran(execution.failure(error), error=error)
    else:
        task = dag.task_dict.get(attempt.key.task_id)
        if task is not None and task.execution_timeout is not None:
            channel.send(TimeLimit(attempt.token, task.execution_timeout.total_seconds()))
        ran = execution.run_attempt(
            dag,
            attempt,
            host,
            lambda rendered: channel.send(replace(rendered, fields=LOG.masked(rendered.fields))),
        )
    finish_output()
    outcome = replace(ran.outcome, reason=LOG.masked(ran.outcome.reason))
    channel.send(AttemptEnded(attempt.token, outcome))
    if callbacks.are_wanted(ran):
        _run_callbacks(ran, channel, host)


def _start(begin: Begin, channel: Channel) -> None:
    """From here on user code may have run: first the disk knows, then the scheduler."""
    token, pid, now = begin.attempt.token, os.getpid(), datetime.now(UTC)
    journal.write_started(begin.journal, token, pid, now)
    channel.send(AttemptStarted(token, pid, begin.hostname, now))


def _run_callbacks(ran: Ran, channel: Channel, host: TaskHost) -> None:
    """They depend on what the scheduler makes of the outcome: a retry, or a failure."""
    message = channel.receive()
    while message is not None and not isinstance(message, EndAcknowledged):
        message = channel.receive()
    if message is not None:
        callbacks.run(ran, message.state, host)

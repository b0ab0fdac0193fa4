"""What a forced end leaves behind: no process, and no order that comes back again and again."""

import os
import signal
from pathlib import Path

import pytest

from tests.runtime.partner import Partner
from tests.runtime.processes import supervisor_pid, wait_gone
from tradewind.model.attempts import Result
from tradewind.model.events import AttemptStarted, XComPushed

DAG = """
import os, signal, stat, subprocess, time
from tradewind import DAG, task

with DAG("d", schedule=None):
    @task
    def one():
        return 1

    @task
    def stubborn(ti=None):
        signal.signal(signal.SIGTERM, lambda *_: ti.xcom_push("told", True))
        ti.xcom_push("ready", True)
        time.sleep(60)

    @task
    def has_a_stubborn_child(ti=None):
        child = subprocess.Popen(["sh", "-c", "trap '' TERM; echo; sleep 61"], stdout=-1)
        child.stdout.readline()
        ti.xcom_push("pid", child.pid)
        time.sleep(60)

    @task
    def writes_everywhere():
        for descriptor in range(3, 64):
            try:
                if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                    os.write(descriptor, b"not a message\\n")
            except OSError:
                pass
        time.sleep(60)

    one(), stubborn(), has_a_stubborn_child(), writes_everywhere()
"""


@pytest.fixture
def dag(partner: Partner) -> Path:
    return partner.write_dag("d.py", DAG)


def test_a_child_that_outlives_a_killed_task_is_killed(partner: Partner, dag: Path) -> None:
    token = partner.dispatch(dag, "has_a_stubborn_child")
    pid = partner.wait_for(AttemptStarted, token).pid
    child = partner.wait_for(XComPushed, token).value

    partner.executor.kill(token, "a user asked")

    assert partner.end_of(token).result is Result.FAILED
    wait_gone(pid, child)


def test_a_task_that_writes_to_descriptors_of_others_harms_itself_alone(
    partner: Partner, dag: Path
) -> None:
    supervisor = supervisor_pid(partner.settings)
    token = partner.dispatch(dag, "writes_everywhere")

    outcome = partner.end_of(token)

    assert outcome.result is Result.FAILED
    assert partner.end_of(partner.dispatch(dag, "one")).result is Result.SUCCESS
    assert supervisor_pid(partner.settings) == supervisor


def test_a_supervisor_that_stops_hands_no_order_back(partner: Partner, dag: Path) -> None:
    """The scheduler would give it again at once, and so on until the last task has ended."""
    stubborn = partner.dispatch(dag, "stubborn")
    partner.wait_for(XComPushed, stubborn)
    supervisor = supervisor_pid(partner.settings)
    os.kill(supervisor, signal.SIGTERM)
    partner.until(lambda: ("stubborn", "told") in partner.xcoms)

    token = partner.dispatch(dag, "one")

    assert partner.end_of(token).result is Result.NOT_STARTED
    wait_gone(supervisor)
    assert supervisor_pid(partner.settings) != supervisor

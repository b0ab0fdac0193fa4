"""What a forced end leaves behind: no process, and no order that comes back again and again."""

import os
import signal
import time
from pathlib import Path

import pytest

from tests.patience import PATIENCE_S
from tests.runtime.partner import Partner
from tests.runtime.processes import children, name_of, supervisor_pid, wait_gone
from tradewind.executors import local
from tradewind.model.attempts import Result
from tradewind.model.events import AttemptEnded, AttemptStarted, XComPushed

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
        time.sleep(600)

    @task
    def has_a_stubborn_child(ti=None):
        child = subprocess.Popen(["sh", "-c", "trap '' TERM; echo; sleep 61"], stdout=-1)
        child.stdout.readline()
        ti.xcom_push("pid", child.pid)
        time.sleep(600)

    @task
    def has_a_daemon(ti=None):
        told, tell = os.pipe()
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.write(tell, str(os.getpid()).encode())
                time.sleep(600)
            os._exit(0)
        ti.xcom_push("pid", int(os.read(told, 20)))
        time.sleep(600)

    @task
    def writes_everywhere():
        for descriptor in range(3, 64):
            try:
                if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                    os.write(descriptor, b"not a message\\n")
            except OSError:
                pass
        time.sleep(600)

    one(), stubborn(), has_a_daemon(), has_a_stubborn_child(), writes_everywhere()
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


def test_a_fork_that_has_left_group_and_session_is_killed(partner: Partner, dag: Path) -> None:
    token = partner.dispatch(dag, "has_a_daemon")
    pid = partner.wait_for(AttemptStarted, token).pid
    daemon = partner.wait_for(XComPushed, token).value
    os.kill(pid, signal.SIGKILL)
    assert partner.end_of(token).result is Result.LOST
    wait_gone(daemon)


def test_a_kill_that_was_lost_with_the_connection_is_repeated(partner: Partner, dag: Path) -> None:
    token = partner.dispatch(dag, "stubborn")
    partner.wait_for(XComPushed, token)
    partner.drop()

    partner.executor.kill(token, "a user asked")
    partner.executor.flush()

    outcome = partner.end_of(token)
    assert (outcome.result, outcome.reason) == (
        Result.LOST,
        "lost: a user asked; exit code -9 (SIGKILL)",
    )


def test_a_kill_that_is_repeated_is_felt_once(partner: Partner, dag: Path) -> None:
    token = partner.dispatch(dag, "stubborn")
    partner.wait_for(XComPushed, token)
    for _ in range(2):
        partner.executor.kill(token, "a user asked")
        partner.executor.flush()
        partner.until(lambda: ("stubborn", "told") in partner.xcoms)
    partner.end_of(token)
    assert [event.key for event in partner.of(XComPushed, token)] == ["ready", "told"]


def test_a_further_try_waits_until_the_one_before_is_gone(partner: Partner, dag: Path) -> None:
    first = partner.dispatch(dag, "stubborn")
    partner.wait_for(XComPushed, first)
    partner.executor.kill(first, "cleared")
    second = partner.dispatch(dag, "stubborn", key=partner.attempts[first].key)
    partner.wait_for(AttemptStarted, second)

    heard = [(type(event), getattr(event, "token", "")) for event in partner.events]
    assert heard.index((AttemptEnded, first)) < heard.index((AttemptStarted, second))
    partner.executor.kill(second, "enough")
    partner.executor.flush()


def test_a_try_that_is_killed_while_it_waits_never_starts(partner: Partner, dag: Path) -> None:
    first = partner.dispatch(dag, "stubborn")
    partner.wait_for(XComPushed, first)
    partner.executor.kill(first, "cleared")
    second = partner.dispatch(dag, "stubborn", key=partner.attempts[first].key)
    partner.executor.kill(second, "cleared again")
    third = partner.dispatch(dag, "one", key=partner.attempts[first].key._replace(task_id="one"))
    outcome = partner.end_of(second)
    assert (outcome.result, outcome.reason) == (Result.NOT_STARTED, "cleared again")
    assert partner.of(AttemptStarted, second) == []
    assert partner.of(AttemptEnded, first)
    assert partner.end_of(third).result is Result.SUCCESS


@pytest.fixture
def mute(partner: Partner, dag: Path) -> Partner:
    """Processes hang before their first word: the journal is a pipe that nobody reads."""
    token = partner.dispatch(dag, "one")
    partner.end_of(token)
    wait_gone(partner.wait_for(AttemptStarted, token).pid)
    (journal,) = (partner.settings.run_folder / "attempts").iterdir()
    journal.unlink()
    os.mkfifo(journal)
    return partner


def process_of(partner: Partner, task_id: str) -> int:
    """The task process, below whichever zygote."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        below = [supervisor_pid(partner.settings)]
        for process in below:
            if name_of(process) == f"tradewind: task d.{task_id}":
                return process
            below.extend(children(process))
    raise AssertionError("no process was made")


def test_the_third_process_in_a_row_that_never_says_a_word_fails_the_try(
    mute: Partner, dag: Path
) -> None:
    key = mute.attempt(dag, "one").key
    outcomes = []
    for _ in range(4):
        token = mute.dispatch(dag, "one", key=key)
        os.kill(process_of(mute, "one"), signal.SIGKILL)
        outcomes.append(mute.end_of(token))
    never = "exit code -9 (SIGKILL)"
    assert [(one.result, one.reason) for one in outcomes] == [
        (Result.NOT_STARTED, never),
        (Result.NOT_STARTED, never),
        (Result.FAILED, f"3 processes in a row were gone before they could start: {never}"),
        (Result.NOT_STARTED, never),
    ]


def test_a_process_that_goes_with_its_zygote_before_its_first_word_has_not_started(
    mute: Partner, dag: Path
) -> None:
    token = mute.dispatch(dag, "one")
    pid = process_of(mute, "one")
    (zygote,) = children(supervisor_pid(mute.settings))
    os.kill(zygote, signal.SIGKILL)
    outcome = mute.end_of(token)
    assert (outcome.result, outcome.reason) == (Result.NOT_STARTED, "its zygote died")
    wait_gone(pid)


def test_stopping_does_not_wait_for_ever_for_a_process_that_says_nothing(
    mute: Partner, dag: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "ANSWER_WITHIN_S", 1)
    mute.dispatch(dag, "one")
    pid, supervisor = process_of(mute, "one"), supervisor_pid(mute.settings)
    mute.stop()
    wait_gone(pid, supervisor)


def test_no_task_runs_that_the_journal_has_no_room_for(partner: Partner, dag: Path) -> None:
    partner.run(dag, "one")
    (journal,) = (partner.settings.run_folder / "attempts").iterdir()
    journal.unlink()
    journal.symlink_to("/dev/full")
    outcome = partner.run(dag, "one")
    assert (outcome.result, outcome.start_date) == (Result.FAILED, None)
    assert outcome.reason is not None and "No space left on device" in outcome.reason
    journal.unlink()
    journal.touch()
    assert partner.run(dag, "one").result is Result.SUCCESS


def test_a_supervisor_without_scheduler_and_tasks_leaves(partner: Partner) -> None:
    supervisor = supervisor_pid(partner.settings)
    partner.drop()
    wait_gone(supervisor)

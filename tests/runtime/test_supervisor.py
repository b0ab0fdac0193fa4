"""A real supervisor with real task processes: starts, ends, kills, losses and who comes back."""

import os
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.runtime.partner import Partner, make_settings
from tests.runtime.processes import children, is_alive, name_of, supervisor_pid, wait_gone
from tradewind.model.attempts import Result
from tradewind.model.events import AttemptEnded, AttemptStarted, XComPushed
from tradewind.model.states import TaskState
from tradewind.runtime import door
from tradewind.runtime.attempts import REPORTS_KEPT
from tradewind.runtime.channel import Channel
from tradewind.runtime.protocol import Hello, Unwelcome
from tradewind.runtime.supervisor import TIMEOUT_GRACE_S

DAG = """
import os, signal, subprocess, time
from tradewind import DAG, task

with DAG("d", schedule=None):
    @task
    def one():
        return 1

    @task
    def two(value):
        return value + 1

    two(one())

    @task
    def dies():
        os.kill(os.getpid(), signal.SIGKILL)

    @task
    def leaves():
        os._exit(3)

    @task
    def hangs():
        time.sleep(600)

    @task
    def pushes(ti=None):
        ti.xcom_push("early", {"a": 1})
        time.sleep(600)

    @task
    def pushes_and_returns(ti=None):
        ti.xcom_push("early", {"a": 1})
        return 2

    @task
    def pushes_on_and_on(ti=None):
        for number in range(2000):
            ti.xcom_push(f"number {number % 7}", number)
        time.sleep(600)

    @task
    def stubborn(ti=None):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        ti.xcom_push("ready", True)
        time.sleep(600)

    @task
    def starts_a_program(own_session, ti=None):
        program = subprocess.Popen(["sleep", "601"], start_new_session=own_session)
        ti.xcom_push("pid", program.pid)
        program.wait()

    dies(), leaves(), hangs(), pushes(), pushes_and_returns(), pushes_on_and_on(), stubborn()
    starts_a_program.override(task_id="program")(False)
    starts_a_program.override(task_id="program_in_a_session")(True)
"""


@pytest.fixture
def dag(partner: Partner) -> Path:
    return partner.write_dag("d.py", DAG)


def test_chain_hands_values_on(partner: Partner, dag: Path) -> None:
    assert partner.run(dag, "one").result is Result.SUCCESS
    assert partner.run(dag, "two").result is Result.SUCCESS
    assert partner.xcoms == {("one", "return_value"): 1, ("two", "return_value"): 2}


def test_start_and_end_tell_what_happened(partner: Partner, dag: Path) -> None:
    token = partner.dispatch(dag, "one")
    outcome = partner.end_of(token)
    started = partner.wait_for(AttemptStarted, token)

    assert started.pid not in (0, os.getpid())
    assert isinstance(outcome.start_date, datetime)
    assert started.at <= outcome.start_date <= outcome.end_date
    assert outcome.cpu_s is not None and outcome.cpu_s < 5
    assert outcome.max_rss_kib is not None and outcome.max_rss_kib > 1000


@pytest.mark.parametrize(
    ("task_id", "reason"),
    [("dies", "lost: exit code -9 (SIGKILL)"), ("leaves", "lost: exit code 3")],
)
def test_process_that_vanishes_is_lost(
    partner: Partner, dag: Path, task_id: str, reason: str
) -> None:
    outcome = partner.run(dag, task_id)
    assert (outcome.result, outcome.reason) == (Result.LOST, reason)
    assert outcome.max_rss_kib


def test_processes_name_themselves(partner: Partner, dag: Path) -> None:
    started = partner.wait_for(AttemptStarted, partner.dispatch(dag, "hangs"))
    supervisor = supervisor_pid(partner.settings)
    assert name_of(started.pid) == "tradewind: task d.hangs"
    assert name_of(supervisor) == "tradewind: supervisor"
    assert {name_of(pid) for pid in children(supervisor)} == {"tradewind: zygote"}
    assert os.getsid(supervisor) == supervisor
    assert os.getpgid(started.pid) == started.pid


def test_kill_ends_the_whole_group(partner: Partner, dag: Path) -> None:
    token = partner.dispatch(dag, "program")
    pid = partner.wait_for(AttemptStarted, token).pid
    program = partner.wait_for(XComPushed, token).value
    partner.executor.kill(token, "a user asked")
    outcome = partner.end_of(token)
    assert outcome.result is Result.FAILED
    assert outcome.reason is not None and "SIGTERM" in outcome.reason
    wait_gone(pid, program)


def test_kill_does_not_take_no_for_an_answer(partner: Partner, dag: Path) -> None:
    token = partner.dispatch(dag, "stubborn")
    partner.wait_for(XComPushed, token)
    partner.executor.kill(token, "a user asked")
    outcome = partner.end_of(token)
    assert outcome.result is Result.LOST
    assert outcome.reason == "lost: a user asked; exit code -9 (SIGKILL)"


def test_order_of_an_earlier_leader_is_refused(partner: Partner, dag: Path) -> None:
    partner.run(dag, "one", epoch=5)
    outcome = partner.run(dag, "one", epoch=4)
    assert outcome.result is Result.NOT_STARTED
    assert outcome.reason == "ordered under epoch 4, but 5 leads"


def test_an_order_that_comes_too_late_is_refused(partner: Partner, dag: Path) -> None:
    outcome = partner.run(dag, "one", expires_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert outcome.result is Result.NOT_STARTED
    assert outcome.reason == "the order to begin it was good until 2026-01-01T00:00:00+00:00"
    outcome = partner.run(dag, "one", expires_at=datetime.now(UTC) + timedelta(hours=1))
    assert outcome.result is Result.SUCCESS


def test_earlier_leader_is_not_let_in(partner: Partner) -> None:
    channel = Channel(door.connect(partner.settings.run_folder))
    channel.send(Hello(0, ()))
    assert channel.receive() == Unwelcome(1)
    assert channel.receive() is None
    channel.close()


def test_unacknowledged_reports_are_said_again(partner: Partner, dag: Path) -> None:
    partner.acknowledges = lambda outcome: None  # as if the commit failed
    token = partner.dispatch(dag, "one")
    first = partner.end_of(token)
    partner.drop()

    second = Partner(partner.settings, epoch=2)
    assert second.start({token}) == []
    second.attempts = partner.attempts
    assert second.end_of(token) == first
    assert second.of(AttemptStarted, token) == partner.of(AttemptStarted, token)
    partner.executor = second.executor


def test_running_task_outlives_its_scheduler(partner: Partner, dag: Path) -> None:
    token = partner.dispatch(dag, "pushes")
    pushed = partner.wait_for(XComPushed, token)
    partner.drop()

    second = Partner(partner.settings, epoch=2)
    second.attempts = partner.attempts
    assert second.start({token}) == []
    assert second.wait_for(XComPushed, token) == pushed
    second.executor.kill(token, "enough")
    assert second.end_of(token).result is Result.FAILED
    partner.executor = second.executor


def test_attempt_nobody_asks_for_is_ended(partner: Partner, dag: Path) -> None:
    token = partner.dispatch(dag, "hangs")
    pid = partner.wait_for(AttemptStarted, token).pid
    partner.drop()
    second = Partner(partner.settings, epoch=2)
    second.start(set())
    wait_gone(pid)
    partner.executor = second.executor


def test_dispatch_that_never_arrived_is_not_started(partner: Partner, dag: Path) -> None:
    (event,) = partner.executor.reconcile({"1-77"})
    assert isinstance(event, AttemptEnded)
    assert (event.token, event.outcome.result) == ("1-77", Result.NOT_STARTED)


def test_tasks_die_with_their_supervisor(partner: Partner, dag: Path) -> None:
    token = partner.dispatch(dag, "program_in_a_session")
    pid = partner.wait_for(AttemptStarted, token).pid
    program = partner.wait_for(XComPushed, token).value
    supervisor = supervisor_pid(partner.settings)
    zygotes = children(supervisor)

    os.kill(supervisor, signal.SIGKILL)
    outcome = partner.end_of(token)  # from the journal, by the next supervisor

    assert (outcome.result, outcome.reason) == (Result.LOST, "lost: its supervisor died")
    wait_gone(supervisor, pid, program, *zygotes)
    assert supervisor_pid(partner.settings) != supervisor
    assert partner.run(dag, "one").result is Result.SUCCESS


def test_end_in_the_journal_survives_the_supervisor(partner: Partner, dag: Path) -> None:
    partner.acknowledges = lambda outcome: None
    token = partner.dispatch(dag, "one")
    first = partner.end_of(token)
    partner.events.clear()

    os.kill(supervisor_pid(partner.settings), signal.SIGKILL)

    partner.acknowledges = lambda outcome: TaskState.SUCCESS
    assert partner.end_of(token) == first


def test_what_was_pushed_before_that_end_survives_with_it(partner: Partner, dag: Path) -> None:
    partner.acknowledges = lambda outcome: None
    token = partner.dispatch(dag, "pushes_and_returns")
    partner.end_of(token)
    partner.events.clear()

    os.kill(supervisor_pid(partner.settings), signal.SIGKILL)

    partner.acknowledges = lambda outcome: TaskState.SUCCESS
    assert partner.end_of(token).xcoms == (("return_value", 2),)
    assert [event.value for event in partner.of(XComPushed, token)] == [{"a": 1}]


def test_what_the_database_has_is_not_kept_for_ever(partner: Partner, dag: Path) -> None:
    token = partner.dispatch(dag, "pushes_on_and_on")
    partner.until(lambda: len(partner.of(XComPushed, token)) == 2000)
    segments = (partner.settings.run_folder / "attempts").iterdir()
    assert sum(path.stat().st_size for path in segments) < 1000
    partner.drop()

    second = Partner(partner.settings, epoch=2)
    second.attempts = partner.attempts
    assert second.start({token}) == []
    second.executor.kill(token, "enough")
    second.executor.flush()
    second.end_of(token)
    assert len(second.of(AttemptStarted, token)) == 1
    again = [event.value for event in second.of(XComPushed, token)]
    assert len(again) < 2000 - REPORTS_KEPT  # on a busy machine more is under way
    assert again == list(range(2000 - len(again), 2000))
    partner.executor = second.executor


def test_programs_of_a_lost_task_are_ended(partner: Partner, dag: Path) -> None:
    token = partner.dispatch(dag, "program_in_a_session")
    pid = partner.wait_for(AttemptStarted, token).pid
    program = partner.wait_for(XComPushed, token).value
    os.kill(pid, signal.SIGKILL)
    assert partner.end_of(token).result is Result.LOST
    wait_gone(program)


def test_stop_leaves_no_process(tmp_path: Path) -> None:
    partner = Partner(make_settings(tmp_path))
    partner.start()
    dag = partner.write_dag("d.py", DAG)
    pid = partner.wait_for(AttemptStarted, partner.dispatch(dag, "hangs")).pid
    supervisor = supervisor_pid(partner.settings)
    zygotes = children(supervisor)
    partner.stop()
    assert not any(is_alive(one) for one in (pid, supervisor, *zygotes))
    assert not (partner.settings.run_folder / "supervisor.sock").exists()


def test_stop_without_killing_waits_for_the_last_task(tmp_path: Path) -> None:
    partner = Partner(make_settings(tmp_path))
    partner.start()
    dag = partner.write_dag("d.py", DAG)
    pid = partner.wait_for(AttemptStarted, partner.dispatch(dag, "hangs")).pid
    supervisor = supervisor_pid(partner.settings)
    partner.executor.stop(kill_tasks=False)
    assert is_alive(pid)
    os.kill(pid, signal.SIGTERM)
    wait_gone(pid, supervisor)


def test_only_this_user_may_knock(partner: Partner) -> None:
    folder = partner.settings.run_folder
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "supervisor.sock").stat().st_mode & 0o777 == 0o600


def test_spawn_isolation_runs_in_a_fresh_interpreter(tmp_path: Path) -> None:
    partner = Partner(make_settings(tmp_path, isolation="spawn"))
    partner.start()
    dag = partner.write_dag("d.py", DAG)
    assert partner.run(dag, "one").result is Result.SUCCESS
    assert partner.run(dag, "dies").reason == "lost: exit code -9 (SIGKILL)"
    partner.stop()


def test_next_scheduler_goes_on_where_one_stopped(partner: Partner, dag: Path) -> None:
    token = partner.dispatch(dag, "hangs")
    partner.wait_for(AttemptStarted, token)
    partner.executor.stop(kill_tasks=False)

    second = Partner(partner.settings, epoch=2)
    second.start({token})
    second.attempts = partner.attempts
    assert second.run(dag, "one").result is Result.SUCCESS
    partner.executor = second.executor


def test_task_without_a_place_for_its_log_runs(partner: Partner, dag: Path) -> None:
    (partner.settings.logging.base_log_folder / "dag_id=d").write_text("in the way")
    assert partner.run(dag, "one").result is Result.SUCCESS
    assert "has no log of its own" in partner.supervisor_log()


def test_task_that_cannot_write_the_journal_does_not_run(partner: Partner, dag: Path) -> None:
    partner.run(dag, "one")
    for path in (partner.settings.run_folder / "attempts").iterdir():
        path.unlink()
    outcome = partner.run(dag, "one")
    assert (outcome.result, outcome.start_date) == (Result.FAILED, None)


@pytest.mark.slow
def test_task_that_does_not_hear_its_alarm_is_ended(partner: Partner) -> None:
    dag = partner.write_dag(
        "d.py",
        "import signal, time\n"
        "from datetime import timedelta\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM, signal.SIGTERM})\n"
        "from tradewind import DAG, task\n"
        "with DAG('d', schedule=None):\n"
        "    @task(execution_timeout=timedelta(seconds=0.1))\n"
        "    def deaf():\n"
        "        time.sleep(600)\n"
        "    deaf()\n",
    )
    outcome = partner.run(dag, "deaf")
    assert outcome.result is Result.LOST
    assert outcome.reason == "lost: execution_timeout of 0.1 s; exit code -9 (SIGKILL)"


@pytest.mark.slow
def test_callbacks_may_last_longer_than_the_time_limit_of_their_task(partner: Partner) -> None:
    dag = partner.write_dag(
        "d.py",
        "import time\n"
        "from datetime import timedelta\n"
        "from tradewind import DAG, task\n"
        "def call_back(context):\n"
        f"    time.sleep({TIMEOUT_GRACE_S + 5})\n"
        "    print('called back')\n"
        "with DAG('d', schedule=None):\n"
        "    @task(execution_timeout=timedelta(seconds=4), on_success_callback=call_back)\n"
        "    def quick():\n"
        "        pass\n"
        "    quick()\n",
    )
    token = partner.dispatch(dag, "quick")
    assert partner.end_of(token).result is Result.SUCCESS
    wait_gone(partner.wait_for(AttemptStarted, token).pid)
    assert partner.events_in_log(token)[-1] == "called back"

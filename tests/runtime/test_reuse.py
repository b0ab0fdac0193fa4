"""Isolation `reuse`: many tasks in one process, with the promises of a process for each."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.patience import PATIENCE_S
from tests.runtime.partner import Partner, make_settings
from tests.runtime.processes import children, is_alive, name_of, supervisor_pid, wait_gone
from tradewind.model.attempts import Result
from tradewind.model.events import AttemptEnded, AttemptStarted, XComPushed
from tradewind.model.states import TaskState

DAG = """
import logging, os, random, resource, signal, subprocess, sys, threading, time
from datetime import timedelta
from pathlib import Path
from tradewind import DAG, task

MADE = []
KEPT = []

def state():
    return {
        "cwd": os.getcwd(),
        "environ": {name: value for name, value in os.environ.items()
                    if name != "TRADEWIND_ATTEMPT" and not name.startswith("AIRFLOW_CTX_")},
        "umask": [os.umask(0o22), os.umask(0o22)][0],
        "handlers": str([signal.getsignal(number) for number in (2, 3, 10, 14)]),
        "blocked": len(signal.pthread_sigmask(signal.SIG_BLOCK, ())),
        "timer": signal.getitimer(signal.ITIMER_REAL)[0],
        "argv": sys.argv,
        "path": sys.path,
        "stdout": type(sys.stdout).__name__,
        "log": str(logging.getLogger().handlers) + str(logging.getLogger().level),
    }

with DAG("d", schedule=None):
    @task
    def pid():
        MADE.append(1)
        return [os.getpid(), os.getpgid(0), len(MADE), random.random()]

    @task
    def look():
        return state()

    @task
    def disturb():
        os.chdir("/")
        os.environ["LEFT_BEHIND"] = "1"
        os.environ.pop("HOME", None)
        os.umask(0o77)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGUSR1, lambda *_: None)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2})
        signal.alarm(600)
        sys.argv.append("more")
        sys.path.insert(0, "/nowhere")
        sys.stdout = open(os.devnull, "w")
        logging.getLogger().handlers.clear()
        logging.getLogger().setLevel(50)
        random.seed(1)
        return os.getpid()

    @task
    def leaves_thread():
        threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
        return os.getpid()

    @task
    def leaves_program():
        return [os.getpid(), subprocess.Popen(["sleep", "601"]).pid]

    @task
    def leaves_zombie():
        KEPT.append(subprocess.Popen(["true"]))
        os.waitid(os.P_PID, KEPT[-1].pid, os.WEXITED | os.WNOWAIT)
        return os.getpid()

    @task
    def prints(text):
        print(text)
        subprocess.run(["echo", text + " of a program"])
        print(text + " without an end", end="")

    @task
    def fails():
        raise ValueError("no such day")

    @task
    def exits():
        sys.exit(1)

    @task
    def vanishes():
        os._exit(3)

    @task(execution_timeout=timedelta(seconds=0.1))
    def slow():
        time.sleep(600)

    @task
    def hangs(ti=None):
        program = subprocess.Popen(["sleep", "601"])
        ti.xcom_push("pids", [os.getpid(), program.pid])
        time.sleep(600)

    @task
    def hungry():
        return len(b"x" * (300 << 20))

    @task
    def hungry_program():
        subprocess.run([sys.executable, "-c", "b'x' * (200 << 20)"], check=True)

    @task
    def grows():
        KEPT.append(bytearray(os.urandom(4 << 20)))
        return os.getpid()

    @task
    def busy():
        while resource.getrusage(resource.RUSAGE_SELF).ru_utime < 0.5:
            pass

    @task
    def spins(path):
        while not Path(path).exists():
            pass

    @task
    def journal():
        folder, _, token = os.environ["TRADEWIND_ATTEMPT"].rpartition(":")
        text = "".join(file.read_text() for file in Path(folder, "attempts").iterdir())
        return f"started {token} {os.getpid()} " in text

    @task(on_success_callback=lambda context: print("called back by", os.getpid()))
    def calls_back():
        return os.getpid()

    pid(), look(), disturb(), leaves_thread(), leaves_program(), leaves_zombie()
    fails(), exits(), vanishes(), slow(), hangs(), hungry(), hungry_program(), grows(), busy(), journal()
    calls_back(), spins(str(Path(__file__).with_name("go")))
    prints.override(task_id="prints_one")("alpha")
    prints.override(task_id="prints_two")("beta")
"""


class Reused:
    """A partner whose supervisor reuses processes, and one file that is warm."""

    def __init__(self, partner: Partner) -> None:
        self.partner = partner
        self.change("")
        for _ in range(3):
            self.value("pid")

    def change(self, more: str) -> None:
        self.file = self.partner.write_dag("d.py", DAG + more)
        self.code_hash = self.partner.code_hash(self.file)

    def dispatch(self, task_id: str, **more: Any) -> str:
        return self.partner.dispatch(self.file, task_id, self.code_hash, **more)

    def end(self, task_id: str) -> Any:
        return self.partner.end_of(self.dispatch(task_id))

    def value(self, task_id: str) -> Any:
        outcome = self.end(task_id)
        assert outcome.result is Result.SUCCESS, outcome
        return dict(outcome.xcoms)["return_value"]

    def pid(self) -> int:
        return int(self.value("pid")[0])

    def workers(self) -> set[int]:
        """The workers that are alive."""
        found = set()
        parents = [supervisor_pid(self.partner.settings)]
        for parent in parents:
            below = children(parent)
            parents += below
            found |= {pid for pid in below if name_of(pid) == "tradewind: worker d.py"}
        return found


def reused_by(home: Path, **core: Any) -> Reused:
    partner = Partner(make_settings(home, isolation="reuse", **core))
    partner.start()
    return Reused(partner)


@pytest.fixture(scope="module")
def reused(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reused]:
    """One supervisor for all tests that leave it as they found it."""
    reused = reused_by(tmp_path_factory.mktemp("home"))
    yield reused
    reused.partner.stop()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Reused]:
    reused = reused_by(tmp_path)
    yield reused
    reused.partner.stop()


def test_tasks_share_a_process_and_its_modules(reused: Reused) -> None:
    seen = [reused.value("pid") for _ in range(5)]
    assert len({pid for pid, _, _, _ in seen}) == 1
    assert all(pid == group for pid, group, _, _ in seen)
    made = [count for _, _, count, _ in seen]
    assert made == list(range(made[0], made[0] + 5))  # what reuse gives up: globals stay


def test_first_task_of_a_file_is_a_fork_of_the_base(reused: Reused) -> None:
    ends = [event for event in reused.partner.events[:12] if isinstance(event, AttemptEnded)]
    first, second = (dict(event.outcome.xcoms)["return_value"] for event in ends[:2])
    assert first[0] != second[0]
    assert (first[2], second[2]) == (1, 1)


def test_what_a_task_changes_of_its_process_is_put_back(reused: Reused) -> None:
    before, pid = reused.value("look"), reused.pid()
    first = reused.value("disturb")
    assert first == pid
    assert reused.value("look") == before
    numbers = []
    for _ in range(2):
        reused.value("disturb")
        numbers.append(reused.value("pid")[3])
    assert numbers[0] != numbers[1]
    assert reused.pid() == pid


def test_failures_leave_the_process_in_use(reused: Reused) -> None:
    pid = reused.pid()
    outcome = reused.end("fails")
    assert (outcome.result, outcome.reason) == (Result.FAILED, "ValueError: no such day")
    assert reused.end("exits").result is Result.FAILED
    assert reused.value("leaves_zombie") == pid
    assert reused.pid() == pid


def test_process_with_a_thread_or_a_program_left_is_not_used_again(reused: Reused) -> None:
    pid = reused.value("leaves_thread")
    wait_gone(pid)
    token = reused.dispatch("leaves_program")
    other, program = dict(reused.partner.end_of(token).xcoms)["return_value"]
    wait_gone(other)
    assert is_alive(program)  # as after a task with a process of its own
    os.kill(program, signal.SIGKILL)
    assert "left a program running" in reused.partner.events_in_log(token)[-1]
    assert reused.pid() not in (pid, other)


def test_process_that_vanishes_is_replaced(reused: Reused) -> None:
    outcome = reused.end("vanishes")
    assert (outcome.result, outcome.reason) == (Result.LOST, "lost: exit code 3")
    assert outcome.cpu_s < 2
    assert reused.pid()


def test_interrupted_process_is_not_used_again(reused: Reused) -> None:
    pid = reused.pid()
    outcome = reused.end("slow")
    assert outcome.result is Result.FAILED
    assert "execution_timeout of 0.1 s" in outcome.reason
    assert reused.pid() != pid


def test_kill_ends_the_task_with_its_programs_and_its_process(reused: Reused) -> None:
    token = reused.dispatch("hangs")
    pids = reused.partner.wait_for(XComPushed, token).value
    reused.partner.executor.kill(token, "a user asked")
    assert reused.partner.end_of(token).result is Result.FAILED
    wait_gone(*pids)
    assert reused.pid() not in pids


def test_every_try_has_its_own_log(reused: Reused) -> None:
    tokens = [reused.dispatch(task_id) for task_id in ("prints_one", "prints_two")]
    for token, text in zip(tokens, ("alpha", "beta"), strict=True):
        reused.partner.end_of(token)
        log = reused.partner.events_in_log(token)
        assert [line for line in log if text in line] == [
            text,
            f"{text} of a program",
            f"{text} without an end",
        ]


def test_start_is_in_the_journal_before_user_code(reused: Reused) -> None:
    assert [reused.value("journal") for _ in range(3)] == [True] * 3


def test_tasks_that_wait_run_side_by_side(reused: Reused) -> None:
    tokens = [reused.dispatch("hangs") for _ in range(6)]
    started = {reused.partner.wait_for(AttemptStarted, token).pid for token in tokens}
    assert len(started) == 6
    for token in tokens:
        reused.partner.executor.kill(token, "enough")
    for token in tokens:
        reused.partner.end_of(token)


def test_tasks_that_compute_run_side_by_side(reused: Reused) -> None:
    tokens = [reused.dispatch("spins") for _ in range(4)]
    started = {reused.partner.wait_for(AttemptStarted, token).pid for token in tokens}
    assert len(started) == 4
    reused.file.with_name("go").touch()
    assert {reused.partner.end_of(token).result for token in tokens} == {Result.SUCCESS}


def test_callbacks_wait_for_the_acknowledgement_and_nobody_else_does(fresh: Reused) -> None:
    held: list[str] = []

    def acknowledge(outcome: Any) -> TaskState | None:
        return TaskState.SUCCESS if held else None

    fresh.partner.acknowledges = acknowledge
    token = fresh.dispatch("calls_back")
    pid = dict(fresh.partner.end_of(token).xcoms)["return_value"]
    unacknowledged = []
    for _ in range(4):
        unacknowledged.append(fresh.dispatch("pid"))
        assert fresh.partner.end_of(unacknowledged[-1]).xcoms[0][1][0] != pid
    assert "called back" not in str(fresh.partner.events_in_log(token))
    held.append("no more")
    fresh.partner.executor.acknowledge(token, TaskState.SUCCESS)
    for one in unacknowledged:
        fresh.partner.executor.acknowledge(one, TaskState.SUCCESS)
    fresh.partner.executor.flush()
    deadline = time.monotonic() + PATIENCE_S
    while fresh.partner.events_in_log(token)[-1] != f"called back by {pid}":
        assert time.monotonic() < deadline
        time.sleep(0.01)
    busy = []
    while not busy or fresh.partner.wait_for(AttemptStarted, busy[-1]).pid != pid:
        busy.append(fresh.dispatch("hangs"))
        assert len(busy) < 20, "it is not used again"
    for one in busy:
        fresh.partner.executor.kill(one, "enough")
        fresh.partner.end_of(one)


def test_memory_and_cpu_are_those_of_the_try(reused: Reused) -> None:
    pid = reused.pid()
    small, hungry, after = (reused.end(task_id) for task_id in ("pid", "hungry", "pid"))
    assert hungry.max_rss_kib > small.max_rss_kib + (250 << 10)
    assert after.max_rss_kib < small.max_rss_kib + (100 << 10)
    assert reused.end("hungry_program").max_rss_kib > small.max_rss_kib + (150 << 10)
    assert reused.end("pid").max_rss_kib < small.max_rss_kib + (100 << 10)
    pid = reused.pid()
    busy, after = reused.end("busy"), reused.end("pid")
    assert busy.cpu_s > 0.2 > after.cpu_s
    assert reused.pid() == pid


def test_changed_code_gets_workers_of_its_own(fresh: Reused) -> None:
    held = fresh.dispatch("hangs")
    old = {fresh.partner.wait_for(AttemptStarted, held).pid}
    fresh.change("KEPT.append('changed')\n")
    new = {fresh.pid() for _ in range(4)}
    assert not old & new
    assert all(is_alive(pid) for pid in old)  # its task goes on
    fresh.partner.executor.kill(held, "enough")
    fresh.partner.end_of(held)
    wait_gone(*old)
    fresh.partner.until(lambda: fresh.pid() and not (fresh.workers() - new))


def test_running_task_is_adopted_by_the_next_scheduler(fresh: Reused) -> None:
    partner = fresh.partner
    token = fresh.dispatch("hangs")
    pushed = partner.wait_for(XComPushed, token)
    partner.drop()
    second = Partner(partner.settings, epoch=2)
    second.attempts = partner.attempts
    assert second.start({token}) == []
    assert second.wait_for(XComPushed, token) == pushed
    assert is_alive(pushed.value[0])
    second.executor.kill(token, "enough")
    second.end_of(token)
    partner.executor = second.executor


@pytest.mark.parametrize("victim", ["supervisor", "zygote"])
def test_workers_die_with_what_made_them(fresh: Reused, victim: str) -> None:
    token = fresh.dispatch("hangs")
    worker, program = fresh.partner.wait_for(XComPushed, token).value
    supervisor = supervisor_pid(fresh.partner.settings)
    zygote = int(Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()[1])
    assert name_of(zygote) == "tradewind: zygote d.py"
    idle = fresh.workers()
    os.kill(supervisor if victim == "supervisor" else zygote, signal.SIGKILL)
    assert fresh.partner.end_of(token).result is Result.LOST
    wait_gone(worker, program, zygote, *idle)
    assert fresh.value("journal") is True


def test_stop_leaves_no_process(tmp_path: Path) -> None:
    reused = reused_by(tmp_path)
    token = reused.dispatch("hangs")
    pids = reused.partner.wait_for(XComPushed, token).value
    workers = reused.workers()
    reused.partner.stop()
    assert not any(is_alive(pid) for pid in (*pids, *workers))


def test_process_is_replaced_after_so_many_tasks(tmp_path: Path) -> None:
    reused = reused_by(tmp_path, reuse_max_tasks=4)
    pids = [reused.pid() for _ in range(12)]
    assert max(pids.count(pid) for pid in pids) <= 4
    reused.partner.stop()


def test_process_that_has_grown_is_replaced(tmp_path: Path) -> None:
    reused = reused_by(tmp_path, reuse_max_growth=32)
    assert len({reused.value("grows") for _ in range(33)}) > 1
    reused.partner.stop()


def test_task_for_another_user_is_never_made_by_a_warm_process(reused: Reused) -> None:
    token = reused.dispatch("pid", run_as_user="nobody")
    pid, _, made, _ = dict(reused.partner.end_of(token).xcoms)["return_value"]
    assert made == 1
    assert reused.partner.of(AttemptStarted, token)[0].pid == pid
    assert reused.partner.of(AttemptEnded, token)

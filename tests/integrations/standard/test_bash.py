"""BashOperator: real commands in real shells."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.authoring.conftest import MemoryHost, attempt
from tradewind import DAG
from tradewind.authoring import context as contexts
from tradewind.authoring import host, templating
from tradewind.authoring.errors import (
    AirflowException,
    AirflowSkipException,
    AirflowTaskTerminated,
    AirflowTaskTimeout,
)
from tradewind.integrations.standard import BashOperator
from tradewind.integrations.standard.hooks.subprocess import SubprocessHook
from tradewind.runtime.interruptions import interruptible


def run(command: str, /, dag: DAG | None = None, **arguments: Any) -> Any:
    operator = BashOperator(task_id="t", bash_command=command, dag=dag or DAG("d"), **arguments)
    with host.use(MemoryHost()):
        context = contexts.build(attempt(), operator, operator.dag)
        operator.resolve_template_files()
        templating.render_task(operator, context)
        return operator.execute(context)


def test_the_last_line_is_the_result() -> None:
    assert run("echo one; echo '{{ ds }} ü' >&2") == "2024-01-31 ü"
    assert run("true") == ""
    assert run("echo 5", output_processor=int) == 5


def test_the_environment_is_inherited_replaced_or_extended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OUTER", "outer")
    say = "echo $OUTER-$INNER-$AIRFLOW_CTX_TASK_ID"
    assert run(say) == "outer--t"
    assert run(say, env={"INNER": "{{ ds }}"}) == "-2024-01-31-t"
    assert run(say, env={"INNER": "inner"}, append_env=True) == "outer-inner-t"


def test_the_folder_is_a_fresh_one_or_the_given_one(tmp_path: Path) -> None:
    fresh = run("pwd")
    assert not Path(fresh).exists()
    assert run("pwd", cwd=str(tmp_path)) == str(tmp_path)
    with pytest.raises(AirflowException, match="does not exist"):
        run("pwd", cwd=str(tmp_path / "none"))
    (tmp_path / "file").touch()
    with pytest.raises(AirflowException, match="is not a folder"):
        run("pwd", cwd=str(tmp_path / "file"))


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        ({}, 1, AirflowException),
        ({}, 99, AirflowSkipException),
        ({"skip_on_exit_code": None}, 99, AirflowException),
        ({"skip_on_exit_code": [3, 4]}, 4, AirflowSkipException),
        ({"skip_on_exit_code": 0}, 0, AirflowSkipException),
    ],
)
def test_exit_codes(arguments: dict[str, Any], code: int, error: type[Exception]) -> None:
    with pytest.raises(error, match=f"exit code {code}") as caught:
        run(f"exit {code}", **arguments)
    assert type(caught.value) is error


def test_a_killed_command_says_by_which_signal() -> None:
    with pytest.raises(AirflowException, match="killed by signal 9"):
        run("kill -9 $$")


def test_an_empty_command_is_refused() -> None:
    with pytest.raises(AirflowException, match="bash_command must be a non-empty string"):
        run(" ")


def test_a_script_is_a_template_unless_a_space_follows(tmp_path: Path) -> None:
    script = tmp_path / "job.sh"
    script.write_text("echo from {{ dag.dag_id }}")
    script.chmod(0o755)
    dag = DAG("d", template_searchpath=str(tmp_path))
    assert run("job.sh", dag) == "from d"
    assert run(f"bash {script} ", DAG("e")) == "from {{ dag.dag_id }}"


class Commands:
    """An operator to be killed, and the processes that it has begun."""

    def __init__(self, command: str, **arguments: Any) -> None:
        self.operator = BashOperator(task_id="t", dag=DAG("d"), bash_command=command, **arguments)
        self.begun: list[subprocess.Popen[bytes]] = []

    def execute(self) -> None:
        with host.use(MemoryHost()):
            context = contexts.build(attempt(), self.operator, self.operator.dag)
            with interruptible(self.operator):
                self.operator.execute(context)

    def call_while_starting(
        self, monkeypatch: pytest.MonkeyPatch, when: str, call: Callable[[], None]
    ) -> None:
        begun = self.begun

        class Popen(subprocess.Popen[bytes]):
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                if when == "before":
                    call()
                super().__init__(*args, **kwargs)
                begun.append(self)
                if when == "after":
                    call()

        monkeypatch.setattr(subprocess, "Popen", Popen)


@contextlib.contextmanager
def in_a_thread(commands: Commands) -> Iterator[list[BaseException]]:
    """While the command runs elsewhere; what it raised is there at the end."""
    raised: list[BaseException] = []

    def execute() -> None:
        try:
            commands.execute()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=execute)
    thread.start()
    yield raised
    thread.join(timeout=60)
    assert not thread.is_alive()


def test_on_kill_stops_the_whole_process_group(tmp_path: Path) -> None:
    pipe = tmp_path / "ready"
    os.mkfifo(pipe)
    commands = Commands(f"sleep 600 & echo $! > {pipe}; wait")
    with in_a_thread(commands) as raised:
        sleeper = int(pipe.read_text())
        assert os.getpgid(sleeper) != os.getpgid(0)
        commands.operator.on_kill()
    assert f"signal {signal.SIGTERM:d}" in str(raised[0])


def test_on_kill_stops_what_a_shell_that_has_ended_left_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe = tmp_path / "ready"
    os.mkfifo(pipe)
    commands = Commands(f"sleep 600 & echo $! > {pipe}")
    commands.call_while_starting(monkeypatch, "never", lambda: None)
    with in_a_thread(commands) as raised:
        pipe.read_text()
        while not commands.begun:
            time.sleep(0.01)
        os.waitid(os.P_PID, commands.begun[0].pid, os.WEXITED | os.WNOWAIT)
        commands.operator.on_kill()
    assert raised == []  # the shell itself had ended well


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_kill_while_the_command_is_only_being_started(
    monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    commands = Commands("sleep 600")
    commands.call_while_starting(monkeypatch, when, commands.operator.on_kill)
    with pytest.raises(AirflowException, match=f"killed by signal {signal.SIGTERM:d}"):
        commands.execute()


@pytest.mark.parametrize("when", ["before", "after"])
def test_sigterm_while_the_command_is_only_being_started(
    monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    commands = Commands("sleep 600")
    commands.call_while_starting(monkeypatch, when, lambda: os.kill(os.getpid(), signal.SIGTERM))
    with pytest.raises(AirflowTaskTerminated):
        commands.execute()
    assert [one.returncode for one in commands.begun] == [-signal.SIGTERM]


@pytest.mark.parametrize("when", ["before", "after"])
def test_the_time_is_up_while_the_command_is_only_being_started(
    monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    commands = Commands("sleep 600", execution_timeout=timedelta(hours=1))
    commands.call_while_starting(monkeypatch, when, lambda: os.kill(os.getpid(), signal.SIGALRM))
    with pytest.raises(AirflowTaskTimeout):
        commands.execute()
    assert [one.returncode for one in commands.begun] == [-signal.SIGTERM]


def test_a_command_whose_output_cannot_be_read_does_not_run_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    commands = Commands("echo x; exec sleep 600", output_encoding="no such encoding")
    commands.call_while_starting(monkeypatch, "never", lambda: None)
    with pytest.raises(LookupError):
        commands.execute()
    assert [one.returncode for one in commands.begun] == [-signal.SIGTERM]


def test_what_interrupts_a_command_does_not_wait_for_it(tmp_path: Path) -> None:
    class Interrupted(BaseException):
        pass

    class Log:
        def info(self, message: str, *arguments: Any) -> None:
            if arguments == ("ready",):
                raise Interrupted

    marker = tmp_path / "cleared away"
    hook = SubprocessHook()
    hook._log = Log()  # type: ignore[assignment]
    script = f"trap 'echo going; touch \"{marker}\"; exit 7' TERM; echo ready; while :; do sleep .1; done"
    with pytest.raises(Interrupted):
        hook.run_command(["bash", "-c", script])
    assert hook.sub_process is not None
    with hook.sub_process as process:
        assert process.poll() is None, "on_kill ends it, not the interruption"
        hook.send_sigterm()
        assert process.wait(timeout=60) == 7
    assert marker.exists()

"""BashOperator: real commands in real shells."""

import os
import signal
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.authoring.conftest import MemoryHost, attempt
from tradewind import DAG
from tradewind.authoring import context as contexts
from tradewind.authoring import host, templating
from tradewind.authoring.errors import AirflowException, AirflowSkipException
from tradewind.integrations.standard import BashOperator


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


def test_on_kill_stops_the_whole_process_group(tmp_path: Path) -> None:
    pipe = tmp_path / "ready"
    os.mkfifo(pipe)
    operator = BashOperator(
        task_id="t",
        dag=DAG("d"),
        bash_command=f"sleep 60 & echo $! > {pipe}; wait",
    )
    with host.use(MemoryHost()):
        context = contexts.build(attempt(), operator, operator.dag)
    ended: list[BaseException] = []

    def execute() -> None:
        try:
            operator.execute(context)
        except AirflowException as error:
            ended.append(error)

    thread = threading.Thread(target=execute)
    thread.start()
    sleeper = int(pipe.read_text())
    assert os.getpgid(sleeper) != os.getpgid(0)
    operator.on_kill()
    thread.join(timeout=10)
    assert not thread.is_alive()
    assert f"signal {signal.SIGTERM:d}" in str(ended[0])

"""The executor by itself: how it finds, starts and loses its supervisor."""

import os
import select
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.patience import PATIENCE_S
from tests.runtime.partner import Partner, make_settings
from tests.runtime.processes import is_alive, supervisor_pid, wait_gone
from tradewind.config.settings import Logging, Settings
from tradewind.executors import local
from tradewind.executors.local import LocalExecutor
from tradewind.executors.protocol import Executor
from tradewind.model.attempts import Result
from tradewind.model.errors import Bug, EnvironmentFailure
from tradewind.model.events import AttemptEnded, AttemptStarted
from tradewind.model.requests import GetVariable, SetVariable
from tradewind.model.states import TaskState

DAG = """
from tradewind import DAG, task
from tradewind.authoring import host
from tradewind.model.requests import GetVariable, SetVariable

with DAG("d", schedule=None):
    @task
    def one():
        return 1

    @task
    def asks():
        return host.current().ask(GetVariable(key="k"))

    @task
    def asks_in_vain():
        host.current().ask(SetVariable(key="k", value="v"))

    @task(on_success_callback=lambda context: print("called back in", context["ti"].state))
    def calls_back():
        pass

    one(), asks(), asks_in_vain(), calls_back()
"""


@pytest.fixture
def partner(tmp_path: Path) -> Iterator[Partner]:
    partner = Partner(make_settings(tmp_path))
    partner.write_dag("d.py", DAG)
    partner.start()
    yield partner
    partner.stop()


@pytest.fixture
def dag(partner: Partner) -> Path:
    return partner.settings.core.dags_folder / "d.py"


def test_is_an_executor(tmp_path: Path) -> None:
    executor: Executor = LocalExecutor(make_settings(tmp_path, parallelism=7))
    assert (executor.name, executor.slots) == ("LocalExecutor", 7)


def test_starts_one_supervisor_and_finds_it_again(partner: Partner) -> None:
    first = supervisor_pid(partner.settings)
    partner.drop()
    second = Partner(partner.settings, epoch=2)
    second.start()
    assert supervisor_pid(partner.settings) == first
    partner.executor = second.executor


def test_needs_to_be_started(tmp_path: Path) -> None:
    with pytest.raises(Bug, match="not been started"):
        LocalExecutor(make_settings(tmp_path)).reconcile(set())


def test_deep_folder_is_no_obstacle(tmp_path: Path) -> None:
    partner = Partner(make_settings(tmp_path / ("deep" * 20) / ("er" * 50)))
    partner.start()
    partner.stop()


def test_says_where_to_look_if_the_supervisor_does_not_start(tmp_path: Path) -> None:
    (tmp_path / "run" / "attempts").parent.mkdir()
    (tmp_path / "run" / "attempts").write_text("in the way")
    settings = Settings(home=tmp_path, logging=Logging(base_log_folder=tmp_path / "logs"))
    executor = LocalExecutor(settings)
    with pytest.raises(EnvironmentFailure, match=r"supervisor\.log"):
        executor.start(1)
    assert "FileExistsError" in (tmp_path / "logs" / "supervisor.log").read_text()


def test_question_and_answer(partner: Partner, dag: Path) -> None:
    partner.answers[GetVariable.__name__] = "value"
    assert dict(partner.run(dag, "asks").xcoms) == {"return_value": "value"}


def test_question_asked_while_nobody_listens_is_asked_again(partner: Partner, dag: Path) -> None:
    token = partner.dispatch(dag, "asks")
    partner.drop()
    second = Partner(partner.settings, epoch=2)
    second.answers[GetVariable.__name__] = "value"
    second.attempts = partner.attempts
    second.start({token})
    assert dict(second.end_of(token).xcoms) == {"return_value": "value"}
    partner.executor = second.executor


def test_refusal_reaches_the_task(partner: Partner, dag: Path) -> None:
    token = partner.dispatch(dag, "asks_in_vain")
    executor = partner.executor
    answer = executor.answer
    executor.answer = lambda question, data=None: answer(question, error="not you")  # type: ignore[method-assign,assignment]
    outcome = partner.end_of(token)
    assert outcome.result is Result.FAILED
    assert outcome.reason is not None and outcome.reason.endswith("not you")
    assert SetVariable.__name__ not in partner.answers


def test_callbacks_wait_for_the_acknowledgement(partner: Partner, dag: Path) -> None:
    partner.acknowledges = lambda outcome: None
    token = partner.dispatch(dag, "calls_back")
    partner.end_of(token)
    pid = partner.wait_for(AttemptStarted, token).pid
    assert is_alive(pid)
    assert "called back" not in partner.log_file(token).read_text()
    partner.executor.acknowledge(token, TaskState.SUCCESS)
    partner.executor.flush()
    wait_gone(pid)
    assert partner.events_in_log(token)[-1] == "called back in success"


def test_supervisor_killed_while_nothing_runs_is_replaced(partner: Partner, dag: Path) -> None:
    first = supervisor_pid(partner.settings)
    os.kill(first, signal.SIGKILL)
    wait_gone(first)
    assert partner.run(dag, "one").result in (Result.SUCCESS, Result.NOT_STARTED)
    assert partner.run(dag, "one").result is Result.SUCCESS
    assert supervisor_pid(partner.settings) != first


def test_dispatch_into_the_void_is_reported_without_being_asked(
    partner: Partner, dag: Path
) -> None:
    first = supervisor_pid(partner.settings)
    os.kill(first, signal.SIGKILL)
    wait_gone(first)
    token = partner.dispatch(dag, "one")
    assert select.select([partner.executor], [], [], PATIENCE_S)[0], (
        "nothing would wake the scheduler"
    )
    assert partner.end_of(token).result in (Result.NOT_STARTED, Result.SUCCESS)


def test_goes_on_when_a_supervisor_can_be_started_again(
    partner: Partner, dag: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = supervisor_pid(partner.settings)
    with monkeypatch.context() as patch:
        patch.setattr(local, "launch_supervisor", lambda settings: os.getpid())
        os.kill(first, signal.SIGKILL)
        wait_gone(first)
        for attempt in (partner.executor.receive, lambda: partner.executor.reconcile(set())):
            with pytest.raises(EnvironmentFailure, match="no supervisor could be started"):
                attempt()

    partner.executor.reconcile(set())

    assert partner.run(dag, "one").result is Result.SUCCESS


def test_many_at_once(partner: Partner, dag: Path) -> None:
    tokens = [partner.dispatch(dag, "one", "h") for _ in range(40)]
    partner.until(lambda: all(partner.of(AttemptEnded, token) for token in tokens))
    results = {partner.end_of(token).result for token in tokens}
    assert results == {Result.SUCCESS}

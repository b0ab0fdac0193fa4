"""Sensors that reschedule, in `dags test` and DAG.test(): what they wait for takes its time."""

from pathlib import Path
from typing import Any

from tradewind import DAG, task
from tradewind.authoring.sensor import PokeReturnValue
from tradewind.config.load import load_settings
from tradewind.model.states import RunState, TaskState
from tradewind.testing.engine import RunResult, run_dag


def outcome_of(dag: DAG, folder: Path) -> RunResult:
    return run_dag(dag, settings=load_settings({"TRADEWIND_HOME": str(folder)}))


def test_it_is_called_again_in_the_same_try(tmp_path: Path) -> None:
    calls: list[tuple[int, int, bool]] = []
    with DAG("sensing") as dag:

        @task.sensor(mode="reschedule", poke_interval=0.05)
        def wait(ti: Any = None, task_reschedule_count: Any = None) -> PokeReturnValue:
            first = ti.get_first_reschedule_date({})
            calls.append((ti.try_number, task_reschedule_count, first is not None))
            return PokeReturnValue(len(calls) == 3, "found")

        wait()

    result = outcome_of(dag, tmp_path)

    assert result.state is RunState.SUCCESS
    assert calls == [(1, 0, False), (1, 1, True), (1, 2, True)]
    assert [values["return_value"] for values in result.xcoms.values()] == ["found"]


def test_its_timeout_counts_over_all_calls_and_is_not_retried(tmp_path: Path) -> None:
    calls = []
    with DAG("sensing") as dag:

        @task.sensor(mode="reschedule", poke_interval=0.2, timeout=0.5, retries=3)
        def wait() -> bool:
            calls.append(1)
            return False

        wait()

    result = outcome_of(dag, tmp_path)

    (row,) = result.tasks.values()
    assert (row.state, row.try_number) == (TaskState.FAILED, 1)
    assert 2 <= len(calls) <= 4


def test_a_retry_delay_before_it_is_skipped_all_the_same(tmp_path: Path) -> None:
    tries: list[int] = []
    with DAG("sensing") as dag:

        @task(retries=1, retry_delay=3600)
        def breaks(ti: Any = None) -> None:
            tries.append(ti.try_number)
            if ti.try_number == 1:
                raise ValueError("once")

        @task.sensor(mode="reschedule", poke_interval=0.05, timeout=1800)
        def wait(task_reschedule_count: Any = None) -> bool:
            return task_reschedule_count == 2

        breaks() >> wait()

    result = outcome_of(dag, tmp_path)

    assert (result.state, tries) == (RunState.SUCCESS, [1, 2])

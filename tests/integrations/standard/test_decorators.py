"""@task.NAME: every kind loads; @task.bash, @task.run_if and @task.skip_if run."""

from pathlib import Path
from typing import Any

import pytest

from tradewind import DAG, task
from tradewind.authoring.compile import compile_dag
from tradewind.config.load import load_settings
from tradewind.config.settings import Core
from tradewind.core.abilities import not_yet
from tradewind.model.states import TaskState
from tradewind.testing.engine import run_dag


def test_every_kind_compiles() -> None:
    with DAG("d") as dag:

        @task.branch
        def choose() -> str:
            return "bash"

        @task.branch_virtualenv(requirements=["numpy"])
        def choose_there() -> str:
            return "bash"

        @task.branch_external_python(python="/usr/bin/python3")
        def choose_outside() -> str:
            return "bash"

        @task.short_circuit(ignore_downstream_trigger_rules=False)
        def enough(number: int) -> bool:
            return number > 1

        @task.virtualenv(requirements=["numpy"], system_site_packages=False)
        def there(x: int) -> int:
            return x

        @task.external_python(python="/usr/bin/python3")
        def outside() -> None: ...

        @task.sensor(poke_interval=5, mode="reschedule")
        def wait() -> bool:
            return True

        @task.bash(env={"A": "1"})
        def bash() -> str:
            return "echo $A"

        @task.stub(queue="java")
        def elsewhere() -> None: ...

        choose() >> [choose_there(), choose_outside()]
        enough(3) >> there(wait()) >> outside() >> bash() >> elsewhere()
    compiled = compile_dag(dag, defaults=Core())
    plan = {item.task_id: item for item in compiled.tasks}
    assert {name: item.operator for name, item in plan.items()} == {
        "choose": "@task.branch",
        "choose_there": "@task.branch_virtualenv",
        "choose_outside": "@task.branch_external_python",
        "enough": "@task.short_circuit",
        "there": "@task.virtualenv",
        "outside": "@task.external_python",
        "wait": "@task.sensor",
        "bash": "@task.bash",
        "elsewhere": "@task.stub",
    }
    refused = not_yet(compiled)
    able = {name for name in plan if not any(f"task {name} " in why for why in refused)}
    assert able == set(plan) - {"elsewhere"}
    assert plan["there"].upstream == ("enough", "wait")
    assert plan["elsewhere"].queue == "java"


def test_a_kind_that_nobody_brings() -> None:
    with pytest.raises(AttributeError, match=r"no @task\.brunch.*did you mean 'branch'"):
        task.brunch  # noqa: B018


def test_a_stub_has_no_body() -> None:
    with DAG("d"), pytest.raises(ValueError, match="must be empty"):

        @task.stub
        def elsewhere() -> int:
            return 1

        elsewhere()


FILE = """
from tradewind import DAG, task

with DAG("d") as dag:
    @task.bash(append_env=True, env={"WHO": "{{ dag.dag_id }}"})
    def greet(word):
        return f"echo {word} $WHO {{{{ run_id }}}}"

    @task.run_if(lambda context: context["dag"].dag_id == "another")
    @task
    def only_there(): ...

    @task.skip_if(lambda context: (True, "not today"))
    @task.bash
    def never():
        return "exit 1"

    @task.run_if(lambda context: True)
    @task.skip_if(lambda context: False)
    @task
    def always():
        return 1

    greet("hello")
    only_there()
    never()
    always()
"""


def test_bash_and_conditions_run(tmp_path: Path) -> None:
    path = tmp_path / "dags" / "file.py"
    path.parent.mkdir()
    path.write_text(FILE)
    done = run_dag(path, dag_id="d", settings=load_settings({"TRADEWIND_HOME": str(tmp_path)}))
    states = {key.task_id: item.state for key, item in done.tasks.items()}
    assert states == {
        "greet": TaskState.SUCCESS,
        "only_there": TaskState.SKIPPED,
        "never": TaskState.SKIPPED,
        "always": TaskState.SUCCESS,
    }
    values: dict[str, Any] = {key.task_id: value for key, value in done.xcoms.items()}
    assert str(values["greet"]["return_value"]).startswith("hello d manual__")


@pytest.mark.parametrize("wrong", [None, "", 5])
def test_bash_needs_a_command(wrong: object) -> None:
    with DAG("d"):

        @task.bash
        def command() -> object:
            return wrong

        made = command()
    with pytest.raises(TypeError, match="must return a command"):
        made.operator.execute({})


def test_conditions_stand_above_a_task_decorator() -> None:
    with pytest.raises(TypeError, match=r"@task\.run_if stands above a task decorator"):

        @task.run_if(lambda context: True)
        def plain() -> None: ...

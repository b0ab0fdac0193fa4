"""Mapped tasks and groups, run in this process: the values each gets, and what comes of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tradewind import DAG, BaseOperator, task, task_group
from tradewind.authoring.errors import AirflowSkipException
from tradewind.config.load import load_settings
from tradewind.config.settings import Settings
from tradewind.model.plan import TriggerRule
from tradewind.testing.engine import RunResult, run_dag


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    return load_settings({"TRADEWIND_HOME": str(tmp_path)})


@task
def numbers(n: int = 3) -> list[int]:
    return list(range(1, n + 1))


@task
def add(a: Any, b: Any = 0) -> Any:
    return a + b


@task
def seen(values: Any) -> list[Any]:
    return list(values)


def values(result: RunResult, task_id: str) -> list[Any]:
    """What its instances returned, by map index; None for what returned nothing."""
    keys = sorted(key for key in result.tasks if key.task_id == task_id)
    return [result.xcoms.get(key, {}).get("return_value") for key in keys]


def states(result: RunResult, task_id: str) -> dict[int, str]:
    return {
        key.map_index: row.state.value
        for key, row in sorted(result.tasks.items())
        if key.task_id == task_id
    }


def test_a_task_is_expanded_over_an_output_and_reduced(settings: Settings) -> None:
    with DAG("d") as dag:
        seen(add.partial(b=10).expand(a=numbers()))
    result = run_dag(dag, settings=settings)
    assert values(result, "add") == [11, 12, 13]
    assert values(result, "seen") == [[11, 12, 13]]
    assert result.state == "success"


def test_the_last_of_several_arguments_varies_fastest(settings: Settings) -> None:
    with DAG("d") as dag:
        add.expand(a=["x", "y"], b=seen(["1", "2"]))
    assert values(run_dag(dag, settings=settings), "add") == ["x1", "x2", "y1", "y2"]


def test_dicts_are_expanded_over_as_pairs(settings: Settings) -> None:
    with DAG("d") as dag:

        @task
        def prices() -> dict[str, int]:
            return {"tea": 3, "milk": 1}

        @task
        def show(item: tuple[str, int]) -> str:
            return f"{item[0]}={item[1]}"

        show.expand(item=prices())
        show.override(task_id="fixed").expand(item={"salt": 2})
    result = run_dag(dag, settings=settings)
    assert values(result, "show") == ["tea=3", "milk=1"]
    assert values(result, "fixed") == ["salt=2"]


def test_outputs_are_mapped_zipped_and_concatenated(settings: Settings) -> None:
    with DAG("d") as dag:
        few, many = numbers(), numbers.override(task_id="many")(4)
        add.override(task_id="map").expand(a=few.map(lambda n: n * 10))
        seen.override(task_id="zip").expand(values=few.zip(many))
        seen.override(task_id="fill").expand(values=few.zip(many, fillvalue=0))
        add.override(task_id="concat").expand(a=few.concat(many))
        add.override(task_id="kwargs").expand_kwargs(few.map(lambda n: {"a": n, "b": 0.5}))
    result = run_dag(dag, settings=settings)
    assert values(result, "map") == [10, 20, 30]
    assert values(result, "zip") == [[1, 1], [2, 2], [3, 3]]
    assert values(result, "fill") == [[1, 1], [2, 2], [3, 3], [0, 4]]
    assert values(result, "concat") == [1, 2, 3, 1, 2, 3, 4]
    assert values(result, "kwargs") == [1.5, 2.5, 3.5]


def test_a_skip_in_map_skips_that_one_and_leaves_it_out_of_the_reduce(settings: Settings) -> None:
    def odd(n: int) -> int:
        if n % 2 == 0:
            raise AirflowSkipException
        return n

    with DAG("d") as dag:
        kept = add.expand(a=numbers().map(odd))
        seen.override(trigger_rule=TriggerRule.ALL_DONE)(kept)
    result = run_dag(dag, settings=settings)
    assert states(result, "add") == {0: "success", 1: "skipped", 2: "success"}
    assert values(result, "seen") == [[1, 3]]


def test_values_of_a_mapped_task_are_expanded_over_again(settings: Settings) -> None:
    with DAG("d") as dag:
        first = add.partial(b=1).expand(a=numbers())
        add.override(task_id="again").partial(b=100).expand(a=first)
    assert values(run_dag(dag, settings=settings), "again") == [102, 103, 104]


def test_nothing_skips_and_what_has_no_items_fails_the_task_that_returns_it(
    settings: Settings,
) -> None:
    with DAG("d") as dag:
        for name, value in {"empty": [], "none": None, "text": "abc", "long": [0] * 2000}.items():

            @task(task_id=f"make_{name}")
            def make(value: Any = value) -> Any:
                return value

            add.override(task_id=name).expand(a=make())
    result = run_dag(dag, settings=settings)
    found = {name: states(result, name)[-1] for name in ("empty", "none", "text", "long")}
    assert found.pop("empty") == "skipped"
    assert set(found.values()) == {"upstream_failed"}
    reasons = {key.task_id: row.exit_reason for key, row in result.tasks.items() if row.exit_reason}
    assert "XComForMappingNotPushed" in reasons["make_none"]
    assert "UnmappableXComTypePushed" in reasons["make_text"]
    assert "2000 > 1024" in reasons["make_long"]


def test_each_index_of_a_group_is_a_line_of_its_own(settings: Settings) -> None:
    with DAG("d") as dag:

        @task
        def halve(n: int) -> int:
            if n % 2:
                raise AirflowSkipException
            return n // 2

        @task_group
        def line(n: int, b: int) -> Any:
            return add(halve(n), b)

        seen.override(trigger_rule=TriggerRule.ALL_DONE)(line.partial(b=100).expand(n=[2, 3, 4]))
    result = run_dag(dag, settings=settings)
    assert states(result, "line.halve") == {0: "success", 1: "skipped", 2: "success"}
    assert states(result, "line.add") == {0: "success", 1: "skipped", 2: "success"}
    assert values(result, "seen") == [[101, 102]]


def test_groups_within_a_mapped_group_and_around_it(settings: Settings) -> None:
    with DAG("d") as dag:

        @task_group
        def inner(n: int) -> Any:
            return add(n, 1)

        @task_group
        def middle(n: int) -> Any:
            return inner(add(n, 10))

        @task_group
        def outer() -> Any:
            return middle.expand(n=numbers())

        seen(outer())
    result = run_dag(dag, settings=settings)
    assert values(result, "outer.middle.inner.add") == [12, 13, 14]
    assert values(result, "seen") == [[12, 13, 14]]


class Copy(BaseOperator):
    template_fields = ("text",)

    def __init__(self, *, text: str, times: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.text, self.times = text, times

    def execute(self, context: Any) -> Any:
        return self.text * self.times


def test_operators_get_their_arguments_and_only_literals_are_templates(settings: Settings) -> None:
    with DAG("d", default_args={"retries": 2}) as dag:
        braces = seen(["{{ 1 + 1 }}"])
        texts = ["{{ ti.map_index }} of {{ params.of }}", "-"]
        Copy.partial(task_id="c", times=2, params={"of": 2}).expand(text=texts)
        Copy.partial(task_id="raw").expand_kwargs(braces.map(lambda text: {"text": text}))
        Copy.partial(task_id="named", map_index_template="<{{ task.text }}>").expand(text=["a"])
    dag.get_task("seen").op_args = ()
    dag.get_task("seen").op_kwargs = {"values": ["{{ '{{' }} 1 + 1 {{ '}}' }}"]}
    result = run_dag(dag, settings=settings)
    assert values(result, "c") == ["0 of 20 of 2", "--"]
    assert values(result, "raw") == ["{{ 1 + 1 }}"]
    (named,) = [row for key, row in result.tasks.items() if key.task_id == "named"]
    assert named.rendered_map_index == "<a>"
    assert named.max_tries == 2


def test_a_lazy_sequence_is_a_list_that_is_fetched_in_parts(settings: Settings) -> None:
    with DAG("d") as dag:

        @task
        def look(xs: Any) -> list[Any]:
            return [len(xs), xs[0], xs[-1], xs[1:3], xs[::-2], xs == [1, 2, 3, 4], 3 in xs]

        @task
        def pull(ti: Any = None) -> list[Any]:
            return [
                ti.xcom_pull(task_ids="add"),
                ti.xcom_pull(task_ids="add", map_indexes=2),
                ti.xcom_pull(task_ids="add", map_indexes=[3, 0]),
            ]

        one = add.expand(a=numbers(4))
        one >> pull()
        look(one)
    result = run_dag(dag, settings=settings)
    assert values(result, "look") == [[4, 1, 4, [2, 3], [4, 2], True, True]]
    assert values(result, "pull") == [[[1, 2, 3, 4], 3, [4, 1]]]

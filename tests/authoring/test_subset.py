"""DAG.partial_subset: a copy with some tasks and what is around them."""

import math

import pytest

from tradewind import DAG, Label, TaskGroup
from tradewind.integrations.standard import EmptyOperator


def make(name: str) -> EmptyOperator:
    return EmptyOperator(task_id=name)


@pytest.fixture
def chain() -> DAG:
    with DAG("d") as dag:
        make("a") >> make("b") >> make("c") >> make("d")
    return dag


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ({"task_ids": "c"}, "abc"),
        ({"task_ids": ["c"], "include_upstream": False}, "c"),
        ({"task_ids": "b", "include_downstream": True, "include_upstream": False}, "bcd"),
        ({"task_ids": "c", "depth": 1}, "bc"),
        ({"task_ids": "a", "include_downstream": True, "depth": 2}, "abc"),
        ({"task_ids": "c", "include_upstream": False, "include_direct_upstream": True}, "bc"),
    ],
)
def test_what_is_in_it(chain: DAG, arguments: dict[str, object], found: str) -> None:
    part = chain.partial_subset(**arguments)  # type: ignore[arg-type]
    assert sorted(part.task_ids) == list(found)
    assert part.partial == (found != "abcd")


def test_it_is_a_copy_of_its_own(chain: DAG) -> None:
    part = chain.partial_subset("b")
    assert part.get_task("b").dag is part
    assert part.get_task("b").downstream_task_ids == set()
    assert chain.get_task("b").downstream_task_ids == {"c"}


def test_a_depth_below_zero_is_refused(chain: DAG) -> None:
    with pytest.raises(ValueError, match="depth must be 0 or more"):
        chain.partial_subset("b", depth=-1)


def test_macros_need_not_be_copyable() -> None:
    with DAG("d", user_defined_macros={"math": math}) as dag:
        make("a")
    assert dag.partial_subset("a").user_defined_macros == {"math": math}


def test_setup_and_teardown_come_with_the_work() -> None:
    with DAG("d") as dag:
        up, work, down = make("up").as_setup(), make("work"), make("down")
        up >> work >> down.as_teardown(setups=up)
        make("before") >> work
    part = dag.partial_subset("work", include_upstream=False)
    assert sorted(part.task_ids) == ["down", "up", "work"]
    assert sorted(dag.partial_subset("up", include_upstream=False).task_ids) == ["down", "up"]


def test_groups_without_a_task_go() -> None:
    with DAG("d") as dag:
        with TaskGroup("one") as one:
            make("a")
        with TaskGroup("two") as two:
            make("b")
        one >> Label("then") >> two
        two >> make("last")
    part = dag.partial_subset("one.a", include_downstream=False)
    assert part.group_ids == {"one"}
    assert part.task_group_dict["one"].downstream_group_ids == set()
    assert dag.task_group_dict["one"].downstream_group_ids == {"two"}

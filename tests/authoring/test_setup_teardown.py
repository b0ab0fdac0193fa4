"""Setup and teardown: which task becomes which, and what a `with` puts between them."""

import pytest

from tradewind import DAG, TaskGroup, setup, task, task_group, teardown
from tradewind.authoring.compile import compile_dag
from tradewind.authoring.errors import AirflowException
from tradewind.authoring.setup_teardown import context_wrapper
from tradewind.config.settings import Core
from tradewind.core.abilities import not_yet
from tradewind.integrations.standard import EmptyOperator
from tradewind.model.errors import InvalidDag
from tradewind.model.plan import TriggerRule


def edges(dag: DAG) -> set[tuple[str, str]]:
    return {(up, one.task_id) for one in dag.tasks for up in one.upstream_task_ids}


def make(name: str) -> EmptyOperator:
    return EmptyOperator(task_id=name)


def test_the_plan_says_what_clears_away_after_what() -> None:
    with DAG("d") as dag:
        up, work = make("up"), make("work")
        down = make("down").as_teardown(setups=up, on_failure_fail_dagrun=True)
        up >> work >> down
    plan = {item.task_id: item for item in compile_dag(dag, defaults=Core()).tasks}
    assert plan["up"].is_setup
    assert (plan["down"].is_teardown, plan["down"].setups) == (True, ("up",))
    assert plan["down"].on_failure_fail_dagrun
    assert plan["down"].trigger_rule is TriggerRule.ALL_DONE_SETUP_SUCCESS
    assert dag.teardowns == [down]
    assert dag.tasks_upstream_of_teardowns == [work]
    assert not_yet(compile_dag(dag, defaults=Core())) == ()


def test_decorators() -> None:
    @setup
    def up() -> None: ...

    @teardown(on_failure_fail_dagrun=True)
    @task(task_id="away")
    def down() -> None: ...

    with DAG("d") as dag:
        up() >> down()
    assert dag.get_task("up").is_setup
    assert dag.get_task("away").is_teardown
    assert dag.get_task("away").on_failure_fail_dagrun


def test_a_with_stands_between() -> None:
    with DAG("d") as dag:
        up, down = make("up"), make("down")
        with up >> down.as_teardown(setups=up):
            make("a") >> make("b")
            make("c")
    assert edges(dag) == {
        ("up", "down"),
        ("up", "a"),
        ("a", "b"),
        ("b", "down"),
        ("up", "c"),
        ("c", "down"),
    }


def test_blocks_in_blocks_and_tasks_from_outside() -> None:
    with DAG("d") as dag:
        outer = make("up1") >> make("down1").as_teardown()
        make_setup = dag.get_task("up1").as_setup()
        inner = make("down2").as_teardown(setups=make("up2"))
        elsewhere = make("work")
        with outer, inner as scope:
            scope.add_task(elsewhere)
    assert make_setup.is_setup
    assert {("up1", "up2"), ("up2", "work"), ("work", "down2"), ("down2", "down1")} <= edges(dag)
    assert ("up1", "work") not in edges(dag)


def test_several_at_once() -> None:
    with DAG("d") as dag, context_wrapper([make("a").as_setup(), make("b").as_setup()]):
        make("work")
    assert edges(dag) == {("a", "work"), ("b", "work")}


def test_what_follows_a_group_does_not_wait_for_its_teardowns() -> None:
    with DAG("d") as dag:
        with TaskGroup("g") as group:
            up = make("up")
            up >> make("work") >> make("down").as_teardown(setups=up)
        group >> make("after")
    assert dag.get_task("after").upstream_task_ids == {"g.work"}


def test_what_cannot_be_is_refused() -> None:
    with DAG("d"):
        with pytest.raises(AirflowException, match="no setup or teardown task"), make("plain"):
            pass
        with pytest.raises(ValueError, match="is a setup task; it cannot be a teardown too"):
            make("s").as_setup().as_teardown()
        with pytest.raises(ValueError, match="is a setup task already"):
            teardown(setup(task(lambda: 1)))
        with pytest.raises(ValueError, match="trigger_rule cannot be chosen for a teardown"):
            teardown(task(trigger_rule="all_done", task_id="t")(lambda: 1))()
    with DAG("d2") as dag:
        make("up").as_setup() >> EmptyOperator(task_id="t", trigger_rule="all_done")
    with pytest.raises(InvalidDag, match="'t' comes after the setup task 'up', so its") as caught:
        compile_dag(dag, defaults=Core())
    assert caught.value.site == dag.get_task("t")._site  # type: ignore[attr-defined]


def test_setup_and_teardown_that_merely_stand_in_a_block_are_left_alone() -> None:
    with DAG("d") as dag:
        open_hall, close_hall = (
            make("open_hall"),
            make("close_hall"),
        )
        with close_hall.as_teardown(setups=open_hall):
            play = make("play")
            light = make("light").as_setup()
            dim = make("dim").as_teardown(setups=light)
            light >> make("sing") >> dim
            make("before") >> make("after")
    assert play.upstream_task_ids == {"open_hall"}
    assert light.upstream_task_ids == set()
    assert dim.downstream_task_ids == set()
    assert dag.get_task("sing").upstream_task_ids == {"light"}
    assert dag.get_task("before").upstream_task_ids == {"open_hall"}
    assert close_hall.upstream_task_ids == {"open_hall", "play", "after"}


def test_a_block_within_a_block_stands_between_the_outer_ends() -> None:
    with DAG("d"):
        one, four = make("one"), make("four")
        two, three = make("two"), make("three")
        with four.as_teardown(setups=one), three.as_teardown(setups=two):
            work = make("work")
    assert two.upstream_task_ids == {"one"}
    assert work.upstream_task_ids == {"two"}
    assert three.upstream_task_ids == {"two", "work"}
    assert four.upstream_task_ids == {"one", "three"}


def test_work_within_a_setup_without_a_teardown_is_cleared_away_by_the_outer_one() -> None:
    with DAG("d") as dag:
        outer, down = make("outer").as_setup(), make("down").as_teardown()
        inner = make("inner").as_setup()
        outer >> down
        with outer, inner:
            make("first") >> make("last")
    assert edges(dag) == {
        ("outer", "down"),
        ("outer", "inner"),
        ("inner", "first"),
        ("first", "last"),
        ("last", "down"),
    }


def test_two_teardowns_of_the_same_setups_make_no_circle() -> None:
    with DAG("d") as dag:
        one, two = make("one").as_setup(), make("two").as_setup()
        a, b = make("a").as_teardown(), make("b").as_teardown()
        one >> two
        for up in (one, two):
            up >> [a, b]
        with a, b:
            make("work")
    dag.check_cycle()
    assert dag.get_task("work").upstream_task_ids == {"one", "two"}
    assert dag.get_task("b").downstream_task_ids == {"a"}


def test_setups_and_teardowns_in_one_with() -> None:
    with DAG("d"):
        mixed = context_wrapper([make("up").as_setup(), make("down").as_teardown()])
        with pytest.raises(ValueError, match="either setup tasks or teardown tasks"), mixed:
            pass


def test_a_group_is_no_setup() -> None:
    @task_group
    def group() -> None: ...

    with pytest.raises(AirflowException, match="mark its tasks"):
        setup(group)


def test_only_a_teardown_can_fail_the_run() -> None:
    @task(on_failure_fail_dagrun=True)
    def work() -> None: ...

    @teardown
    def down() -> None: ...

    with DAG("d"):
        plain = make("plain")
        with pytest.raises(ValueError, match="on_failure_fail_dagrun is for those"):
            plain.on_failure_fail_dagrun = True
        with pytest.raises(ValueError, match="on_failure_fail_dagrun is for those"):
            work()
        assert down.override(on_failure_fail_dagrun=True)().operator.on_failure_fail_dagrun
        assert not down().operator.on_failure_fail_dagrun

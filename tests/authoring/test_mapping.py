"""Dynamic task mapping: what may be expanded over what, and what the Plan says of it."""

from typing import Any

import pytest

from tradewind import DAG, BaseOperator, TaskGroup, task, task_group
from tradewind.authoring.compile import compile_dag
from tradewind.authoring.mapping import MappedOperator
from tradewind.config.settings import Core
from tradewind.core.abilities import not_yet
from tradewind.integrations.standard import BashOperator, EmptyOperator
from tradewind.model.codec import from_data, to_data
from tradewind.model.constructs import Expansion, Source
from tradewind.model.plan import Plan

NUMBERS = Source("xcom", task_id="numbers", key="return_value")


@task
def numbers() -> list[int]:
    return [1, 2]


@task
def add(a: int, b: int = 1, ti: Any = None) -> int:
    return a + b


def plan_of(dag: DAG) -> Plan:
    plan = compile_dag(dag, defaults=Core())
    assert from_data(Plan, to_data(plan)) == plan
    return plan


def expansion(plan: Plan, task_id: str) -> Expansion | None:
    return next(item for item in plan.tasks if item.task_id == task_id).expansion


def test_an_operator_is_expanded_over_lists_and_outputs() -> None:
    with DAG("d") as dag:
        BashOperator.partial(task_id="m", retries=2, cwd="/").expand(
            bash_command=["a", "b", "c"], env=numbers().map(lambda n: {"N": str(n)})
        )
    mapped = dag.get_task("m")
    assert (mapped.retries, mapped.task_type, mapped.upstream_task_ids) == (
        2,
        "BashOperator",
        {"numbers"},
    )
    plan = plan_of(dag)
    assert expansion(plan, "m") == Expansion(
        arguments=(
            ("bash_command", Source("literal", length=3)),
            ("env", Source("map", of=(NUMBERS,))),
        )
    )
    shown = next(item for item in plan.tasks if item.task_id == "m")
    assert (shown.operator, shown.template_fields) == (
        "BashOperator",
        ("bash_command", "env", "cwd"),
    )
    assert not_yet(plan) == ()


def test_what_an_operators_constructor_gives_by_itself_counts_for_the_many() -> None:
    class Patient(BaseOperator):
        def __init__(
            self,
            *,
            item: int,
            retries: int = 5,
            trigger_rule: str = "all_done",
            queue: str | None = None,
            **kwargs: Any,
        ) -> None:
            super().__init__(retries=retries, trigger_rule=trigger_rule, queue=queue, **kwargs)
            self.item = item

    class Narrow(Patient):
        def __init__(self, *, max_active_tis_per_dag: int = 3, **kwargs: Any) -> None:
            super().__init__(max_active_tis_per_dag=max_active_tis_per_dag, **kwargs)

    def facts(task: BaseOperator) -> tuple[Any, ...]:
        return task.retries, task.trigger_rule, task.queue, task.max_active_tis_per_dag

    with DAG("d", default_args={"retries": 2}):
        as_said = Narrow.partial(task_id="said", retries=1).expand(item=[1])
        by_default_args = Narrow.partial(task_id="default_args").expand(item=[1])
    with DAG("e"):
        by_itself = Patient.partial(task_id="itself").expand(item=[1])
    assert facts(as_said) == (1, "all_done", "default", 3)
    assert facts(by_default_args) == (2, "all_done", "default", 3)
    assert facts(by_itself) == (5, "all_done", "default", None)
    assert facts(by_itself.unmap({"item": 1})) == facts(by_itself)


def test_a_function_is_expanded() -> None:
    with DAG("d") as dag:
        over = numbers().zip(numbers(), fillvalue=0).concat(numbers().map(str))
        add.partial(b=2).expand(a=over)
        add.expand_kwargs([{"a": 1}, {"a": 2}])
        add.override(task_id="last").expand_kwargs(numbers())
    plan = plan_of(dag)
    many = [
        Source("xcom", task_id=f"numbers{end}", key="return_value") for end in ("", "__1", "__2")
    ]
    assert expansion(plan, "add") == Expansion(
        arguments=(
            (
                "a",
                Source(
                    "concat",
                    of=(
                        Source("zip", of=(many[0], many[1]), fills=True),
                        Source("map", of=(many[2],)),
                    ),
                ),
            ),
        )
    )
    assert expansion(plan, "add__1") == Expansion(kwargs=Source("literal", length=2))
    assert expansion(plan, "last") == Expansion(
        kwargs=Source("xcom", task_id="numbers__3", key="return_value")
    )


def test_a_group_is_expanded() -> None:
    @task_group
    def both(a: int, b: int) -> None:
        BashOperator(task_id="say", bash_command="x", env={"A": a, "B": b})  # type: ignore[dict-item]
        EmptyOperator(task_id="wait")

    with DAG("d") as dag:
        both.partial(b=2).expand(a=numbers())
    plan = plan_of(dag)
    assert plan.groups[0].expansion == Expansion(arguments=(("a", NUMBERS),))
    assert dag.get_task("both.say").upstream_task_ids == {"numbers"}
    assert dag.get_task("both.wait").upstream_task_ids == {"numbers"}
    assert not_yet(plan) == ()


def test_outputs_that_are_gone_through_are_lists_once_they_are_there() -> None:
    class Pulled:
        def xcom_pull(self, *, task_ids: str, **_: Any) -> Any:
            return {"one": [1, 2], "two": ["a"], "dict": {"k": 3}}[task_ids]

    with DAG("d"):
        one, two, named = (EmptyOperator(task_id=name).output for name in ("one", "two", "dict"))
    context = {"ti": Pulled()}
    assert one.map(lambda n: n + 1).map(str).resolve(context) == ["2", "3"]
    assert one.zip(two).resolve(context) == [(1, "a")]
    assert one.zip(two, fillvalue=None).resolve(context) == [(1, "a"), (2, None)]
    assert one.concat(two, named).resolve(context) == [1, 2, "a", ("k", 3)]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: BashOperator.partial(bash_command="x"),
            TypeError,
            "missing keyword argument 'task_id'",
        ),
        (
            lambda: BashOperator.partial(task_id="x", bash_comand="x"),
            TypeError,
            r"BashOperator.partial\(\) got an unexpected .* 'bash_comand'; did you mean 'bash_command'",
        ),
        (
            lambda: BashOperator.partial(task_id="x", task_concurrency=1),
            TypeError,
            "unexpected keyword argument 'task_concurrency'",
        ),
        (
            lambda: BashOperator.partial(task_id="x").expand(),
            TypeError,
            "no arguments to expand against",
        ),
        (
            lambda: BashOperator.partial(task_id="x").expand(bash_command="abc"),
            ValueError,
            "unexpected type 'str' for keyword argument 'bash_command'",
        ),
        (
            lambda: BashOperator.partial(task_id="x", bash_command="a").expand(bash_command=["b"]),
            TypeError,
            "unmappable or already specified argument: bash_command",
        ),
        (
            lambda: BashOperator.partial(task_id="x", bash_command="a").expand(queue=["b"]),
            TypeError,
            "unmappable or already specified argument: queue",
        ),
        (
            lambda: BashOperator.partial(task_id="x").expand(env=[{}]),
            TypeError,
            "missing keyword argument 'bash_command' of BashOperator 'x'",
        ),
        (
            lambda: BashOperator.partial(task_id="x").expand(bash_command=numbers()["k"]),
            ValueError,
            "cannot map over XCom with custom key 'k'",
        ),
        (
            lambda: BashOperator.partial(task_id="x").expand_kwargs([1]),
            TypeError,
            r"expected XComArg or list\[dict\]",
        ),
        (
            lambda: add.partial(z=1),
            TypeError,
            r"partial\(\) got an unexpected keyword argument 'z'",
        ),
        (
            lambda: add.expand(z=[1]),
            TypeError,
            r"expand\(\) got an unexpected keyword argument 'z'",
        ),
        (lambda: add.expand(ti=[1]), ValueError, "on task context variable 'ti'"),
        (lambda: add.expand(b=[1]), TypeError, "missing a required argument: 'a'"),
        (lambda: add.partial(b=1).partial(b=2), TypeError, "duplicate partial argument: b"),
        (lambda: add.partial(a=1).expand(a=[1]), TypeError, "'a' is given to partial"),
        (lambda: numbers().map(add), ValueError, "must be a plain function, not a @task"),
        (lambda: numbers().zip(3), TypeError, "takes outputs of tasks"),  # type: ignore[arg-type]
        (lambda: numbers()["x"].map(str), ValueError, "cannot map against non-return XCom"),
        (
            lambda: task_group(add.function).expand(z=[1]),
            TypeError,
            "unexpected keyword argument 'z'",
        ),
        (lambda: task_group(add.function).expand(b=[1]), TypeError, "missing a required argument"),
    ],
)
def test_what_cannot_be_expanded_is_refused_where_it_stands(
    make: Any, error: type[Exception], message: str
) -> None:
    with DAG("d"), pytest.raises(error, match=message):
        made = make()
        made._expand_called = True


def test_nothing_is_expanded_twice_over() -> None:
    @task_group
    def inner(a: int) -> None:
        EmptyOperator(task_id="e")

    @task_group
    def tasks_again(a: int) -> None:
        add.expand(a=[1])

    @task_group
    def groups_again(a: int) -> None:
        inner.expand(a=[1])

    with DAG("d"):
        with pytest.raises(NotImplementedError, match="in an expanded task group"):
            tasks_again.expand(a=[1])
        with pytest.raises(ValueError, match="Nested Mapped TaskGroups are not yet supported"):
            groups_again.expand(a=[1])


def test_what_was_never_expanded_is_told() -> None:
    forgotten = BashOperator.partial(task_id="m")
    with pytest.warns(UserWarning, match="'m' was never expanded"):
        del forgotten


def test_a_mapped_task_can_be_wired_and_grouped() -> None:
    with DAG("d") as dag:
        with TaskGroup("g"):
            out = add.expand(a=[1, 2])
        out >> EmptyOperator(task_id="after")
        add.override(task_id="sum")(out)
    assert isinstance(out.operator, MappedOperator)
    assert dag.get_task("after").upstream_task_ids == {"g.add"}
    assert dag.get_task("sum").upstream_task_ids == {"g.add"}

"""@task: what a call makes, and what the function gets."""

from collections.abc import Mapping
from typing import Any, TypedDict

import pytest

from tradewind import DAG, TaskGroup, XComArg, result, task
from tradewind.authoring import callables
from tradewind.authoring.task_functions import returns_mapping
from tradewind.authoring.taskflow import DecoratedOperator, task_decorator_factory
from tradewind.integrations.standard import BashOperator, EmptyOperator


def add(a: int, b: int = 1) -> int:
    """Adds."""
    return a + b


def test_a_call_makes_a_task_and_stands_for_its_output() -> None:
    with DAG("d") as dag:
        out = task(add)(1)
        out2 = task(add)(out, b=2)
    assert isinstance(out, XComArg)
    assert dag.task_ids == ["add", "add__1"]
    assert dag.get_task("add__1").upstream_task_ids == {"add"}
    assert out2.operator.doc_md == "Adds."
    assert task(doc_md=None)(add)(1).operator.doc_md == "Adds."
    assert out.operator.operator_name == "@task"


def test_ids_are_counted_per_group() -> None:
    with DAG("d") as dag:
        task(add)(1)
        with TaskGroup("g"):
            task(add)(1)
            task(add)(1)
    assert dag.task_ids == ["add", "g.add", "g.add__1"]


def test_arguments_and_override() -> None:
    decorated = task(task_id="plus", retries=2)(add)
    with DAG("d"):
        plain = decorated(1).operator
        other = decorated.override(task_id="more", pool="p")(1).operator
    assert (plain.task_id, plain.retries, plain.pool) == ("plus", 2, "default_pool")
    assert (other.task_id, other.retries, other.pool) == ("more", 2, "p")
    assert decorated.function(2, 3) == 5


def test_default_args_are_arguments_of_functions_too() -> None:
    def where(table: str, env: str = "dev", owner: str | None = None, ds: Any = None) -> str:
        return f"{table} {env} {owner} {ds}"

    with DAG("d", default_args={"env": "prod", "owner": "me", "ds": "none", "retries": 2}):
        assert task(where)("a").operator.op_kwargs == {"env": "prod", "owner": "me"}
        assert task(where)("a", "test", owner="you").operator.op_kwargs == {"owner": "you"}
        mapped = task(where).expand(table=["a"])
    assert mapped.operator.unmap({"table": "a"}).op_kwargs == {
        "env": "prod",
        "owner": "me",
        "table": "a",
    }
    with DAG("e", default_args={"table": "b"}) as dag:
        task(where)()
        task(where).expand(env=["test"])
    assert dag.task_ids == ["where", "where__1"]


def test_a_method_is_no_task() -> None:
    with pytest.raises(TypeError, match=r"the method add\(\)"):

        class Adder:
            @task
            def add(self, number: int) -> int:
                return number


def test_a_call_that_cannot_be_is_refused_at_its_line() -> None:
    with DAG("d"):
        with pytest.raises(TypeError, match=r"add.* cannot be called so: missing"):
            task(add)()
        with pytest.raises(TypeError, match="unexpected keyword argument 'c'"):
            task(add)(1, c=2)


def test_context_parameters_need_no_argument() -> None:
    def wants(a: int, ti: Any, ds: str | None = None) -> None: ...

    with DAG("d"):
        task(wants)(1)
    with pytest.raises(ValueError, match="'ds' is filled from the context"):
        task(lambda ds="x": ds)


def test_nested_outputs_are_dependencies() -> None:
    with DAG("d"):
        a, b = EmptyOperator(task_id="a"), EmptyOperator(task_id="b")
        shell = BashOperator(task_id="c", bash_command="x", env={"A": a.output})
        nested = task(lambda x: x, task_id="n")([{"deep": (a.output, b.output["key"])}])
        assert shell.upstream_task_ids == {"a"}
        assert nested.operator.upstream_task_ids == {"a", "b"}
        shell.env = {"B": b.output}
    assert shell.upstream_task_ids == {"a", "b"}


def test_an_output_is_not_iterable_and_has_text_keys() -> None:
    with DAG("d"):
        out = EmptyOperator(task_id="a").output
    with pytest.raises(TypeError, match="not there yet"):
        list(out)
    with pytest.raises(ValueError, match="XCom key"):
        out[0]  # type: ignore[index]
    assert str(out["k"]) == "{{ task_instance.xcom_pull(task_ids='a', dag_id='d', key='k') }}"


class Fields(TypedDict):
    a: int


def as_dict() -> dict[str, int]: ...  # type: ignore[empty-body]
def as_mapping() -> Mapping[str, int]: ...  # type: ignore[empty-body]
def as_fields() -> Fields: ...  # type: ignore[empty-body]
def as_text() -> "dict[str, Unknown]": ...  # type: ignore[name-defined,empty-body]  # noqa: F821
def as_list() -> list[int]: ...  # type: ignore[empty-body]


@pytest.mark.parametrize(
    ("function", "expected"),
    [(as_dict, True), (as_mapping, True), (as_fields, True), (as_text, True), (as_list, False)],
)
def test_multiple_outputs_follow_the_annotation(function: Any, expected: bool) -> None:
    assert returns_mapping(function) is expected
    with DAG("d"):
        assert task(function)().operator.multiple_outputs is expected
        assert task(multiple_outputs=False)(function)().operator.multiple_outputs is False


def test_what_comes_later_says_so() -> None:
    with DAG("d"):
        out = task(add).partial(b=1).expand(a=[1, 2])
    assert out.operator.is_mapped
    with pytest.raises(TypeError, match="goes on a function"):
        task(task_id="x")(3)


def test_a_decorator_of_ones_own() -> None:
    class Shouting(DecoratedOperator):
        def execute(self, context: Any) -> Any:
            return str(self.python_callable(*self.op_args)).upper()

    def shout(function: Any = None, **kwargs: Any) -> Any:
        return task_decorator_factory(function, decorated_operator_class=Shouting, **kwargs)

    with DAG("d"):
        out = shout(lambda: "hi", task_id="s")()
    assert out.operator.execute({}) == "HI"


class TestCalling:
    CONTEXT = {"ds": "2024-01-31", "ti": "TI", "params": {"a": 1}}

    def test_the_context_goes_by_name(self) -> None:
        assert callables.call(lambda ds, x: (ds, x), [], {"x": 1}, self.CONTEXT) == (
            "2024-01-31",
            1,
        )

    def test_all_of_it_goes_to_kwargs(self) -> None:
        seen = callables.call(lambda **kwargs: kwargs, [], {"x": 1}, self.CONTEXT)
        assert seen == {**self.CONTEXT, "x": 1}

    def test_an_argument_beats_the_context(self) -> None:
        assert callables.call(lambda ds: ds, [], {"ds": "mine"}, self.CONTEXT) == "mine"

    def test_a_positional_argument_must_not_fall_on_the_context(self) -> None:
        with pytest.raises(ValueError, match=r"'ds'.* is a name of the context"):
            callables.call(lambda ds: ds, ["x"], {}, self.CONTEXT)

    def test_a_coroutine_is_awaited(self) -> None:
        async def later(x: int) -> int:
            return x + 1

        assert callables.call(later, [1], {}, {}) == 2
        assert callables.is_async_callable(later)

    def test_an_argument_it_does_not_take_is_left_out(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        assert callables.call(lambda x: x, [], {"x": 1, "y": 2}, {}) == 1
        assert "does not take the argument 'y', which is left out" in caplog.text


def test_a_function_called_very_often_gets_ids_in_linear_time() -> None:
    class Counted(dict[str, Any]):
        asked = 0

        def __contains__(self, key: object) -> bool:
            self.asked += 1
            return super().__contains__(key)

    with DAG("d") as dag:
        dag.task_dict = counted = Counted()
        many = task(lambda: None, task_id="t")
        for _ in range(100):
            many()
    assert dag.task_ids == ["t", *(f"t__{number}" for number in range(1, 100))]
    assert counted.asked < 1000


def test_the_task_that_gives_the_result_says_so() -> None:
    @result
    @task
    def last(x: int = 0) -> int:
        return x

    with DAG("d") as dag:
        last.override(task_id="other")()
    assert dag.get_task("other").returns_dag_result
    with DAG("e") as dag:
        last.expand(x=[1, 2])
    assert dag.get_task("last").returns_dag_result
    with DAG("f") as dag:
        dag.add_result(EmptyOperator(task_id="t"))
    assert dag.get_task("t").returns_dag_result


@pytest.mark.parametrize("arguments", [{"retries": "many"}, {"queue": 42}, {"task_id": str}])
def test_arguments_of_a_task_are_checked_where_it_is_decorated(arguments: Any) -> None:
    with pytest.raises(TypeError, match=next(iter(arguments))):

        @task(**arguments)
        def work() -> None: ...


def test_none_is_what_an_argument_has_anyway() -> None:
    @task(queue=None, owner=None, retry_delay=None)
    def work() -> None: ...

    with DAG("d"):
        assert work().operator.queue == "default"

"""`>>`, `<<`, lists, chain, chain_linear, cross_downstream, groups."""

import pytest

from tradewind import DAG, Label, TaskGroup, chain, chain_linear, cross_downstream, task_group
from tradewind.authoring.errors import DuplicateTaskIdFound, TaskAlreadyInTaskGroup
from tradewind.integrations.standard import EmptyOperator


@pytest.fixture
def dag() -> DAG:
    return DAG("d")


def tasks(dag: DAG, names: str) -> list[EmptyOperator]:
    return [EmptyOperator(task_id=name, dag=dag) for name in names]


def edges(dag: DAG) -> set[str]:
    return {up.task_id + down for up in dag.tasks for down in up.downstream_task_ids}


def test_arrows_and_methods_say_the_same(dag: DAG) -> None:
    a, b, c, d, e = tasks(dag, "abcde")
    a >> b << c
    d.set_upstream([a, b])
    d.set_downstream(e)
    assert edges(dag) == {"ab", "cb", "ad", "bd", "de"}


def test_lists_stand_on_either_side_of_a_task(dag: DAG) -> None:
    a, b, c, d = tasks(dag, "abcd")
    a >> [b, c] >> d
    assert edges(dag) == {"ab", "ac", "bd", "cd"}
    assert [a, b] << d is d


@pytest.mark.parametrize(
    ("other", "error"), [("b", AttributeError), (3, AttributeError), (print, AttributeError)]
)
def test_what_cannot_be_wired_says_why(dag: DAG, other: object, error: type[Exception]) -> None:
    (a,) = tasks(dag, "a")
    with pytest.raises(error, match="task 'a' cannot be wired"):
        _ = a >> other


def test_two_lists_cannot_be_wired(dag: DAG) -> None:
    a, b = tasks(dag, "ab")
    with pytest.raises(TypeError):
        _ = [a] >> [b]  # type: ignore[operator]


def test_two_dags_cannot_be_wired(dag: DAG) -> None:
    (a,) = tasks(dag, "a")
    with pytest.raises(RuntimeError, match="different DAGs"):
        _ = a >> EmptyOperator(task_id="b", dag=DAG("other"))


def test_tasks_without_a_dag_cannot_be_wired() -> None:
    with pytest.raises(ValueError, match="belong to no DAG"):
        _ = EmptyOperator(task_id="a") >> EmptyOperator(task_id="b")


def test_chain_pairs_lists_of_one_length(dag: DAG) -> None:
    a, b, c, d, e, f = tasks(dag, "abcdef")
    chain(a, [b, c], [d, e], Label("x"), f)
    assert edges(dag) == {"ab", "ac", "bd", "ce", "df", "ef"}
    with pytest.raises(ValueError, match="these have 1 and 2 tasks"):
        chain([a], [b, c])


def test_chain_linear_and_cross_downstream_wire_every_pair(dag: DAG) -> None:
    a, b, c, d, e = tasks(dag, "abcde")
    chain_linear([a, b], [c, d], e)
    assert edges(dag) == {"ac", "ad", "bc", "bd", "ce", "de"}
    cross_downstream([a], [b])
    assert "ab" in edges(dag)


class TestGroups:
    def test_ids_get_the_prefix_and_edges_reach_roots_and_leaves(self, dag: DAG) -> None:
        with dag:
            start, end = tasks(dag, "se")
            with TaskGroup("g") as group:
                a, b = EmptyOperator(task_id="a"), EmptyOperator(task_id="b")
                a >> b
                with TaskGroup("inner", prefix_group_id=False):
                    c = EmptyOperator(task_id="c")
            start >> group >> end
        assert (a.task_id, c.task_id) == ("g.a", "c")
        assert start.downstream_task_ids == {"g.a", "c"}
        assert end.upstream_task_ids == {"g.b", "c"}
        assert (a.label, group.get_child_by_label("a")) == ("a", a)
        assert list(dag.task_group_dict) == ["g", "g.inner"]

    def test_a_group_needs_a_dag(self) -> None:
        with pytest.raises(RuntimeError, match="belongs to no DAG"):
            TaskGroup("g")

    def test_a_group_id_has_no_dots_and_is_not_taken(self, dag: DAG) -> None:
        with dag:
            with pytest.raises(ValueError, match="group_id"):
                TaskGroup("a.b")
            TaskGroup("g")
            with pytest.raises(DuplicateTaskIdFound):
                TaskGroup("g")
            with pytest.raises(DuplicateTaskIdFound):
                EmptyOperator(task_id="g")

    def test_a_task_is_in_one_group(self, dag: DAG) -> None:
        with dag, TaskGroup("g"):
            a = EmptyOperator(task_id="a")
        with dag, pytest.raises(TaskAlreadyInTaskGroup):
            TaskGroup("h").add(a)

    def test_a_decorated_group_can_be_called_twice(self, dag: DAG) -> None:
        @task_group
        def load(name: str) -> None:
            """Loads."""
            EmptyOperator(task_id=name)

        with dag:
            first, second = load("a"), load("b")
        assert (first.group_id, second.group_id) == ("load", "load__1")
        assert first.tooltip == first.doc_md == "Loads."
        with dag:
            assert load.override(doc_md="*How*", tooltip="What")("c").doc_md == "*How*"
        assert dag.task_ids == ["load.a", "load__1.b", "load__2.c"]

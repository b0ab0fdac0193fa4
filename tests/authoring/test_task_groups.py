"""Task groups: edges to and from a group as a whole, its children by label, what it refuses."""

from pathlib import Path
from typing import Any

import pytest

from tradewind import DAG, TaskGroup, task_group
from tradewind.authoring.errors import DuplicateTaskIdFound, NodeNotFound, TaskAlreadyInTaskGroup
from tradewind.integrations.standard import EmptyOperator


def make(name: str, **arguments: Any) -> EmptyOperator:
    return EmptyOperator(task_id=name, **arguments)


def test_a_group_without_a_task_passes_edges_on() -> None:
    with DAG("d"):
        first, second, last = make("first"), make("second"), make("last")
        with TaskGroup("nothing") as nothing:
            pass
        [first, second] >> nothing >> last
    assert last.upstream_task_ids == {"first", "second"}


def test_whichever_edge_of_it_is_drawn_first() -> None:
    with DAG("d"):
        first, last = make("first"), make("last")
        nothing = TaskGroup("nothing")
        nothing >> last
        first >> nothing
    assert last.upstream_task_ids == {"first"}


def test_groups_without_tasks_in_a_row() -> None:
    with DAG("d"):
        first, one, two, last = make("first"), TaskGroup("one"), TaskGroup("two"), make("last")
        first >> one >> two >> last
    assert last.upstream_task_ids == {"first"}
    assert (one.downstream_group_ids, two.upstream_group_ids) == ({"two"}, {"one"})
    assert (one.upstream_task_ids, two.downstream_task_ids) == ({"first"}, {"last"})


def test_a_child_by_its_label() -> None:
    with DAG("d"), TaskGroup("outer") as outer:
        work = make("work")
        inner = TaskGroup("inner")
    assert (outer["work"], outer["inner"]) == (work, inner)
    with pytest.raises(NodeNotFound, match="no task or group 'wrk'; did you mean 'work'") as caught:
        outer["wrk"]
    assert isinstance(caught.value, KeyError)


def test_the_points_where_its_edges_meet_are_taken() -> None:
    clash = pytest.raises(DuplicateTaskIdFound, match=r"g\.upstream_join_id")
    with DAG("d"), TaskGroup("g"), clash:
        make("upstream_join_id")


def test_a_task_stays_in_its_group() -> None:
    with DAG("d"):
        group, free = TaskGroup("g"), make("free")
        with pytest.raises(TaskAlreadyInTaskGroup, match="the DAG's root group already"):
            group.add(free)


def test_an_id_with_its_group_has_an_end() -> None:
    with DAG("d"), TaskGroup("g"), pytest.raises(ValueError, match="250"):
        make("x" * 249)


def test_its_documentation_may_be_a_file(tmp_path: Path) -> None:
    (tmp_path / "g.md").write_text("# What it does")
    with DAG("d"):
        assert TaskGroup("g", doc_md=str(tmp_path / "g.md")).doc_md == "# What it does"


def test_its_label_is_its_display_name() -> None:
    with DAG("d"):
        assert TaskGroup("g", group_display_name="The group").label == "The group"


def test_arguments_that_it_does_not_take() -> None:
    with DAG("d"), pytest.raises(TypeError, match="ui_color must be a string, not int 1"):
        TaskGroup("g", ui_color=1)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="'tooltp'; did you mean 'tooltip'"):

        @task_group(tooltp="x")
        def group() -> None: ...


def test_expand_kwargs_needs_named_parameters() -> None:
    @task_group
    def group(**kwargs: Any) -> None: ...

    with DAG("d"), pytest.raises(TypeError, match="names all its parameters"):
        group.expand_kwargs([{"a": 1}])

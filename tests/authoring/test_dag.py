"""DAG: construction, membership, order."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from tradewind import DAG, EdgeModifier, Label, dag, task
from tradewind.authoring.dag_arguments import LEGACY_ARGUMENTS
from tradewind.authoring.errors import (
    AirflowDagCycleException,
    DuplicateTaskIdFound,
    FailFastDagInvalidTriggerRule,
    TaskNotFound,
)
from tradewind.authoring.scopes import DagContext
from tradewind.integrations.standard import EmptyOperator


def test_a_task_belongs_to_the_innermost_open_dag() -> None:
    with DAG("outer") as outer:
        first = EmptyOperator(task_id="first")
        with DAG("inner") as inner:
            second = EmptyOperator(task_id="second")
        third = EmptyOperator(task_id="third")
    assert (first.dag, second.dag, third.dag) == (outer, inner, outer)
    assert EmptyOperator(task_id="alone").dag is None


def test_a_task_joins_a_dag_by_argument_by_wiring_or_by_add_task() -> None:
    dag_object = DAG("d")
    by_argument = EmptyOperator(task_id="a", dag=dag_object)
    by_wiring = EmptyOperator(task_id="b")
    by_argument >> by_wiring
    dag_object.add_task(EmptyOperator(task_id="c"))
    assert dag_object.task_ids == ["a", "b", "c"]


def test_naive_dates_are_of_the_default_zone_and_kept_in_utc() -> None:
    east = timezone(timedelta(hours=2))
    made = DAG("d", start_date=datetime(2024, 1, 1, tzinfo=east), end_date=datetime(2024, 2, 1))
    assert made.start_date == datetime(2023, 12, 31, 22, tzinfo=UTC)
    assert made.end_date == datetime(2024, 2, 1, tzinfo=UTC)
    assert made.timezone is east


def test_dates_and_params_may_stand_in_default_args() -> None:
    made = DAG("d", default_args={"start_date": "2024-01-01", "params": {"a": 1}}, params={"b": 2})
    assert made.start_date == datetime(2024, 1, 1, tzinfo=UTC)
    assert made.params.dump() == {"a": 1, "b": 2}
    assert "params" not in made.default_args


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"start_date": "2024-01-01"}, TypeError, r"write datetime\(2024, 1, 1\)"),
        ({"schedul": None}, TypeError, "did you mean 'schedule'"),
        ({"max_active_runs": "3"}, TypeError, "max_active_runs must be an int"),
        ({"max_active_tasks": -1}, ValueError, "must not be below 0"),
        ({"dagrun_timeout": 60}, TypeError, r"timedelta\(seconds=60\)"),
        ({"tags": "etl"}, TypeError, r"write tags=\['etl'\]"),
        ({"tags": ["x" * 101]}, ValueError, "longer than 100"),
        ({"owner_links": {"me": "ftp://x"}}, ValueError, "must begin with http"),
        ({"catchup": "yes"}, TypeError, "catchup must be True or False"),
        ({"on_failure_callback": 3}, TypeError, "must be a function"),
    ],
)
def test_a_wrong_argument_says_what_would_be_right(
    arguments: dict[str, object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        DAG("d", **arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("dag_id", ["", "a b", "a\n", "a/b", "ä" * 251])
def test_a_dag_id_is_made_of_word_characters(dag_id: str) -> None:
    with pytest.raises(ValueError, match="dag_id"):
        DAG(dag_id)


def test_legacy_arguments_count_under_todays_names() -> None:
    made = DAG(
        "d", schedule_interval="@weekly", concurrency=3, fail_stop=True, default_view="graph"
    )
    assert (made.schedule, made.max_active_tasks, made.fail_fast) == ("@weekly", 3, True)
    assert set(LEGACY_ARGUMENTS) >= {"timetable", "orientation", "full_filepath"}


def test_two_tasks_cannot_have_one_id() -> None:
    with DAG("d"):
        EmptyOperator(task_id="a")
        with pytest.raises(DuplicateTaskIdFound, match="'a'"):
            EmptyOperator(task_id="a")


def test_an_unknown_task_is_named_with_its_neighbour() -> None:
    with DAG("d") as made:
        EmptyOperator(task_id="extract")
    with pytest.raises(TaskNotFound, match="did you mean 'extract'"):
        made.get_task("extrct")
    assert made["extract"].task_id == "extract"


def test_a_circle_is_named_in_the_direction_of_its_edges() -> None:
    with DAG("d") as made:
        a, b, c = (EmptyOperator(task_id=name) for name in "abc")
        a >> b >> c >> a
    with pytest.raises(AirflowDagCycleException, match="a >> b >> c >> a"):
        made.check_cycle()


def test_the_order_is_topological_and_else_that_of_definition() -> None:
    with DAG("d") as made:
        last, second, first = (EmptyOperator(task_id=name) for name in ("z", "y", "x"))
        first >> last
        second >> last
    assert [t.task_id for t in made.topological_sort()] == ["y", "x", "z"]
    assert [t.task_id for t in made.roots] == ["y", "x"]
    assert [t.task_id for t in made.leaves] == ["z"]


def test_a_fail_fast_dag_takes_no_task_that_would_run_after_a_failure() -> None:
    with DAG("d", fail_fast=True), pytest.raises(FailFastDagInvalidTriggerRule, match="fail_fast"):
        EmptyOperator(task_id="a", trigger_rule="all_done")


def test_labels_stand_on_the_edges_they_are_between() -> None:
    with DAG("d") as made:
        a, b, c = (EmptyOperator(task_id=name) for name in "abc")
        a >> Label("yes") >> b
        [a, b] >> Label("both") >> c
        assert isinstance(Label("x"), EdgeModifier)
    assert made.get_edge_info("a", "b") == {"label": "yes"}
    assert made.get_edge_info("b", "c") == {"label": "both"}


def test_a_label_may_be_wired_backwards() -> None:
    with DAG("d") as made:
        a, b = EmptyOperator(task_id="a"), EmptyOperator(task_id="b")
        b << Label("back") << a
    assert made.get_edge_info("a", "b") == {"label": "back"}


class TestDecorator:
    def test_the_function_names_and_documents_the_dag_and_registers_it(self) -> None:
        @dag(schedule="@daily", start_date=datetime(2024, 1, 1))
        def nightly() -> None:
            """Every night."""
            EmptyOperator(task_id="a")

        made = nightly()
        assert (made.dag_id, made.doc_md, made.task_ids) == ("nightly", "Every night.", ["a"])
        assert DagContext.take_registered() == [made]

    def test_its_arguments_become_params(self) -> None:
        seen = []

        @dag("named")
        def with_params(day: int = 3) -> None:
            seen.append(day)

        made = with_params(4)
        assert made.dag_id == "named"
        assert made.params.dump() == {"day": 4}
        assert repr(seen[0]) == "DagParam('day')"

    def test_an_output_it_returns_is_the_result(self) -> None:
        @dag
        def with_result() -> object:
            @task
            def last() -> int:
                return 1

            return last()

        assert with_result().dag_result_task_id == "last"


def test_a_callback_of_a_dag_that_nobody_calls_is_told(caplog: pytest.LogCaptureFixture) -> None:
    DAG("d", on_failure_callback=print)
    assert "DAG 'd': a DAG's on_failure_callback is not called yet" in caplog.text


def test_dates_as_text_in_default_args_are_in_the_zone_of_the_start() -> None:
    dates = {"start_date": "2024-01-01T00:00:00+05:00", "end_date": "2024-02-01T00:00:00"}
    with DAG("d", schedule=None, default_args=dates) as dag:
        task = EmptyOperator(task_id="t")
    assert dag.timezone.utcoffset(None) == timedelta(hours=5)
    assert task.start_date == datetime(2023, 12, 31, 19, tzinfo=UTC)
    assert task.end_date == datetime(2024, 1, 31, 19, tzinfo=UTC)


def test_a_task_starts_and_ends_with_its_dag() -> None:
    start, end = datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC)
    with DAG("d", start_date=start, end_date=end):
        plain = EmptyOperator(task_id="plain")
        own = EmptyOperator(task_id="own", start_date=start + timedelta(days=1))
    assert (plain.start_date, plain.end_date) == (start, end)
    assert (own.start_date, own.end_date) == (start + timedelta(days=1), end)


def test_a_task_stays_in_its_dag() -> None:
    with DAG("one"):
        task = EmptyOperator(task_id="t")
    with pytest.raises(ValueError, match="is in DAG 'one'; its DAG cannot be changed"):
        task.dag = DAG("two")

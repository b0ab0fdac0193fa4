"""BaseOperator: its arguments and what they may be, and default_args."""

import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tradewind import DAG, BaseOperator, TaskGroup, TriggerRule, WeightRule
from tradewind.authoring import configuration
from tradewind.authoring.profile import reports_of_one_file
from tradewind.config.settings import Core, Operators, Settings
from tradewind.integrations.standard import BashOperator, EmptyOperator


class Copy(BaseOperator):
    """An operator as authors write them."""

    template_fields = ("source", "target")

    def __init__(self, *, source: str, target: str = "out", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.source = source
        self.target = target

    def execute(self, context: Any) -> str:
        return f"{self.source}>{self.target}"


class CopyTwice(Copy):
    def __init__(self, *, times: int = 2, **kwargs: Any) -> None:
        super().__init__(retries=5, **kwargs)
        self.times = times


def test_what_is_not_given_has_the_default_of_the_options() -> None:
    settings = Settings(
        home=Path("."),
        core=Core(default_task_retries=2, default_task_retry_delay=7),
        operators=Operators(default_owner="team"),
    )
    configuration.use(settings)
    task = EmptyOperator(task_id="a")
    assert (task.retries, task.retry_delay, task.owner) == (2, timedelta(seconds=7), "team")
    assert (task.pool, task.queue, task.pool_slots) == ("default_pool", "default", 1)
    assert task.trigger_rule is TriggerRule.ALL_SUCCESS
    assert task.weight_rule is WeightRule.DOWNSTREAM


@pytest.mark.parametrize(
    ("arguments", "name", "kept"),
    [
        ({"retries": None}, "retries", 0),
        ({"retries": "3"}, "retries", 3),
        ({"retry_delay": 30}, "retry_delay", timedelta(seconds=30)),
        ({"retry_exponential_backoff": True}, "retry_exponential_backoff", 2.0),
        ({"retry_exponential_backoff": 1.5}, "retry_exponential_backoff", 1.5),
        ({"start_date": datetime(2024, 1, 1)}, "start_date", datetime(2024, 1, 1, tzinfo=UTC)),
        ({"priority_weight": 2**40}, "priority_weight", 2**31 - 1),
        ({"trigger_rule": "all_done"}, "trigger_rule", TriggerRule.ALL_DONE),
        ({"weight_rule": "absolute"}, "weight_rule", WeightRule.ABSOLUTE),
        ({"wait_for_downstream": True}, "depends_on_past", True),
        ({"on_failure_callback": print}, "on_failure_callback", [print]),
        ({"outlets": "x"}, "outlets", ["x"]),
    ],
)
def test_arguments_are_kept_in_one_form(arguments: dict[str, Any], name: str, kept: object) -> None:
    assert getattr(EmptyOperator(task_id="a", **arguments), name) == kept


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"retries": -1}, "retries must be at least 0"),
        ({"retries": 1.5}, "retries must be an int"),
        ({"retry_delay": "5m"}, "retry_delay must be a timedelta"),
        ({"execution_timeout": 60}, r"write timedelta\(seconds=60\)"),
        ({"start_date": "yesterday"}, "start_date must be a datetime"),
        ({"pool": 3}, "pool must be a string"),
        ({"pool_slots": 0}, "pool_slots must be at least 1"),
        ({"priority_weight": "high"}, "priority_weight must be an int"),
        ({"trigger_rule": "all_sucess"}, "did you mean 'all_success'"),
        ({"weight_rule": "downstrem"}, "did you mean 'downstream'"),
        ({"on_success_callback": "f"}, "must be a function"),
        ({"max_active_tis_per_dag": 0}, "at least 1"),
        ({"task_id": "a b"}, "task_id 'a b' must be made of"),
        ({"default_args": ["x"]}, "default_args must be a dict"),
    ],
)
def test_a_wrong_argument_says_what_would_be_right(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        EmptyOperator(**{"task_id": "a", **arguments})


def test_an_unknown_argument_is_refused_with_the_one_that_was_meant() -> None:
    with pytest.raises(TypeError, match=r"Copy \(task_id: a\).*did you mean 'target'"):
        Copy(task_id="a", source="x", targt="y")


def test_a_missing_argument_is_named_with_the_misspelt_one() -> None:
    with pytest.raises(TypeError, match=r"missing keyword argument 'source'.*was 'sorce' meant"):
        Copy(task_id="a", sorce="x")


def test_a_warning_of_a_constructor_names_the_authors_line() -> None:
    class Old(Copy):
        def __init__(self, **kwargs: Any) -> None:
            warnings.warn("use another one", DeprecationWarning, stacklevel=2)
            super().__init__(**kwargs)

    with pytest.warns(DeprecationWarning, match="use another one") as seen:
        Old(task_id="t", source="a", target="b")
    assert seen[0].filename == __file__


def test_positional_arguments_are_refused() -> None:
    with pytest.raises(TypeError, match="keyword arguments only"):
        EmptyOperator("a")


class TestDefaultArgs:
    def test_the_nearest_wins(self) -> None:
        of_dag = {"retries": 1, "owner": "dag", "queue": "dag"}
        of_group = {"owner": "group", "queue": "group"}
        with DAG("d", default_args=of_dag), TaskGroup("g", default_args=of_group):
            task = EmptyOperator(task_id="a", default_args={"queue": "own"}, owner="explicit")
            plain = EmptyOperator(task_id="b")
        assert (task.retries, task.owner, task.queue) == (1, "explicit", "own")
        assert (plain.owner, plain.queue) == ("group", "group")

    def test_inner_groups_inherit(self) -> None:
        outer = TaskGroup("g", dag=DAG("d"), default_args={"retries": 4})
        with outer, TaskGroup("h", default_args={"owner": "h"}):
            task = EmptyOperator(task_id="a")
        assert (task.retries, task.owner) == (4, "h")

    def test_they_reach_the_arguments_of_every_class(self) -> None:
        with DAG("d", default_args={"source": "in", "times": 9, "retries": 1, "unknown": 0}):
            task = CopyTwice(task_id="a")
        assert (task.source, task.times, task.target) == ("in", 9, "out")
        assert task.retries == 5, "what the class itself says is explicit"

    def test_the_dag_by_argument_counts(self) -> None:
        made = DAG("d", default_args={"retries": 3})
        assert EmptyOperator(task_id="a", dag=made).retries == 3

    def test_a_string_date_in_them_is_read(self) -> None:
        with DAG("d", default_args={"start_date": "2024-01-02"}):
            assert EmptyOperator(task_id="a").start_date == datetime(2024, 1, 2, tzinfo=UTC)


def test_params_merge_from_dag_to_task() -> None:
    with DAG("d", params={"a": 1, "b": 1}):
        task = EmptyOperator(task_id="t", params={"b": 2})
    assert task.params.dump() == {"a": 1, "b": 2}


def test_legacy_arguments_are_taken_and_reported() -> None:
    with reports_of_one_file() as evidence:
        task = EmptyOperator(task_id="a", task_concurrency=2, trigger_rule="dummy")
    assert task.max_active_tis_per_dag == 2
    assert task.trigger_rule is TriggerRule.ALWAYS
    assert [item.what for item in evidence] == [
        "passes task_concurrency to EmptyOperator",
        "sets trigger_rule 'dummy'",
    ]
    assert evidence[0].site.file == __file__


def test_relatives_near_and_far() -> None:
    with DAG("d"):
        a, b, c = (EmptyOperator(task_id=name) for name in "abc")
        a >> b >> c
    assert b.upstream_list == [a]
    assert b.downstream_list == [c]
    assert a.get_flat_relative_ids() == {"b", "c"}
    assert c.get_flat_relatives(upstream=True) == [a, b]


def test_a_copy_for_execution_leaves_the_dags_task_alone() -> None:
    with DAG("d"):
        task = BashOperator(task_id="a", bash_command="x")
    copied = task.prepare_for_execution()
    copied.bash_command = "y"
    assert task.bash_command == "x"


def test_partial_and_setup_load_and_say_what_they_need() -> None:
    with DAG("d") as made:
        before = EmptyOperator(task_id="before")
        mapped = BashOperator.partial(task_id="m", retries=2).expand(bash_command=before.output)
        EmptyOperator(task_id="s").as_setup()
    assert (mapped.retries, mapped.upstream_task_ids) == (2, {"before"})
    assert made.get_task("s").is_setup

"""The context of a try: dates, params, accessors, `ti`; and what templates render to."""

import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jinja2
import pendulum
import pytest

from tests.authoring.conftest import DAY, MemoryHost, attempt
from tradewind import DAG, Param, get_current_context, literal, task
from tradewind.authoring import callables, old_context, templating
from tradewind.authoring import context as contexts
from tradewind.authoring.errors import AirflowException, ParamValidationError, XComNotFound
from tradewind.authoring.lazy_value import LazyValue
from tradewind.authoring.operator import BaseOperator
from tradewind.authoring.xcoms import UnserialisableXCom
from tradewind.integrations.standard import BashOperator, PythonOperator
from tradewind.model.requests import PreviousRun, PullXCom
from tradewind.model.states import RunType

pytestmark = pytest.mark.usefixtures("memory")


def bash(command: Any, **dag_arguments: Any) -> BashOperator:
    with DAG("d", **dag_arguments):
        return BashOperator(task_id="t", bash_command=command)


def build(operator: BaseOperator, **attempt_arguments: Any) -> contexts.Context:
    return contexts.build(attempt(**attempt_arguments), operator, operator.dag)


def rendered(command: Any, /, *, run: dict[str, Any] | None = None, **dag_arguments: Any) -> Any:
    operator = bash(command, **dag_arguments)
    templating.render_task(operator, build(operator, **(run or {})))
    return operator.bash_command


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ ds }} {{ ds_nodash }}", "2024-01-31 20240131"),
        ("{{ ts }}", "2024-01-31T00:00:00+00:00"),
        ("{{ ts_nodash }} {{ ts_nodash_with_tz }}", "20240131T000000 20240131T000000+0000"),
        ("{{ logical_date.add(months=1).to_date_string() }}", "2024-02-29"),
        ("{{ data_interval_start | ds }}", "2024-01-31"),
        ("{{ data_interval_end | ts_nodash }}", "20240131T000000"),
        ("{{ dag.dag_id }}.{{ task.task_id }} {{ run_id }}", "d.t run-1"),
        ("{{ task_instance_key_str }} {{ ti.try_number }}", "d__t__20240131 1"),
        ("{{ dag_run.conf['k'] }} {{ dag_run.run_type }}", "v manual"),
        ("{{ macros.ds_add(ds, -31) }}", "2023-12-31"),
        ("{{ macros.ds_format(ds, '%Y-%m-%d', '%d.%m.%y') }}", "31.01.24"),
        ("{{ (macros.datetime(2024, 1, 1) + macros.timedelta(1)).day }}", "2"),
        ("{{ macros.dateutil.parser.parse('1 May 2024').month }}", "5"),
        (
            "{{ macros.json.dumps({'a': 1}) }} {{ macros.uuid.UUID(int=0) }}",
            '{"a": 1} ' + "0" * 8 + "-0000-0000-0000-" + "0" * 12,
        ),
        ("{{ params.p }}", "5"),
        ("{{ var.value.plain }} {{ var.json.nested.a }}", "text 1"),
        ("{{ var.value.get('none', 'default') }}", "default"),
        ("{{ conn.db.host }} {{ conn.get('none', 'default') }}", "h default"),
        ("{% do [].append(1) %}{% for x in [1, 2] %}{{ x }}{% endfor %}", "12"),
        ("no template", "no template"),
        ("line\n", "line"),
    ],
)
def test_templates_see_the_whole_context(memory: MemoryHost, template: str, expected: str) -> None:
    memory.variables |= {"plain": "text", "nested": '{"a": 1}'}
    memory.connections["db"] = {"conn_id": "db", "host": "h"}
    run = {"conf": {"k": "v"}}
    assert rendered(template, run=run, params={"p": 5}) == expected


@pytest.mark.parametrize(
    ("template", "logical_date", "hint"),
    [
        ("{{ execution_date }}", DAY, "write logical_date instead"),
        ("{{ tomorrow_ds }}", DAY, r"write macros.ds_add\(ds, 1\) instead"),
        ("{{ ds }}", None, "this run has no logical date"),
        ("{{ dag_rnu }}", DAY, "did you mean 'dag_run'"),
    ],
)
def test_an_undefined_name_is_an_error_with_a_way_out(
    template: str, logical_date: datetime | None, hint: str
) -> None:
    with pytest.raises(jinja2.UndefinedError, match=rf"'t', template field bash_command.*{hint}"):
        rendered(template, run={"logical_date": logical_date})


def test_a_syntax_error_names_task_and_field() -> None:
    with pytest.raises(jinja2.TemplateSyntaxError, match="'t', template field bash_command"):
        rendered("{{ ds ")


def test_templates_do_not_reach_pythons_internals() -> None:
    with pytest.raises(jinja2.exceptions.SecurityError):
        rendered("{{ ''.__class__.__mro__ }}")


def test_macros_filters_and_options_of_the_dag_count() -> None:
    assert (
        rendered(
            "<% greet('x') | loud %>",
            user_defined_macros={"greet": lambda name: f"hi {name}"},
            user_defined_filters={"loud": str.upper},
            jinja_environment_kwargs={
                "variable_start_string": "<%",
                "variable_end_string": "%>",
            },
        )
        == "HI X"
    )


def test_values_are_rendered_recursively_and_literals_are_not() -> None:
    operator = PythonOperator(
        task_id="t",
        dag=DAG("d"),
        python_callable=print,
        op_args=["{{ ds }}", ("{{ ds }}", {"k": ["{{ ds }}"]}), {"{{ ds }}"}, 3],
        op_kwargs={"{{ key }}": literal("{{ ds }}")},
    )
    fields = templating.render_task(operator, build(operator))
    day = "2024-01-31"
    assert operator.op_args == [day, (day, {"k": [day]}), {day}, 3]
    assert operator.op_kwargs == {"{{ key }}": "{{ ds }}"}
    assert fields["op_args"] == [day, [day, {"k": [day]}], [day], 3]


def test_native_rendering_gives_python_values() -> None:
    assert rendered(
        "{{ [1, {'a': params.p}] }}", params={"p": 2}, render_template_as_native_obj=True
    ) == [1, {"a": 2}]


def test_files_are_read_from_the_dags_folder_and_the_search_path(tmp_path: Path) -> None:
    (tmp_path / "job.sh").write_text("echo {{ ds }}\n{% include 'part.sh' %}")
    (tmp_path / "part.sh").write_text("part")
    operator = bash("job.sh", template_searchpath=str(tmp_path))
    operator.resolve_template_files()
    assert operator.bash_command.startswith("echo {{ ds }}")
    templating.render_task(operator, build(operator))
    assert operator.bash_command == "echo 2024-01-31\npart"
    assert rendered("job.sh ", template_searchpath=str(tmp_path)) == "job.sh "
    with pytest.raises(AirflowException, match=r"'none.sh' was not found in .*a space after it"):
        rendered("none.sh", template_searchpath=str(tmp_path))


def test_a_template_field_without_attribute_is_named() -> None:
    class Forgetful(BaseOperator):
        template_fields = ("sql",)

    with DAG("d"):
        operator = Forgetful(task_id="t")
    with pytest.raises(AttributeError, match=r"'sql' is a template field of Forgetful"):
        templating.render_task(operator, build(operator))


def test_long_fields_are_cut_for_display_only() -> None:
    operator = bash("x" * 5000)
    shown = templating.render_task(operator, build(operator))["bash_command"]
    assert len(operator.bash_command) == 5000
    assert shown.endswith("(cut after 4096 characters)")


class TestParams:
    def test_conf_beats_task_beats_dag(self) -> None:
        with DAG("d", params={"a": 1, "b": 1, "c": 1}):
            operator = BashOperator(task_id="t", bash_command="x", params={"b": 2, "c": 2})
        context = build(operator, conf={"c": 3, "new": 4})
        assert context["params"] == {"a": 1, "b": 2, "c": 3, "new": 4}
        assert operator.params["c"] == 2, "the DAG's own params stay as they are"

    def test_a_conf_that_does_not_fit_the_schema_is_refused(self) -> None:
        operator = bash("x", params={"n": Param(1, type="integer", minimum=0)})
        with pytest.raises(ParamValidationError, match="invalid value for param n: -1 is less"):
            build(operator, conf={"n": -1})


class TestTaskInstance:
    def test_pulls_one_several_and_mapped_values(self, memory: MemoryHost) -> None:
        ti = build(bash("x"))["ti"]
        memory.xcoms = {
            ("a", -1, "return_value"): 1,
            ("m", 0, "return_value"): "m0",
            ("m", 1, "return_value"): "m1",
            ("a", -1, "k"): {"__classname__": "builtins.tuple", "__version__": 1, "__data__": [1]},
        }
        assert ti.xcom_pull("a") == 1
        assert ti.xcom_pull(task_ids="m") == ["m0", "m1"]
        assert ti.xcom_pull(task_ids=["a", "none", "m"], default=0) == [1, 0, "m0", "m1"]
        assert ti.xcom_pull("a", key="k") == (1,)
        assert ti.xcom_pull("none") is None
        assert ti.xcom_pull() is None, "no task means this one"
        asked = memory.asked[-1]
        assert isinstance(asked, PullXCom)
        assert asked.task_ids == ("t",)
        with pytest.raises(ValueError, match="needs a key"):
            ti.xcom_pull("a", key=None)

    def test_pushes_checked_values(self, memory: MemoryHost) -> None:
        ti = build(bash("x"))["ti"]
        ti.xcom_push("when", DAY)
        assert memory.pushed["when"]["__classname__"] == "datetime.datetime"
        with pytest.raises(UnserialisableXCom, match="task 't': XCom 'file' is a bytes"):
            ti.xcom_push("file", b"x")

    def test_an_output_resolves_to_its_value(self, memory: MemoryHost) -> None:
        with DAG("d") as dag:
            source = task(lambda: 1).override(task_id="source")()
            task(lambda x: x).override(task_id="sink")([source, source["k"]])
        memory.xcoms = {("source", -1, "return_value"): 1, ("source", -1, "k"): 2}
        operator = dag.get_task("sink")
        context = build(operator, task_id="sink")
        operator.render_template_fields(context)
        assert operator.execute(context) == [1, 2]
        del memory.xcoms["source", -1, "k"]
        with pytest.raises(XComNotFound, match="'source' of DAG 'd' has pushed no XCom 'k'"):
            source["k"].resolve(context)
        memory.xcoms.clear()
        assert source.resolve(context) is None

    def test_what_it_no_longer_has_is_named(self) -> None:
        context = build(bash("x"))
        with pytest.raises(AttributeError, match=r"use dag_run.logical_date"):
            _ = context["ti"].execution_date
        with pytest.raises(AttributeError, match="use logical_date"):
            _ = context["dag_run"].execution_date
        with pytest.raises(NotImplementedError, match="task_state_store is not available"):
            context["task_state_store"]["x"]

    def test_its_log_has_an_address(self) -> None:
        ti = build(bash("x"))["ti"]
        assert ti.log_url.endswith("/dags/d/runs/run-1/tasks/t?try_number=1")


class TestPreviousSuccess:
    def test_is_asked_for_on_first_use_and_once(self, memory: MemoryHost) -> None:
        memory.previous = {
            "run_id": "r",
            "data_interval_end": "2024-01-30T00:00:00+00:00",
            "start_date": "2024-01-30T00:00:05+00:00",
        }
        context = build(bash("x"))
        assert memory.asked == []
        assert context["prev_start_date_success"] == datetime(2024, 1, 30, 0, 0, 5, tzinfo=UTC)
        assert str(context["prev_data_interval_end_success"]) == "2024-01-30 00:00:00+00:00"
        assert isinstance(context["prev_data_interval_end_success"], pendulum.DateTime)
        assert memory.asked == [PreviousRun(dag_id="d", before=DAY, state="success")]
        assert type(memory.asked[0].before) is datetime

    def test_there_may_be_none(self) -> None:
        context = build(bash("x"))
        assert not context["prev_start_date_success"]
        assert context["prev_start_date_success"] == None  # noqa: E711

    def test_a_lazy_value_behaves_like_its_value(self) -> None:
        lazy = LazyValue(lambda: DAY)
        assert lazy - timedelta(days=1) < lazy
        assert f"{lazy:%d}" == "31"
        assert lazy.year == 2024
        assert DAY - lazy == timedelta(0)


class TestCurrentContext:
    def test_is_there_only_while_a_task_runs(self) -> None:
        context = build(bash("x"))
        with contexts.activate(context) as outer:
            assert get_current_context() is outer is context
            with contexts.activate({}) as inner:
                assert get_current_context() is inner
            assert get_current_context() is context
        with pytest.raises(RuntimeError, match="outside a running task"):
            get_current_context()

    def test_its_names_are_exported(self) -> None:
        names = contexts.context_to_airflow_vars(build(bash("x")), in_env_var_format=True)
        assert names["AIRFLOW_CTX_DAG_ID"] == "d"
        assert names["AIRFLOW_CTX_LOGICAL_DATE"] == "2024-01-31T00:00:00+00:00"
        assert "AIRFLOW_CTX_DAG_EMAIL" not in names
        assert "airflow.ctx.task_id" in contexts.context_to_airflow_vars(build(bash("x")))

    def test_a_context_made_by_hand_exports_what_it_has(self) -> None:
        assert contexts.context_to_airflow_vars({}) == {}
        task = BashOperator(task_id="t", bash_command="x", email=["a@x.org", "b@x.org"], owner="me")
        assert contexts.context_to_airflow_vars({"task": task}) == {
            "airflow.ctx.dag_email": "a@x.org,b@x.org",
            "airflow.ctx.dag_owner": "me",
        }


def test_old_names_are_there_in_profile_2(memory: MemoryHost) -> None:
    operator = bash("{{ execution_date | ds }}", schedule_interval=None)
    context = build(operator)
    with pytest.warns(DeprecationWarning, match="use 'logical_date'"):
        templating.render_task(operator, context)
    assert operator.bash_command == "2024-01-31"
    assert context["ti"].execution_date == context["dag_run"].execution_date == DAY
    memory.xcoms = {("other", -1, "k"): "value"}
    assert context["ti"].xcom_pull(key="k") == "value", "no task means any"
    assert context["ti"].xcom_pull(key=None, task_ids="other") == "value", "and no key any key"


class TestOldNames:
    """How functions and callbacks get what 2.x had in the context."""

    def test_by_name_it_is_the_value_itself(self, memory: MemoryHost) -> None:
        context = build(
            bash("x", schedule_interval="@daily", start_date=DAY), run_type=RunType.SCHEDULED
        )

        def function(prev_execution_date_success: Any, prev_ds: Any) -> list[Any]:
            return [prev_execution_date_success is None, prev_ds]

        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            assert callables.call(function, (), {}, context) == [True, "2024-01-30"]
        said = sorted(str(item.message).split("'")[1] for item in caught)
        assert said == ["prev_ds", "prev_execution_date_success"]

    def test_who_takes_everything_gets_texts(self, memory: MemoryHost) -> None:
        context = build(
            bash("x", schedule_interval="@daily", start_date=DAY), run_type=RunType.SCHEDULED
        )
        passed = callables.call(lambda **kwargs: kwargs, (), {}, context)
        assert (type(passed["prev_ds"]), passed["prev_ds"]) == (str, "2024-01-30")
        assert passed["execution_date"] == DAY
        assert memory.asked == [], "nothing was asked of the database"

    def test_reading_one_from_the_context_warns(self) -> None:
        context = build(bash("x", schedule_interval=None))
        with pytest.warns(DeprecationWarning, match="'tomorrow_ds' was removed"):
            assert context["tomorrow_ds"] == "2024-02-01"
        with pytest.warns(DeprecationWarning, match="'conf'"):
            assert context.get("conf").getint("core", "parallelism") > 0
        assert context.get("never_there", 3) == 3

    def test_profile_3_has_none_but_for_who_asks_by_name(self) -> None:
        context = build(bash("x"))
        assert not context.keys() & old_context.REPLACED.keys()
        with pytest.raises(KeyError):
            context["conf"]
        with pytest.warns(DeprecationWarning, match="write logical_date|use 'logical_date'"):
            assert context["execution_date"] == context["logical_date"]
        operator = bash("{{ execution_date }}")
        with pytest.raises(jinja2.UndefinedError, match="write logical_date instead"):
            templating.render_task(operator, build(operator))

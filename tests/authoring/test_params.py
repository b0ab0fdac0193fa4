"""Param, ParamsDict, DagParam."""

from types import SimpleNamespace
from typing import Any

import pytest

from tradewind import DAG, BaseOperator, Param, ParamsDict
from tradewind import dag as dag_of
from tradewind.authoring.errors import ParamValidationError
from tradewind.authoring.params import merged, with_conf
from tradewind.integrations.standard import EmptyOperator


@pytest.mark.parametrize(
    ("param", "value"),
    [
        (Param(5, type="integer"), 5),
        (Param(None, type=["null", "string"]), None),
        (Param("2024-01-31", type="string", format="date"), "2024-01-31"),
        (Param("a", enum=["a", "b"]), "a"),
        (Param([1]), [1]),
    ],
)
def test_a_value_its_schema_allows(param: Param, value: Any) -> None:
    assert param.resolve() == value


@pytest.mark.parametrize(
    "param",
    [
        Param("5", type="integer"),
        Param("31.1.2024", type="string", format="date"),
        Param("c", enum=["a", "b"]),
        Param(type="string"),
        Param(1, type="nonsense"),
    ],
    ids=str,
)
def test_a_value_its_schema_refuses(param: Param) -> None:
    with pytest.raises(ParamValidationError):
        param.resolve()
    assert param.resolve(suppress_exception=True) is None


def test_a_default_must_be_json() -> None:
    with pytest.raises(ParamValidationError, match="must be JSON data"):
        Param({1, 2})


def test_a_dict_of_params_reads_as_values_and_checks_what_is_set() -> None:
    params = ParamsDict({"n": Param(1, type="integer", description="how many"), "s": "x"})
    assert dict(params) == {"n": 1, "s": "x"}
    params["n"] = 2
    assert params.get_param("n").description == "how many"
    assert params == {"n": 2, "s": "x"}
    with pytest.raises(ParamValidationError, match="invalid value for param n"):
        params["n"] = "two"
    with pytest.raises(KeyError, match="did you mean 'n'"):
        params["nn"]


def test_a_plain_value_keeps_the_schema_it_overrides() -> None:
    both = merged(ParamsDict({"n": Param(1, type="integer")}), None, {"n": 2, "m": 3})
    assert both.dump() == {"n": 2, "m": 3}
    assert both.get_param("n").schema == {"type": "integer"}
    with pytest.raises(ParamValidationError):
        merged({"n": Param(1, type="integer")}, {"n": "x"})


def test_merging_leaves_the_original_alone() -> None:
    params = ParamsDict({"a": 1})
    assert with_conf(params, {"a": 2, "b": 3}).dump() == {"a": 2, "b": 3}
    assert params.dump() == {"a": 1}


@pytest.mark.parametrize(
    ("conf", "params", "default", "value"),
    [({"x": 1}, {"x": 2}, 3, 1), ({}, {"x": 2}, 3, 3), ({}, {"x": 2}, None, 2)],
)
def test_an_argument_of_the_dag_is_conf_then_default_then_param(
    conf: dict[str, Any], params: dict[str, Any], default: int | None, value: int
) -> None:
    dag = DAG("d")
    param = dag.param("x", default) if default is not None else dag.param("x")
    assert param.resolve({"dag_run": SimpleNamespace(conf=conf), "params": params}) == value


def test_an_argument_nobody_gave_is_named() -> None:
    with pytest.raises(ParamValidationError, match="param x"):
        DAG("d").param("x").resolve({"dag_run": SimpleNamespace(conf={}), "params": {}})


def test_a_param_as_an_argument_of_the_dag_is_its_value() -> None:
    @dag_of(schedule=None)
    def made(x: Any = Param(3, type="integer")) -> None:  # noqa: B008
        BaseOperator(task_id="t", params={})

    dag = made()
    context = {"dag_run": SimpleNamespace(conf={}), "params": dag.get_task("t").params.dump()}
    assert dag.param("x", Param(3, type="integer")).resolve(context) == 3


@pytest.mark.parametrize("text", ["P1D", "PT1.5H", "P3Y6M4DT12H30M5S", "P2W", "PT0,5S"])
def test_a_duration(text: str) -> None:
    assert Param(text, type="string", format="duration").resolve() == text


@pytest.mark.parametrize("text", ["P", "PT", "1D", "P1H", "PT1.5H3M", "a day"])
def test_no_duration(text: str) -> None:
    with pytest.raises(ParamValidationError, match="is not a 'duration'"):
        Param(text, type="string", format="duration").resolve()


def test_params_by_where_they_come_from() -> None:
    params = ParamsDict({"a": Param(1, source="dag"), "b": Param(2, source="task")})
    assert ParamsDict.filter_params_by_source(params, "task") == {"b": 2}


def test_params_know_whether_they_come_from_the_dag_or_the_task() -> None:
    both = {"of dag": 1, "changed": Param(2, type="integer"), "marked": Param(3, source="mine")}
    with DAG("d", params=both) as dag:
        task = EmptyOperator(task_id="t", params={"changed": 4, "of task": 5})
    of_task = {name: param.source for name, param in task.params.params()}
    assert of_task == {"of dag": "dag", "changed": "task", "marked": "mine", "of task": "task"}
    assert dag.params.get_param("changed").source == "dag"
    changed = task.params.get_param("changed")
    assert changed.serialize() == {
        "value": 4,
        "description": None,
        "schema": {"type": "integer"},
        "source": "task",
    }
    assert dag.params.get_param("of dag").serialize() == {
        "value": 1,
        "description": None,
        "schema": {},
        "source": "dag",
    }
    home = {"__class": "airflow.sdk.definitions.param.Param"}
    assert changed.dump() == {**home, **Param.deserialize(changed.serialize()).serialize()}


def test_an_operator_with_params_of_its_own_gets_all_of_them() -> None:
    class Form(BaseOperator):
        def __init__(self, *, params: ParamsDict, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.params = ParamsDict.filter_params_by_source(params, source="task")

    with DAG("d", params={"a": 1, "b": Param(2, type="integer")}):
        form = Form(task_id="t", params={"b": 3, "c": 4})
    assert form.params == {"b": 3, "c": 4}
    assert form.params.get_param("b").schema == {"type": "integer"}

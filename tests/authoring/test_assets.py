"""Assets: their names, conditions of them, and what a Plan says of those a DAG uses."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tradewind import (
    DAG,
    Asset,
    AssetAccessControl,
    AssetAlias,
    AssetAll,
    AssetAny,
    AssetOrTimeSchedule,
    AssetWatcher,
    CronTriggerTimetable,
    DayWindow,
    FixedKeyMapper,
    Metadata,
    PartitionedAssetTimetable,
    SegmentWindow,
    StartOfDayMapper,
    asset,
)
from tradewind.authoring.assets import AssetUniqueKey, Dataset
from tradewind.authoring.compile import compile_dag
from tradewind.authoring.dag_file import load
from tradewind.authoring.triggers import BaseEventTrigger, TriggerEvent
from tradewind.config.settings import Core
from tradewind.core.abilities import not_yet
from tradewind.integrations.standard import EmptyOperator
from tradewind.model.codec import from_data, to_data
from tradewind.model.constructs import AssetSpec, WatcherSpec
from tradewind.model.errors import InvalidDag
from tradewind.model.plan import Plan
from tradewind.model.states import RunType
from tradewind.timetables import from_spec

ORDERS, USERS = Asset("orders", uri="s3://lake/orders"), Asset("users")
ORDERS_DATA = {"asset": {"name": "orders", "uri": "s3://lake/orders", "group": "asset"}}
USERS_DATA = {"asset": {"name": "users", "uri": "users", "group": "asset"}}


def plan_of(dag: DAG) -> Plan:
    plan = compile_dag(dag, defaults=Core())
    assert from_data(Plan, to_data(plan)) == plan
    assert from_spec(plan.schedule).to_spec() == plan.schedule
    return plan


class Arrival(BaseEventTrigger):
    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return f"{__name__}.Arrival", {"path": self.path}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        yield TriggerEvent(self.path)


@pytest.mark.parametrize(
    ("uri", "kept"),
    [
        ("S3://Lake/orders/", "s3://Lake/orders"),
        ("s3://lake", "s3://lake/"),
        ("s3://b/k/?b=1&a=2#part", "s3://b/k?a=2&b=1"),
        ("x-own://A/b/#c", "x-own://A/b/#c"),
        ("plain text", "plain text"),
    ],
)
def test_a_uri_has_one_spelling(uri: str, kept: str) -> None:
    assert Asset(uri=uri).uri == kept


def test_a_password_is_left_out() -> None:
    with pytest.warns(UserWarning, match="holds a password"):
        assert Asset(uri="postgres://me:secret@host/db").uri == "postgres://host/db"


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Asset(), TypeError, "needs a name or a uri"),
        (lambda: Asset(""), ValueError, "must not be empty"),
        (lambda: Asset("  "), ValueError, "must not be empty"),
        (lambda: Asset("a" * 1501), ValueError, "at most 1500"),
        (lambda: Asset("self"), ValueError, "must not be 'self'"),
        (lambda: Asset(uri="airflow://x"), ValueError, "is reserved"),
        (lambda: Asset.ref(), TypeError, "needs either name= or uri="),
        (lambda: AssetAny("x"), TypeError, "takes assets, aliases and conditions"),
        (lambda: ORDERS & 3, TypeError, "unsupported operand"),
        (lambda: AssetWatcher("w", object()), ValueError, "must be|is a BaseEventTrigger"),  # type: ignore[arg-type]
        (lambda: EmptyOperator(task_id="t") > 3, TypeError, "'t' writes assets, not 3"),
    ],
)
def test_what_is_no_asset_is_refused(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()


def test_conditions_are_data() -> None:
    either = (ORDERS | USERS) | AssetAlias("late")
    assert isinstance(either, AssetAny)
    assert isinstance(either & ORDERS, AssetAll)
    assert (either & Asset.ref(name="far")).as_expression() == {
        "all": [
            {"any": [ORDERS_DATA, USERS_DATA, {"alias": {"name": "late", "group": "asset"}}]},
            {"asset_ref": {"name": "far"}},
        ]
    }
    assert [name for (name, _), _ in either.iter_assets()] == ["orders", "users"]
    assert Asset("a") != Asset("a", extra={"x": 1})
    assert Dataset("a").group == "dataset"
    assert Metadata(USERS, {"rows": 3}).extra == {"rows": 3}


def test_what_tasks_read_and_write_is_in_the_plan() -> None:
    with DAG("d") as dag:
        task = EmptyOperator(task_id="t", inlets=[Asset.ref(uri="x"), "no asset"], outlets=ORDERS)
        _ = task > AssetAlias("late")
        _ = task < USERS
    plan = plan_of(dag)
    (item,) = plan.tasks
    assert item.inlets == ({"asset_ref": {"uri": "x"}}, USERS_DATA)
    assert item.outlets == (ORDERS_DATA, {"alias": {"name": "late", "group": "asset"}})
    assert [found.name for found in plan.assets] == ["orders", "users"]
    assert not_yet(plan) == ()


def test_a_schedule_of_assets() -> None:
    watched = Asset("watched", watchers=[AssetWatcher("w", Arrival("/in"))])
    dags = [
        DAG("one", schedule=watched),
        DAG("all", schedule=[ORDERS, USERS]),
        DAG("any", schedule=ORDERS | USERS),
    ]
    plans = [plan_of(dag) for dag in dags]
    assert [plan.schedule.args["assets"] for plan in plans[1:]] == [
        {"all": [ORDERS_DATA, USERS_DATA]},
        {"any": [ORDERS_DATA, USERS_DATA]},
    ]
    assert plans[0].assets == (
        AssetSpec(
            name="watched",
            uri="watched",
            watchers=(
                WatcherSpec(name="w", classpath=f"{__name__}.Arrival", kwargs={"path": "/in"}),
            ),
        ),
    )
    assert {plan.schedule.kind for plan in plans} == {"asset_triggered"}
    assert plans[0].schedule.summary == "Asset"
    assert not any(from_spec(plan.schedule).can_be_scheduled for plan in plans)


def test_a_schedule_of_assets_and_time() -> None:
    daily = CronTriggerTimetable("0 0 * * *", timezone="UTC")
    plan = plan_of(DAG("d", schedule=AssetOrTimeSchedule(timetable=daily, assets=[ORDERS])))
    assert plan.schedule.kind == "asset_or_time"
    assert from_spec(plan.schedule).can_be_scheduled
    assert [item.name for item in plan.assets] == ["orders"]


def test_a_schedule_of_partitions() -> None:
    schedule = PartitionedAssetTimetable(
        ORDERS & USERS, partition_mapper_config={USERS: StartOfDayMapper()}
    )
    plan = plan_of(DAG("d", schedule=schedule))
    assert plan.schedule.args["mappers"]["default"] == {"kind": "IdentityMapper"}
    assert plan.schedule.args["mappers"]["by_asset"][0][0] == USERS_DATA
    assert not_yet(plan) == ("the DAG uses partitions",)


@pytest.mark.parametrize("schedule", [[ORDERS, "users"], [3]])
def test_a_list_of_anything_else_is_no_schedule(schedule: Any) -> None:
    with pytest.raises(InvalidDag, match="must hold assets"):
        plan_of(DAG("d", schedule=schedule))


def test_run_types_must_include_what_the_schedule_makes() -> None:
    both = DAG("both", schedule=None, allowed_run_types=["manual", "backfill"])
    assert both.allowed_run_types == frozenset({RunType.MANUAL, RunType.BACKFILL_JOB})
    assert plan_of(DAG("d", schedule=None, allowed_run_types="manual")).allowed_run_types == (
        "manual",
    )
    for schedule, kind in (("@daily", "scheduled"), (ORDERS, "asset_triggered")):
        with pytest.raises(InvalidDag, match=f"runs of type {kind}"):
            plan_of(DAG("d", schedule=schedule, allowed_run_types=["manual"]))
    with pytest.raises(InvalidDag, match="no schedule, so allowed_run_types must include manual"):
        plan_of(DAG("d", schedule=None, allowed_run_types=["backfill"]))
    with pytest.raises(ValueError, match="not 'manul'; did you mean 'manual'"):
        DAG("d", allowed_run_types=["manul"])


FILE = '''
from tradewind import Asset, asset

@asset(schedule="@daily", uri="s3://lake/raw")
def raw(self, context, other): """Fetch."""

@asset.multi(schedule=raw, outlets=[Asset("a"), Asset("b")])
def both(raw): ...
'''


def test_a_function_that_is_an_asset(tmp_path: Any) -> None:
    path = tmp_path / "assets.py"
    path.write_text(FILE)
    loaded = load(path, dags_folder=tmp_path)
    plans = {dag.dag_id: plan_of(dag) for dag in loaded.dags}
    assert set(plans) == {"raw", "both"}
    (task,) = plans["raw"].tasks
    assert (task.task_id, task.operator, plans["raw"].doc_md) == ("raw", "@asset", "Fetch.")
    assert task.inlets == ({"asset_ref": {"name": "other"}},)
    assert task.outlets == ({"asset": {"name": "raw", "uri": "s3://lake/raw", "group": "asset"}},)
    assert plans["both"].schedule.args["assets"] == task.outlets[0]
    assert [item["asset"]["name"] for item in plans["both"].tasks[0].outlets] == ["a", "b"]
    assert {dag.fileloc for dag in loaded.dags} == {str(path)}


def test_functions_that_cannot_be_assets() -> None:
    with pytest.raises(ValueError, match="must stand at the top of its file"):
        asset(schedule=None)(lambda: None)
    with pytest.raises(TypeError, match="goes on a function"):
        asset(schedule=None)(3)  # type: ignore[arg-type]


@pytest.mark.parametrize("teams", [[""], ["a", " "], [3]])
@pytest.mark.parametrize("side", ["producer_teams", "consumer_teams"])
def test_teams_have_names(side: str, teams: list[Any]) -> None:
    with pytest.raises(ValueError, match=side):
        AssetAccessControl(**{side: teams})


def test_access_without_a_team_is_all_or_nothing() -> None:
    with pytest.raises(TypeError, match="allow_global"):
        AssetAccessControl(allow_global="yes")  # type: ignore[arg-type]
    assert AssetAccessControl(["a"], ["b"], allow_global=False).consumer_teams == ["b"]


@pytest.mark.parametrize("key", ["", 3, None])
def test_keys_of_partitions_are_text(key: Any) -> None:
    with pytest.raises(ValueError, match="FixedKeyMapper: a key is text"):
        FixedKeyMapper(key)
    with pytest.raises(ValueError, match="SegmentWindow: a key is text"):
        SegmentWindow(["eu", key])
    with pytest.raises(ValueError, match="max_downstream_keys"):
        FixedKeyMapper("all", max_downstream_keys=0)


def test_a_login_without_a_password_is_part_of_the_uri() -> None:
    uri = "abfss://container@account.dfs.core.windows.net/path"
    assert Asset(uri).uri == uri


def test_an_asset_of_its_key() -> None:
    key = AssetUniqueKey("a", "s3://b/c")
    assert (key.to_asset().name, key.to_asset().uri) == ("a", "s3://b/c")


def test_windows_go_one_way_or_the_other() -> None:
    assert DayWindow(direction="backward").direction is DayWindow.Direction.BACKWARD
    with pytest.raises(ValueError, match="one of forward, backward, not 'up'"):
        DayWindow(direction="up")


def test_a_function_that_is_a_task_may_be_an_asset(tmp_path: Any) -> None:
    source = """
from airflow.sdk import asset, task

@asset(schedule=None)
@task(retries=3)
def made(): ...
"""
    (tmp_path / "assets.py").write_text(source)
    (dag,) = load(tmp_path / "assets.py", dags_folder=tmp_path).dags
    assert (dag.get_task("made").retries, dag.get_task("made").outlets) == (3, [Asset("made")])

"""Assets in the real product: what tasks write makes runs, whose tasks see what they were made for."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.acceptance.product import Standalone
from tests.runtime.test_spare import eventually

pytestmark = [pytest.mark.acceptance, pytest.mark.xdist_group("assets")]

DAGS = """
import json
from pathlib import Path

from airflow.sdk import DAG, Asset, AssetAlias, Metadata, asset, task

FOLDER = Path({folder!r})
ORDERS = Asset("orders", uri="s3://bucket/orders", extra={{"owner": "sales"}})
USERS = Asset("users")


def write(name, seen):
    temporary = FOLDER / f"{{name}}.tmp"
    temporary.write_text(json.dumps(seen))
    temporary.rename(FOLDER / name)


with DAG("producer", schedule=None):
    @task
    def before():
        return 7

    @task(outlets=[ORDERS])
    def by_yield(n):
        yield Metadata(ORDERS, {{"rows": n}})

    @task(outlets=[USERS])
    def by_context(*, outlet_events):
        outlet_events[USERS].extra = {{"rows": 2}}
        return "pushed"

    @task(outlets=[AssetAlias("late")])
    def by_alias(*, outlet_events):
        outlet_events[AssetAlias("late")].add(Asset("s3://bucket/late"), extra={{"k": 1}})

    by_yield(before()) >> by_context() >> by_alias()

with DAG("consumer", schedule=[ORDERS, USERS]):
    @task(inlets=[ORDERS])
    def consume(*, triggering_asset_events, inlet_events, dag_run):
        seen = {{
            asset.name: [(e.extra, e.source_dag_id, e.source_task_id) for e in events]
            for asset, events in triggering_asset_events.items()
        }}
        users = triggering_asset_events[USERS][0]
        seen["pulled"] = users.source_task_instance.xcom_pull()
        seen["inlet"] = inlet_events[ORDERS][-1].extra
        seen["owner"] = inlet_events[ORDERS][-1].asset.extra
        seen["consumed"] = len(dag_run.consumed_asset_events)
        seen["logical_date"] = dag_run.logical_date
        write("consumer", seen)

    @task.bash
    def template():
        return "echo {{{{ triggering_asset_events.values() | map('first') | map(attribute='source_task_id') | sort | join(',') }}}}"

    consume() >> template()

with DAG("of_alias", schedule=AssetAlias("late")):
    @task(inlets=[AssetAlias("late")])
    def consume(*, triggering_asset_events, inlet_events):
        (events,) = [e for k, e in triggering_asset_events.items() if isinstance(k, AssetAlias)]
        write("of_alias", [events[0].asset.uri, events[0].extra, len(inlet_events[AssetAlias("late")])])

    consume()


@asset(schedule=ORDERS)
def report(self, orders, context):
    write("report", [self.name, orders.uri, context["run_id"].split("__")[0]])


with DAG("after_report", schedule=[Asset("report")]):
    @task
    def last():
        write("after_report", [])

    last()
"""


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standalone]:
    home = tmp_path_factory.mktemp("assets") / "home"
    (home / "dags").mkdir(parents=True)
    (home / "dags" / "assets.py").write_text(DAGS.format(folder=str(home)))
    with Standalone(home, TRADEWIND__CORE__DAGS_ARE_PAUSED_AT_CREATION="false") as product:
        product.wait_for_dags("producer", "consumer", "of_alias", "report", "after_report")
        yield product


def test_what_tasks_write_makes_runs(product: Standalone) -> None:
    product.run("dags", "trigger", "producer")
    wanted = ("consumer", "of_alias", "report", "after_report")
    seen = {name: json.loads(_written(product.home / name)) for name in wanted}
    assert seen["consumer"] == {
        "orders": [[{"rows": 7}, "producer", "by_yield"]],
        "users": [[{"rows": 2}, "producer", "by_context"]],
        "pulled": "pushed",
        "inlet": {"rows": 7},
        "owner": {"owner": "sales"},
        "consumed": 2,
        "logical_date": None,
    }
    assert seen["of_alias"] == ["s3://bucket/late", {"k": 1}, 1]
    assert _template_of(product) == "by_context,by_yield"
    assert seen["report"] == ["report", "s3://bucket/orders", "asset_triggered"]


def _written(path: Path) -> str:
    eventually(path.exists)
    return path.read_text()


def _template_of(product: Standalone) -> str:
    """What the bash task of the consumer printed, as its XCom has it."""
    (run,) = product.listed("dags", "list-runs", "consumer")
    eventually(lambda: product.listed("dags", "list-runs", "consumer")[0]["state"] == "success")
    run_id = run["run_id"]
    with closing(sqlite3.connect(product.home / "tradewind.db")) as database:
        query = "SELECT value FROM xcom WHERE dag_id = ? AND run_id = ? AND task_id = ?"
        (value,) = database.execute(query, ("consumer", run_id, "template")).fetchone()
    return str(json.loads(value))

"""What is edited while the product runs: the DAG list shows it, and no task runs what was before."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.product import Standalone
from tests.acceptance.project import (
    HELPER,
    Api,
    Project,
    Store,
    overwrite,
    replace,
    until,
    wait_for_notes,
)

pytestmark = [pytest.mark.acceptance, pytest.mark.xdist_group("fresh code")]


class Running:
    """The product with a project in its DAGs folder, all of whose DAGs may run."""

    def __init__(self, product: Standalone, project: Project) -> None:
        self.product = product
        self.project = project
        self.api = Api(product)
        self.store = Store(product.home)

    def next_task(self, dag_id: str) -> list[str]:
        """What the tasks of a run write that is triggered now."""
        run_id = self.api.trigger(dag_id)
        notes = wait_for_notes(self.project, {run_id})
        return [note["version"] for note in notes]

    def warm_up(self, dag_id: str) -> None:
        """Have a zygote loaded, which could be stale later."""
        for _ in range(3):
            self.next_task(dag_id)


@pytest.fixture(scope="module", params=["fork", "reuse"])
def running(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Running]:
    home = tmp_path_factory.mktemp("fresh") / "home"
    project = Project(home)
    chosen = {"TRADEWIND__CORE__ISOLATION": request.param}
    chosen["TRADEWIND__CORE__DAGS_ARE_PAUSED_AT_CREATION"] = "false"
    with Standalone(home, **chosen) as product:
        here = Running(product, project)
        here.product.run("variables", "set", "regions", '{"north": "v0"}')
        here.api.wait_for_tags(
            sales=["own0 h0"],
            export_orders=["v0"],
            north=["v0"],
            reports=["v0"],
            plugged=["plugin"],
        )
        yield here
        here.api.close()


def test_nothing_is_read_again_where_nothing_changes(running: Running) -> None:
    """Parse and zygote agree on what a file depends on, helpers, YAML, Variables and plugins alike."""
    store = running.store
    files = "SELECT fileloc, code_hash, last_parsed_time FROM dag ORDER BY 1, 2, 3"
    before = store.rows(files)
    sources = store.rows("SELECT count(*) FROM source")
    dag_ids = ("sales", "stock", "export_orders", "north", "reports", "plugged")
    for _ in range(4):
        for dag_id in dag_ids:
            running.next_task(dag_id)
    of_dags = "SELECT dag_id, code_hash FROM dag WHERE dag_id IN {0}"
    of_tasks = "SELECT DISTINCT dag_id, code_hash FROM task_instance WHERE dag_id IN {0}"
    assert sorted(store.rows(of_tasks.format(dag_ids))) == sorted(
        store.rows(of_dags.format(dag_ids))
    )
    assert store.rows("SELECT count(*) FROM source") == sources
    assert store.rows(files) == before


@pytest.mark.parametrize("save", [replace, overwrite])
def test_a_helper_that_two_files_import(running: Running, save: object) -> None:
    assert callable(save)
    running.warm_up("sales")
    for version in (f"{save.__name__}1", f"{save.__name__}2"):
        save(running.project.helper, HELPER.format(version=version))
        assert running.next_task("sales") == [f"own0 {version}"]
        assert running.next_task("stock") == [f"own0 {version}"]
        running.api.wait_for_tags(sales=[f"own0 {version}"], stock=[f"own0 {version}"])


def test_the_dag_file_itself(running: Running) -> None:
    helper = running.next_task("stock")[0].split()[1]
    for own in ("own1", "own2", "own0"):
        running.project.write_user("sales", own)
        assert running.next_task("sales") == [f"{own} {helper}"]
        running.api.wait_for_tags(sales=[f"{own} {helper}"], stock=[f"own0 {helper}"])


def test_a_yaml_file_that_dags_are_made_of(running: Running) -> None:
    running.warm_up("export_orders")
    running.project.yaml.write_text("export_orders: v1\nexport_stock: v1\n")
    assert running.next_task("export_orders") == ["v1"]
    running.api.wait_for_tags(export_orders=["v1"], export_stock=["v1"])
    assert running.next_task("export_stock") == ["v1"]
    replace(running.project.yaml, "export_orders: v2\n")
    assert running.next_task("export_orders") == ["v2"]
    running.api.wait_for_tags(export_orders=["v2"], export_stock=None)


def test_a_variable_that_dags_are_made_of(running: Running) -> None:
    running.warm_up("north")
    for version in ("v1", "v2"):
        value = json.dumps({"north": version, "south": version})
        running.api.call("PATCH", "/api/v2/variables/regions", {"key": "regions", "value": value})
        assert running.next_task("north") == [version]
        running.api.wait_for_tags(north=[version], south=[version])
        assert running.next_task("south") == [version]
    running.product.run("variables", "set", "regions", '{"north": "v3"}')
    assert running.next_task("north") == ["v3"]
    running.api.wait_for_tags(north=["v3"], south=None)


def test_a_folder_of_queries(running: Running) -> None:
    running.warm_up("reports")
    folder = running.project.dags / "sql"
    (folder / "daily.sql").write_text("v1")
    assert running.next_task("reports") == ["v1"]
    (folder / "weekly.sql").write_text("v2")
    running.api.wait_for_tags(reports=["v1", "v2"])
    assert running.next_task("reports")  # one of them has written
    (folder / "weekly.sql").unlink()
    running.api.wait_for_tags(reports=["v1"])


def test_a_helper_that_was_broken_and_is_mended(running: Running) -> None:
    api, helper = running.api, running.project.helper
    before = helper.read_text()

    def errors() -> set[str]:
        shown = api.call("GET", "/api/v2/importErrors")["import_errors"]
        return {Path(error["filename"]).name for error in shown}

    replace(helper, "VERSION = \n")
    until(lambda: errors() == {"sales.py", "stock.py"}, errors)
    replace(helper, before)
    until(lambda: errors() == set(), errors)


def test_a_file_that_comes_and_goes(running: Running) -> None:
    path = running.project.dags / "brief.py"
    running.project.write_user("brief", "own0")
    until(lambda: "brief" in running.api.tags(), running.api.tags)
    path.unlink()
    until(lambda: "brief" not in running.api.tags(), running.api.tags)

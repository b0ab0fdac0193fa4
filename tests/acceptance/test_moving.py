"""A DAG file is edited while a run of it is under way: the run goes on as the file says now."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.product import Standalone
from tests.runtime.test_spare import eventually

pytestmark = [pytest.mark.acceptance, pytest.mark.xdist_group("moving")]

FILE = """
import time
from pathlib import Path

from airflow.sdk import DAG, task

GATE = Path({gate!r})

with DAG("edited", schedule=None):
    @task
    def first():
        while not GATE.exists():
            time.sleep(0.02)

    @task
    def {name}():
        print("this is {name}")

    @task
    def last():
        print("this is the end")

    first() >> {name}() >> last()
    {more}
"""
ENDLESS = """
    @task
    def endless():
        time.sleep(600)

    endless()
"""


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Standalone]:
    home = tmp_path / "home"
    (home / "dags").mkdir(parents=True)
    with Standalone(home, TRADEWIND__CORE__DAGS_ARE_PAUSED_AT_CREATION="false") as product:
        yield product


def save(product: Standalone, name: str, more: str = "") -> None:
    text = FILE.format(gate=str(product.home / "gate"), name=name, more=more)
    temporary = product.home / "saving"
    temporary.write_text(text)
    temporary.rename(product.home / "dags" / "edited.py")


def states(product: Standalone) -> dict[str, str]:
    rows = product.listed("tasks", "states-for-dag-run", "edited", "mine")
    return {row["task_id"]: row["state"] for row in rows}


def test_it_goes_on_with_the_tasks_that_there_are_now(product: Standalone) -> None:
    save(product, "before", ENDLESS)
    product.wait_for_dags("edited")
    product.run("dags", "trigger", "edited", "-r", "mine")
    eventually(lambda: states(product).get("endless") == "running")
    eventually(lambda: states(product).get("first") == "running")

    save(product, "after")
    eventually(lambda: "after" in states(product))
    eventually(lambda: states(product)["endless"] == "removed")
    assert states(product)["before"] == "removed"
    assert states(product)["first"] == "running", "what is in both goes on"
    (product.home / "gate").touch()

    eventually(lambda: states(product)["last"] == "success")
    assert states(product) == {
        "first": "success",
        "before": "removed",
        "after": "success",
        "last": "success",
        "endless": "removed",
    }
    assert product.run("dags", "state", "edited", "mine").stdout.strip() == "success"
    assert "this is after" in product.run("tasks", "logs", "edited", "mine", "after").stdout

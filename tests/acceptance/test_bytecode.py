"""Starting compiles nothing: the bytecode of all that is imported is there after `make setup`."""

import compileall
import os
import time
from pathlib import Path

import pytest

from tests.acceptance.product import READY_WITHIN_S, Standalone

pytestmark = pytest.mark.acceptance

ROOT = Path(__file__).parents[2]
HOOK = """
import os, sys

def by_import():
    # not by a library that parses its own text, as anyio does
    caller = sys._getframe(1).f_back
    caller = caller and caller.f_back
    return caller is not None and caller.f_code.co_name == "source_to_code"

def hook(event, args):
    if event == "compile" and by_import():
        with open(os.environ["COMPILED"], "a") as log:
            log.write(os.path.abspath(args[1]) + "\\n")

sys.addaudithook(hook)
import never_compiled
"""
DAG = """
from airflow.sdk import DAG
from airflow.providers.standard.operators.bash import BashOperator

with DAG("one", schedule=None):
    BashOperator(task_id="only", bash_command="touch $TRADEWIND_HOME/ran")
"""


def test_no_source_file_is_compiled_at_start(tmp_path: Path) -> None:
    # our own sources may have been edited since `make setup`, which does the same
    for sources in (ROOT / "src", ROOT / "packages"):
        assert compileall.compile_dir(sources, quiet=1)
    hooks, home, compiled = tmp_path / "hooks", tmp_path / "home", tmp_path / "compiled"
    hooks.mkdir()
    (hooks / "sitecustomize.py").write_text(HOOK)
    (hooks / "never_compiled.py").write_text("")
    (home / "dags").mkdir(parents=True)
    (home / "dags" / "one.py").write_text(DAG)

    path = os.pathsep.join(filter(None, [str(hooks), os.environ.get("PYTHONPATH")]))
    with Standalone(
        home,
        PYTHONPATH=path,
        PYTHONDONTWRITEBYTECODE="1",
        COMPILED=str(compiled),
        TRADEWIND__CORE__DAGS_ARE_PAUSED_AT_CREATION="false",
    ) as product:
        product.wait_for_dags("one")
        product.run("dags", "trigger", "one")
        until = time.monotonic() + READY_WITHIN_S
        while not (home / "ran").exists():
            assert time.monotonic() < until, product.said
            time.sleep(0.05)

    seen = compiled.read_text().splitlines()
    marker = str(hooks / "never_compiled.py")
    assert seen.count(marker) >= 4, "standalone, supervisor, zygote and parse server tell"
    assert set(seen) == {marker}

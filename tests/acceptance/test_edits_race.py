"""Edits without end while tasks run: what each task saw is what its try says that it ran, and
nothing that was older than its trigger."""

import itertools
import re
import threading
from pathlib import Path

import pytest

from tests.acceptance.product import Standalone
from tests.acceptance.project import (
    HELPER,
    USER_OF_HELPER,
    Api,
    Project,
    Store,
    overwrite,
    replace,
    until,
    wait_for_notes,
)

pytestmark = pytest.mark.acceptance

RUNS = 60
AT_ONCE = 8
PAUSES_S = (0.002, 0.15, 0.01, 0.05, 0.4)
"""Between two edits: some while a file is being loaded, some after it has come to rest."""


class Editor:
    """Edits two files in turn, each way of saving in turn; all texts are of one length."""

    def __init__(self, project: Project) -> None:
        self._helper = project.helper
        self._file = project.dags / "sales.py"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.saved = {"h": 10_000, "f": 10_000}
        """The version of each file that was saved last, for sure."""
        for which in "hf":
            replace(*self._edit(which, 10_000))

    def __enter__(self) -> "Editor":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _edit(self, which: str, number: int) -> tuple[Path, str]:
        if which == "h":
            return self._helper, HELPER.format(version=f"h{number}")
        return self._file, USER_OF_HELPER.format(dag_id="sales", own=f"f{number}")

    def _run(self) -> None:
        edits = ((number, which) for number in itertools.count(10_001) for which in "hf")
        pauses = itertools.cycle(PAUSES_S)
        ways = itertools.cycle((replace, replace, overwrite, overwrite))
        for (number, which), pause_s, save in zip(edits, pauses, ways, strict=False):
            save(*self._edit(which, number))
            self.saved[which] = number
            if self._stop.wait(pause_s):
                return


@pytest.mark.parametrize("isolation", ["fork", "reuse"])
def test_no_task_runs_what_was_before(tmp_path: Path, isolation: str) -> None:
    project = Project(tmp_path / "home")
    chosen = {
        "TRADEWIND__CORE__ISOLATION": isolation,
        "TRADEWIND__CORE__DAGS_ARE_PAUSED_AT_CREATION": "false",
    }
    least: dict[str, dict[str, int]] = {}
    with Standalone(project.dags.parent, **chosen) as product:
        api = Api(product)
        with Editor(project) as editor:
            until(lambda: "sales" in api.tags(), api.tags)
            for number in range(RUNS):
                saved = dict(editor.saved)
                least[api.trigger("sales")] = saved
                if number % AT_ONCE == 0:
                    wait_for_notes(project, set(least))
            notes = wait_for_notes(project, set(least))
        until(lambda: _all_succeeded(api), lambda: api.call("GET", RUNS_PATH))
        store = Store(product.home)
        recorded, kept = store.code_of_runs(), store.kept_code()
        api.close()
    assert sorted(note["run_id"] for note in notes) == sorted(least), "each ran once"
    for note in notes:
        run_id = note["run_id"]
        seen = {which: int(number) for which, number in re.findall(r"([fh])(\d+)", note["version"])}
        assert seen["f"] >= least[run_id]["f"] and seen["h"] >= least[run_id]["h"], note
        text, modules = kept[recorded[run_id]]
        assert f'OWN = "f{seen["f"]}"' in text, note
        assert modules["tables.py"] == HELPER.format(version=f"h{seen['h']}"), note
    versions = {note["version"] for note in notes}
    assert len(versions) > RUNS / AT_ONCE / 2, "the edits fell among the tasks"


RUNS_PATH = "/api/v2/dags/sales/dagRuns?limit=100"


def _all_succeeded(api: Api) -> bool:
    return {run["state"] for run in api.call("GET", RUNS_PATH)["dag_runs"]} == {"success"}

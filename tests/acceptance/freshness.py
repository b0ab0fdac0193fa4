"""How long an edit takes: `python -m tests.acceptance.freshness [--rounds 20] [--rest 0]`.

For each kind of edit: until the DAG list of the REST API shows it, asked every 5 ms; and from the
trigger right after the edit to the moment its task has written to a file.
"""

import argparse
import itertools
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.acceptance.product import Standalone
from tests.acceptance.project import HELPER, Api, Project, overwrite, replace, wait_for_notes


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=20)
    options.add_argument("--rest", type=float, default=0.0, help="seconds before each edit")
    options.add_argument("--isolation", default="fork")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        project = Project(home)
        more = {
            "TRADEWIND__CORE__ISOLATION": chosen.isolation,
            "TRADEWIND__CORE__DAGS_ARE_PAUSED_AT_CREATION": "false",
        }
        with Standalone(home, **more) as product:
            api = Api(product)
            _measure(project, api, product, chosen.rounds, chosen.rest)
            api.close()


def _measure(project: Project, api: Api, product: Standalone, rounds: int, rest_s: float) -> None:
    product.run("variables", "set", "regions", '{"north": "v0"}')
    api.wait_for_tags(sales=["own0 h0"], export_orders=["v0"], north=["v0"], reports=["v0"])

    def set_variable(version: str) -> None:
        body = {"key": "regions", "value": json.dumps({"north": version})}
        api.call("PATCH", "/api/v2/variables/regions", body)

    edits: dict[str, tuple[str, str, Callable[[str], None]]] = {
        "DAG file": ("sales", "{} h0", lambda text: project.write_user("sales", text)),
        "helper, renamed": (
            "sales",
            "own {}",
            lambda text: replace(project.helper, HELPER.format(version=text)),
        ),
        "helper, in place": (
            "sales",
            "own {}",
            lambda text: overwrite(project.helper, HELPER.format(version=text)),
        ),
        "YAML": (
            "export_orders",
            "{}",
            lambda text: replace(project.yaml, f"export_orders: {text}\n"),
        ),
        "Variable": ("north", "{}", set_variable),
        "SQL": ("reports", "{}", lambda text: replace(project.dags / "sql" / "daily.sql", text)),
    }
    print(f"{'ms: p50 / p95 / max':22} {'visible':>20} {'trigger to task':>20}")
    for name, (dag_id, shown, edit) in edits.items():
        if shown.startswith("own "):
            project.write_user("sales", "own")
            time.sleep(1)
        visible, ran = [], []
        for text in itertools.islice(_versions(name), rounds):
            time.sleep(rest_s)
            edit(text)
            visible.append(api.wait_for_tags(**{dag_id: [shown.format(text)]}))
        for text in itertools.islice(_versions(f"{name} again"), rounds):
            time.sleep(rest_s)
            edit(text)
            begun = time.monotonic()
            (note,) = wait_for_notes(project, {api.trigger(dag_id)})
            ran.append(time.monotonic() - begun)
            assert note["version"] == shown.format(text), note
        print(f"{name:22} {_summary(visible):>20} {_summary(ran):>20}", flush=True)


def _versions(name: str) -> Iterator[str]:
    for number in itertools.count(10_001):
        yield f"{name.replace(' ', '_').replace(',', '')}_{number}"


def _summary(measured: list[float]) -> str:
    if len(measured) < 2:
        return f"{1000 * measured[0]:.0f}"
    cuts = statistics.quantiles(measured, n=20, method="inclusive")
    return " / ".join(f"{1000 * value:.0f}" for value in (cuts[9], cuts[18], max(measured)))


if __name__ == "__main__":
    main()

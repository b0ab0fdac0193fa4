"""`python -m benchmarks [--runs N] [--postgresql]`: the workloads, as a Markdown table on stdout."""

import argparse
import statistics
import time
from contextlib import ExitStack
from datetime import datetime
from typing import Any

from benchmarks.product import Product
from tests import postgresql

RUN_TIMEOUT_S = 120
POLL_S = 0.05


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    arguments.add_argument("--runs", type=int, default=5, help="counted runs of each workload")
    arguments.add_argument(
        "--postgresql", action="store_true", help="on a PostgreSQL of its own instead of SQLite"
    )
    arguments.add_argument("--idle", type=float, default=60, help="idle seconds before weighing")
    options = arguments.parse_args()
    with ExitStack() as stack:
        url = None
        if options.postgresql:
            server = stack.enter_context(postgresql.running(durable=True))
            url = server.url(server.create())
        product = stack.enter_context(Product(url))
        print(f"| standalone, empty home, to healthy | {product.healthy_after_s:.2f} s |")
        for dag_id in ("chain40", "fanout400"):
            _wait_for_dag(product, dag_id)
            _measure(product, dag_id)  # warm-up
            for line in _report(dag_id, [_measure(product, dag_id) for _ in range(options.runs)]):
                print(line, flush=True)
        time.sleep(options.idle)
        before = product.load()
        time.sleep(10)
        after = product.load()
        print(f"| idle: processes | {after.processes} |")
        print(f"| idle: memory (PSS) | {after.pss_mib:.0f} MiB |")
        print(f"| idle: CPU | {(after.cpu_s - before.cpu_s) / 10:.2%} of a core |")


def _measure(product: Product, dag_id: str) -> dict[str, Any]:
    cpu = product.load().cpu_s
    posted = time.time()
    path = f"/api/v2/dags/{dag_id}/dagRuns"
    run = product.call("POST", path, {"logical_date": None})
    run_path = f"{path}/{run['dag_run_id']}"
    deadline = posted + RUN_TIMEOUT_S
    while run["state"] not in ("success", "failed"):
        if time.time() > deadline:
            raise RuntimeError(f"{dag_id} is {run['state']} after {RUN_TIMEOUT_S} s")
        time.sleep(POLL_S)
        run = product.call("GET", run_path)
    wall = time.time() - posted
    if run["state"] != "success":
        raise RuntimeError(f"{dag_id} {run['state']}")
    tasks = _tasks(product, run_path)
    return {
        "wall": wall,
        "tasks": tasks,
        "first": _moment(tasks[0]["start_date"]) - posted,
        "cpu": (product.load().cpu_s - cpu) / len(tasks),
    }


def _tasks(product: Product, run_path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        page = product.call(
            "GET", f"{run_path}/taskInstances?limit=100&offset={len(found)}&order_by=start_date"
        )
        found += page["task_instances"]
        if len(found) >= page["total_entries"]:
            return sorted(found, key=lambda task: task["start_date"])


def _report(dag_id: str, runs: list[dict[str, Any]]) -> list[str]:
    count = len(runs[0]["tasks"])
    walls = [run["wall"] for run in runs]
    wall = statistics.median(walls)
    lines = [
        f"| {dag_id}: wall, median (min-max) of {len(runs)} "
        f"| {wall:.3f} s ({min(walls):.3f}-{max(walls):.3f}) |",
        f"| {dag_id}: tasks/s | {count / wall:.0f} |",
        f"| {dag_id}: POST to first start, median "
        f"| {statistics.median(run['first'] for run in runs) * 1000:.1f} ms |",
        f"| {dag_id}: CPU per task, all processes, median "
        f"| {statistics.median(run['cpu'] for run in runs) * 1000:.1f} ms |",
    ]
    if dag_id.startswith("chain"):
        hops = [
            _moment(after["start_date"]) - _moment(before["end_date"])
            for run in runs
            for before, after in zip(run["tasks"], run["tasks"][1:], strict=False)
        ]
        p95 = statistics.quantiles(hops, n=20)[-1]
        lines.append(
            f"| {dag_id}: hop, median / p95 "
            f"| {statistics.median(hops) * 1000:.1f} / {p95 * 1000:.1f} ms |"
        )
    return lines


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _wait_for_dag(product: Product, dag_id: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        listed = product.call("GET", "/api/v2/dags?limit=100")["dags"]
        if dag_id in [dag["dag_id"] for dag in listed]:
            return
        time.sleep(0.05)
    raise RuntimeError(f"{dag_id} does not appear")


if __name__ == "__main__":
    main()

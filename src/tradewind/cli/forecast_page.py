"""A forecast as data, and as a page of one file with a timeline."""

import json
from collections.abc import Sequence
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from tradewind.forecast.comparison import Difference
from tradewind.forecast.findings import Finding
from tradewind.forecast.result import Forecast, RunForecast, Use
from tradewind.model.errors import UserError


def as_data(
    found: Forecast,
    known: Sequence[Finding],
    differences: Sequence[Difference] | None = None,
) -> dict[str, Any]:
    """All of it as data; durations are seconds."""
    data: dict[str, Any] = {
        "start": found.start,
        "until": found.until,
        "events": found.events,
        "tasks": found.tasks,
        "dags": {
            dag_id: {
                "schedule": dag.schedule,
                "timezone": dag.timezone,
                "left_out": dag.left_out,
                "peak_runs": dag.peak_runs,
                "runs": [_run_data(run) for run in dag.runs],
            }
            for dag_id, dag in sorted(found.dags.items())
        },
        "pools": {name: _use_data(use) for name, use in found.pools.items()},
        "executors": {name: _use_data(use) for name, use in found.executors.items()},
        "findings": [
            {"rule": one.rule, "what": one.what, "message": one.message, "at": one.at}
            for one in known
        ],
    }
    if differences is not None:
        data["differences"] = {
            one.dag_id: {
                "added": [run.run_id for run in one.added],
                "dropped": [run.run_id for run in one.removed],
                "moved": [
                    {"before": _run_data(before), "after": _run_data(after)}
                    for before, after in one.moved
                ],
            }
            for one in differences
        }
    return data


def write_page(path: Path, found: Forecast, known: Sequence[Finding]) -> None:
    """Write the page; it needs nothing else. Raises UserError if the file cannot be written."""
    template = files(__package__).joinpath("forecast_page.html").read_text(encoding="utf-8")
    data = json.dumps(as_data(found, known), default=_moment, separators=(",", ":"))
    page = template.replace("{{forecast}}", data.replace("<", "\\u003c"))
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}") from error


def _moment(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{value!r} is no JSON")


def _run_data(run: RunForecast) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "run_type": run.run_type,
        "run_after": run.run_after,
        "logical_date": run.logical_date,
        "start": run.start,
        "first_task": run.first_task,
        "end": run.end,
        "state": run.state,
        "is_there": run.is_there,
        "tasks": run.tasks,
        "waited_s": run.waited.total_seconds(),
    }


def _use_data(use: Use) -> dict[str, Any]:
    return {
        "slots": use.slots,
        "peak": use.peak,
        "peak_at": use.peak_at,
        "busy_s": use.busy_s,
        "tasks_waited": use.waits,
    }

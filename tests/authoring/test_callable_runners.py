"""What the PythonOperator of the standard provider's own package asks for when it runs."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from airflow.models.dagrun import DagRun
from airflow.sdk import Asset, AssetAlias, Metadata
from airflow.sdk.execution_time.callback_runner import (
    create_async_executable_runner,
    create_executable_runner,
)
from airflow.sdk.execution_time.context import context_get_outlet_events
from airflow.utils.types import DagRunTriggeredByType, DagRunType

ROWS = Asset("x://rows")
ANY = AssetAlias("any")
log = logging.getLogger(__name__)


def test_a_function_is_called_with_what_it_is_given() -> None:
    runner = create_executable_runner(lambda a, *, self: (a, self), {}, logger=log)  # type: ignore[arg-type]
    assert runner.run(1, self=2) == (1, 2)


def test_a_generator_speaks_of_assets_and_returns(caplog: pytest.LogCaptureFixture) -> None:
    context: dict[str, Any] = {}
    events = context_get_outlet_events(context)
    assert context_get_outlet_events(context) is events is context["outlet_events"]

    def write(count: int) -> Iterator[Any]:
        yield Metadata(ROWS, {"count": count}, alias=ANY)
        yield "noise"
        return "done"

    assert create_executable_runner(write, events, logger=log).run(3) == "done"
    assert events[ROWS].extra == {"count": 3}
    (through,) = events[ANY].asset_alias_events
    assert through.extra == {"count": 3}
    assert "'noise'" in caplog.text


def test_coroutines_are_awaited_and_asynchronous_generators_collected() -> None:
    events = context_get_outlet_events({})

    async def plain(value: int) -> int:
        return value

    async def write() -> AsyncIterator[Any]:
        yield Metadata(ROWS, {"count": 4})
        yield 5

    run = create_async_executable_runner
    assert asyncio.run(run(plain, events, logger=log).run(7)) == 7
    first, second = asyncio.run(run(write, events, logger=log).run())
    assert (first.asset, second) == (ROWS, 5)
    assert events[ROWS].extra == {"count": 4}


def test_ids_of_runs() -> None:
    day = datetime(2026, 1, 2, tzinfo=UTC)
    named = DagRun.generate_run_id(run_type=DagRunType.MANUAL, logical_date=day, run_after=day)
    assert named == "manual__2026-01-02T00:00:00+00:00"
    first, second = (DagRun.generate_run_id(run_type="manual", run_after=day) for _ in range(2))
    assert first.startswith(f"{named}_")
    assert first != second
    assert DagRunTriggeredByType.ASSET == "asset"  # type: ignore[comparison-overlap]

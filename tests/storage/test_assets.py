"""Assets in both databases: what DAGs name, events, queues, and what a scheduler loads."""

from datetime import UTC, datetime
from typing import Any

from tradewind.model.assets import (
    AssetEvent,
    AssetKey,
    AssetsSnapshot,
    AssetUpdate,
    QueuedUpdate,
)
from tradewind.model.changes import AssetUpdated, EventsConsumed, QueuedEventsDropped
from tradewind.model.constructs import AssetSpec
from tradewind.model.keys import RunKey, TaskKey
from tradewind.model.plan import Plan, ScheduleSpec, TaskPlan
from tradewind.model.requests import AssetEventsOf, AssetOf, ConsumedEvents
from tradewind.storage import answers, assets, commit
from tradewind.storage.database import Database
from tradewind.storage.secrets import Cipher, generate_key

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CIPHER = Cipher(generate_key())
SOURCE = TaskKey("producer", "r", "p", 2)


def updated(number: int, name: str, *queued_for: str, **facts: Any) -> AssetUpdated:
    update = AssetUpdate(name=name, uri=f"x://{name}", **facts)
    event = AssetEvent(event_id=number, at=NOW, update=update, source=SOURCE)
    return AssetUpdated(event, queued_for)


def write(database: Database, *changes: Any) -> None:
    with database.write() as connection:
        commit.write(connection, changes, NOW)


def load(database: Database) -> AssetsSnapshot:
    with database.read() as connection:
        return assets.load(connection)


def ask(database: Database, request: Any) -> Any:
    with database.read() as connection:
        return answers.answer(connection, request, CIPHER)


def test_a_run_takes_what_was_queued_before_it(database: Database) -> None:
    write(
        database,
        updated(1, "a", "d", "e"),
        EventsConsumed(RunKey("d", "first"), 1),
        updated(2, "a", "d"),
        updated(3, "b", "d"),
        EventsConsumed(RunKey("d", "second"), 3),
        updated(4, "b", "d"),
    )
    taken = {
        run_id: [event["id"] for event in ask(database, ConsumedEvents(dag_id="d", run_id=run_id))]
        for run_id in ("first", "second")
    }
    assert taken == {"first": [1], "second": [2, 3]}
    assert load(database) == AssetsSnapshot(
        queued=(
            QueuedUpdate(dag_id="d", asset=AssetKey("b", "x://b"), last_at=NOW),
            QueuedUpdate(dag_id="e", asset=AssetKey("a", "x://a"), last_at=NOW),
        ),
        last_event_id=4,
    )


def test_what_is_dropped_is_queued_no_more(database: Database) -> None:
    a = AssetKey("a", "x://a")
    write(database, updated(1, "a", "d"), QueuedEventsDropped("d", a, None), updated(2, "a", "d"))
    assert len(load(database).queued) == 1
    write(database, QueuedEventsDropped("d", a, NOW))
    assert len(load(database).queued) == 1
    write(database, QueuedEventsDropped("d", a, None))
    assert load(database) == AssetsSnapshot(last_event_id=2)


def test_an_asset_that_no_file_names_is_kept_with_its_alias(database: Database) -> None:
    for number in (1, 2):
        write(database, updated(number, "a", aliases=("late", 'with "quotes" é')))
    assert load(database).aliases == tuple(
        (alias, AssetKey("a", "x://a")) for alias in ("late", 'with "quotes" é')
    )
    found = ask(database, AssetOf(uri="x://a"))
    assert (found["name"], found["group"]) == ("a", "asset")
    for alias in ("late", 'with "quotes" é'):
        assert [event["id"] for event in ask(database, AssetEventsOf(alias=alias))] == [1, 2]
    assert ask(database, AssetEventsOf(alias="lat")) == []


def test_events_are_found_by_asset_and_time(database: Database) -> None:
    write(database, updated(1, "a", extra={"n": 1}), updated(2, "b"), updated(3, "a"))
    latest = ask(database, AssetEventsOf(name="a", ascending=False, limit=1))
    assert [event["id"] for event in latest] == [3]
    (first, _) = ask(database, AssetEventsOf(name="a", uri="x://a", after=NOW, before=NOW))
    assert first == {
        "id": 1,
        "timestamp": NOW.isoformat(),
        "extra": {"n": 1},
        "asset": {"name": "a", "uri": "x://a", "group": "asset", "extra": {}},
        "source_dag_id": "producer",
        "source_run_id": "r",
        "source_task_id": "p",
        "source_map_index": 2,
        "source_aliases": [],
    }


def test_what_a_dag_names_is_recorded_once(database: Database) -> None:
    a = {"asset": {"name": "a", "uri": "x://a", "group": "asset"}}
    alias = {"alias": {"name": "late", "group": "asset"}}
    plan = Plan(
        dag_id="d",
        schedule=ScheduleSpec("asset_triggered", {"assets": {"all": [a, alias]}}),
        tasks=(TaskPlan(task_id="t", outlets=(a,), inlets=({"asset_ref": {"name": "b"}},)),),
        assets=(AssetSpec(name="a", uri="x://a", extra={"n": 1}),),
    )
    for _ in range(2):
        with database.write() as connection:
            assets.record(connection, plan, NOW)
    found = ask(database, AssetOf(name="a"))
    assert found["extra"] == {"n": 1}
    with database.read() as connection:
        rows = connection.execute(
            assets.asset_reference.select().order_by(assets.asset_reference.c.number)
        ).all()
    named = [(row.kind, row.task_id, row.name, row.uri, row.alias) for row in rows]
    assert named == [
        ("schedule", None, "a", "x://a", None),
        ("schedule", None, None, None, "late"),
        ("inlet", "t", "b", None, None),
        ("outlet", "t", "a", "x://a", None),
    ]

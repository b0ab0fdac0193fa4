"""Runs that updates of assets make: each event is queued for the DAGs that wait for its asset, and
a DAG whose condition holds gets a run, which takes all that is queued for it.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from tradewind.core.answers import NotPossible
from tradewind.core.dag import Dag
from tradewind.core.run_making import make_run
from tradewind.core.turn import Turn
from tradewind.model.assets import AssetEvent, AssetUpdate
from tradewind.model.changes import AssetUpdated, EventsConsumed, QueuedEventsDropped
from tradewind.model.commands import CreateAssetEvent, DropQueuedEvents
from tradewind.model.intervals import RunInfo
from tradewind.model.keys import TaskKey
from tradewind.model.states import RunType


def note_updates(turn: Turn, updates: Iterable[AssetUpdate], source: TaskKey | None) -> list[int]:
    """Assets were written: an event for each, by number. DAGs that are held hear nothing of it."""
    fleet = turn.fleet
    made = []
    for update in updates:
        fleet.assets.associate(update)
        event_id = fleet.assets.new_event_id()
        event = AssetEvent(event_id=event_id, at=turn.now, update=update, source=source)
        waiting = [
            dag_id
            for dag_id in sorted(fleet.assets.waiting_for(update.key))
            if fleet.dags[dag_id].held is None
        ]
        for dag_id in waiting:
            fleet.dags[dag_id].asset_queue.note(update.key, turn.now)
            fleet.fed.add(dag_id)
        turn.emit(AssetUpdated(event, tuple(waiting)))
        made.append(event_id)
    return made


def make_asset_runs(turn: Turn) -> None:
    """Make the runs of DAGs for which something was queued, where that is all they wait for."""
    fleet = turn.fleet
    while fleet.fed and turn.has_room:
        dag = fleet.dags[fleet.fed.take()]
        turn.spend()
        if _can_be_run(dag) and dag.asset_queue.is_complete(fleet.assets):
            _make(turn, dag)


def _can_be_run(dag: Dag) -> bool:
    return dag.held is None and bool(dag.plan.tasks) and not dag.index.unsupported


def _make(turn: Turn, dag: Dag) -> None:
    """The number of the last event tells the runs of one DAG apart, even those of one moment."""
    upto = turn.fleet.assets.last_event_id
    run = make_run(
        turn,
        dag,
        run_id=f"{RunType.ASSET_TRIGGERED.value}__{turn.now.isoformat()}_{upto:08x}",
        run_type=RunType.ASSET_TRIGGERED,
        info=RunInfo(turn.now),
        reason="the assets it waits for were updated",
        triggered_by="asset",
    )
    dag.asset_queue.updated.clear()
    turn.emit(EventsConsumed(run.key, upto))


def waits_anew(turn: Turn, dag: Dag) -> None:
    """A DAG was loaded: what is queued for it that it waits for no more is dropped."""
    for key in dag.asset_queue.drop_others(turn.fleet.assets):
        turn.emit(QueuedEventsDropped(dag.dag_id, key, None))
    turn.fleet.fed.add(dag.dag_id)


# --- commands -------------------------------------------------------------------------------


def create_event(turn: Turn, command: CreateAssetEvent) -> dict[str, Any]:
    """Somebody outside wrote an asset."""
    (event_id,) = note_updates(turn, [command.update], None)
    return {"event_id": event_id}


def drop_queued(turn: Turn, command: DropQueuedEvents) -> dict[str, Any]:
    """Forget what is queued: of one DAG, or for one asset, or both; only older than a moment."""
    if command.dag_id is None and command.asset is None:
        raise NotPossible(400, "name a DAG or an asset")
    dropped = 0
    for dag in _named(turn, command.dag_id):
        for key in list(dag.asset_queue.updated):
            if command.asset in (None, key):
                turn.emit(QueuedEventsDropped(dag.dag_id, key, command.before))
                dropped += dag.asset_queue.forget(key, command.before)
    return {"dropped": dropped}


def _named(turn: Turn, dag_id: str | None) -> Iterator[Dag]:
    if dag_id is None:
        yield from turn.fleet.dags.values()
    elif (dag := turn.fleet.dags.get(dag_id)) is not None:
        yield dag

"""Every scheduled run of an interval: made in slices, run in order, complete when all have ended."""

import operator
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any

from tradewind.core.answers import NotPossible
from tradewind.core.clear import run_again
from tradewind.core.dag import Backfill, Dag
from tradewind.core.fleet import Fleet
from tradewind.core.instances import Run
from tradewind.core.run_making import automatic_run_id, make_run, runs_at_once
from tradewind.core.run_state import complete_if_done, finish_run
from tradewind.core.taken import Taken
from tradewind.core.timetable_answers import ask
from tradewind.core.trigger import check_run_type, dag_to_run
from tradewind.core.turn import Turn
from tradewind.model.changes import BackfillWritten
from tradewind.model.commands import CreateBackfill, PatchBackfill
from tradewind.model.errors import InvalidSchedule
from tradewind.model.intervals import RunInfo
from tradewind.model.keys import RunKey
from tradewind.model.snapshots import BackfillSnapshot
from tradewind.model.states import RunState, RunType
from tradewind.model.timetable_questions import TimetableQuestion
from tradewind.timetables import NotToldYet

MOST_RUNS = 200_000
MOST_LISTED = 10_000
"""All of these are worked out at once."""
_SAMPLE = 50
"""Runs by which the number of all is judged."""

REPROCESSED: dict[str, frozenset[RunState]] = {
    "none": frozenset(),
    "failed": frozenset({RunState.FAILED}),
    "completed": frozenset({RunState.SUCCESS, RunState.FAILED}),
}
"""Which existing runs are run again, by reprocess_behavior."""


def create_backfill(turn: Turn, command: CreateBackfill) -> dict[str, Any]:
    """Note a backfill; its runs are made from the next Tick on. Raises NotPossible."""
    fleet = turn.fleet
    dag = dag_to_run(turn, command.dag_id)
    _check(turn, dag, command)
    row = BackfillSnapshot(
        backfill_id=fleet.next_backfill_id,
        dag_id=command.dag_id,
        from_date=command.from_date,
        to_date=command.to_date,
        max_active_runs=command.max_active_runs,
        reprocess_behavior=command.reprocess_behavior,
        run_backwards=command.run_backwards,
        conf=command.conf,
        ignore_dag_pause=command.ignore_dag_pause,
        created_at=turn.now,
    )
    _check_number(dag, row, is_listed=command.dry_run or command.run_backwards)
    if command.dry_run:
        infos = _all_runs(dag, row)
        return {"runs": [[_date(info).isoformat(), info.run_after.isoformat()] for info in infos]}
    for other in fleet.backfills.values():
        if other.row.dag_id == dag.dag_id:
            raise NotPossible(
                409,
                f"DAG {dag.dag_id} has backfill {other.row.backfill_id} under way; "
                f"let it finish or cancel it first",
            )
    fleet.next_backfill_id += 1
    fleet.add_backfill(Backfill(row))
    turn.emit(BackfillWritten(row, "asked for"))
    return {"backfill_id": row.backfill_id}


def _check(turn: Turn, dag: Dag, command: CreateBackfill) -> None:
    if not dag.timetable.periodic or not dag.timetable.can_be_scheduled:
        raise NotPossible(
            400, f"DAG {dag.dag_id} has no periodic schedule, so it has no runs to backfill"
        )
    check_run_type(dag, RunType.BACKFILL)
    if command.from_date > command.to_date:
        raise NotPossible(400, "the first date of a backfill must not come after the last")
    if command.to_date > turn.now:
        raise NotPossible(400, f"a backfill cannot reach into the future: {command.to_date}")
    if command.max_active_runs < 1:
        raise NotPossible(400, "max_active_runs of a backfill must be at least 1")
    if command.reprocess_behavior not in REPROCESSED:
        raise NotPossible(
            400,
            f"reprocess_behavior must be one of {', '.join(REPROCESSED)}, "
            f"not {command.reprocess_behavior}",
        )


def _check_number(dag: Dag, row: BackfillSnapshot, *, is_listed: bool) -> None:
    """Raise NotPossible for more runs than a scheduler should make, or list at once."""
    try:
        first = list(islice(dag.timetable.runs_between(row.from_date, row.to_date), _SAMPLE))
    except (ValueError, OverflowError):
        raise NotPossible(
            400, f"the schedule of DAG {dag.dag_id} knows no runs from {row.from_date.isoformat()}"
        ) from None
    if len(first) < _SAMPLE:
        return
    period = (first[-1].run_after - first[0].run_after) / (_SAMPLE - 1)
    number = int((row.to_date - row.from_date) / period)
    most = MOST_LISTED if is_listed else MOST_RUNS
    if number > most:
        raise NotPossible(
            400,
            f"from {row.from_date.isoformat()} to {row.to_date.isoformat()} there are about "
            f"{number} runs; "
            + (
                f"at most {most} are listed or run backwards"
                if is_listed
                else f"at most {most} are made"
            )
            + ": choose a shorter interval",
        )


def patch_backfill(turn: Turn, command: PatchBackfill) -> dict[str, Any] | PatchBackfill:
    """Pause, go on with or cancel a backfill. Raises NotPossible."""
    backfill = turn.fleet.backfills.get(command.backfill_id)
    if backfill is None:
        raise NotPossible(404, f"there is no backfill {command.backfill_id} under way")
    if backfill.is_cancelled:
        raise NotPossible(409, f"backfill {command.backfill_id} is being cancelled")
    if command.is_paused is not None:
        backfill.row = replace(backfill.row, is_paused=command.is_paused)
        backfill.hold(turn.fleet.dags[backfill.row.dag_id])
        turn.fleet.startable.add(backfill.run_queue)
        reason = "paused" if command.is_paused else "goes on"
        turn.emit(BackfillWritten(backfill.row, reason))
        if not backfill.row.all_made:
            turn.fleet.make_at(turn.now, command.backfill_id)
    if command.cancel:
        return PatchBackfill(backfill_id=command.backfill_id, cancel=True)
    return {}


def cancel_some(turn: Turn, taken: Taken[PatchBackfill]) -> dict[str, Any] | None:
    """Fail the next of what is queued, and let finish what runs; the answer when all have failed."""
    fleet = turn.fleet
    command = taken.command
    backfill = fleet.backfills.get(command.backfill_id)
    if backfill is None:
        return {}
    if taken.ahead is None:
        backfill.cancel()
        dag = fleet.dags[backfill.row.dag_id]
        queued = [run for run in dag.runs.values() if run.state is RunState.QUEUED]
        taken.ahead = iter([run for run in queued if run.backfill is backfill])
    for run in taken.ahead:
        turn.spend()
        if run.state is RunState.QUEUED:
            finish_run(turn, run, RunState.FAILED, "its backfill was cancelled")
        if not turn.has_room:
            return None
    backfill.row = replace(backfill.row, all_made=True, completed_at=turn.now)
    turn.emit(BackfillWritten(backfill.row, "cancelled"))
    fleet.backfills.pop(command.backfill_id, None)
    return {}


def next_slice(fleet: Fleet, backfill: Backfill) -> list[RunInfo]:
    """The runs that the next Tick makes, as often as it is asked. Raises NotToldYet."""
    if backfill.upcoming is None:
        dag = fleet.dags[backfill.row.dag_id]
        ahead = _after_cursor(dag, backfill.row)
        backfill.upcoming = (list(islice(ahead, runs_at_once(dag))), ahead)
    return backfill.upcoming[0]


def make_slice(turn: Turn, backfill: Backfill) -> None:
    """Make the next runs of a backfill, and come back for more."""
    row = backfill.row
    if row.all_made or row.is_paused or backfill.is_cancelled:
        return
    dag = turn.fleet.dags[row.dag_id]
    if dag.index.unsupported:
        return  # until a version is loaded that can be run
    try:
        infos = next_slice(turn.fleet, backfill)
    except NotToldYet as gap:
        ask(turn, dag, gap.question)
        return
    except InvalidSchedule as error:
        backfill.row = replace(row, all_made=True)
        turn.emit(BackfillWritten(backfill.row, f"no further run is known: {error}"))
        complete_if_done(turn, backfill)
        return
    ordinal = row.next_ordinal
    for info in infos:
        ordinal += _make(turn, backfill, info, ordinal)
    wanted: TimetableQuestion | None = None
    try:
        all_made = not _look_further(dag, backfill)
    except NotToldYet as gap:
        all_made, wanted = False, gap.question
    backfill.row = replace(
        row,
        next_ordinal=ordinal,
        cursor=infos[-1].run_after if infos else row.cursor,
        all_made=all_made,
    )
    turn.emit(BackfillWritten(backfill.row, f"{ordinal - row.next_ordinal} runs were made"))
    if all_made:
        complete_if_done(turn, backfill)
    elif wanted is not None:
        ask(turn, dag, wanted)
    else:
        turn.fleet.make_at(turn.now, row.backfill_id)


def _look_further(dag: Dag, backfill: Backfill) -> list[RunInfo]:
    """The slice after the one just made; empty if there are no more. Raises NotToldYet."""
    assert backfill.upcoming is not None
    ahead = backfill.upcoming[1]
    backfill.upcoming = None
    backfill.upcoming = (list(islice(ahead, runs_at_once(dag))), ahead)
    return backfill.upcoming[0]


def _make(turn: Turn, backfill: Backfill, info: RunInfo, ordinal: int) -> int:
    """Make or run again the run of one date; 1 if there is one now, 0 if it was passed over."""
    fleet, row = turn.fleet, backfill.row
    dag = fleet.dags[row.dag_id]
    run_id = automatic_run_id(dag, RunType.BACKFILL, info)
    existing = _existing(fleet, dag, run_id, info)
    if existing is None:
        make_run(
            turn,
            dag,
            run_id=run_id,
            run_type=RunType.BACKFILL,
            info=info,
            reason=f"backfill {row.backfill_id}",
            backfill=backfill,
            conf=row.conf,
            triggered_by="backfill",
            backfill_id=row.backfill_id,
            sort_ordinal=ordinal,
        )
        return 1
    if existing.state not in REPROCESSED[row.reprocess_behavior] or existing.key in fleet.pinned:
        return 0
    run_again(
        turn,
        existing,
        existing.instances(),
        reason=f"backfill {row.backfill_id} runs it again",
        backfill=backfill,
        run_type=RunType.BACKFILL,
        backfill_id=row.backfill_id,
        sort_ordinal=ordinal,
    )
    return 1


def _existing(fleet: Fleet, dag: Dag, run_id: str, info: RunInfo) -> Run | None:
    if info.logical_date is not None:
        run = fleet.dates.get((dag.dag_id, info.logical_date))
        if run is not None:
            return run
    return fleet.find(RunKey(dag.dag_id, run_id))


def _after_cursor(dag: Dag, row: BackfillSnapshot) -> Iterator[RunInfo]:
    is_ahead = operator.lt if row.run_backwards else operator.gt
    for info in _all_runs(dag, row):
        if row.cursor is None or is_ahead(info.run_after, row.cursor):
            yield info


def _all_runs(dag: Dag, row: BackfillSnapshot) -> Iterator[RunInfo]:
    """Its runs in order; what was not due when it was asked for is left out."""
    infos = (
        info
        for info in dag.timetable.runs_between(row.from_date, row.to_date)
        if info.run_after <= row.created_at
    )
    return reversed(list(infos)) if row.run_backwards else infos


def _date(info: RunInfo) -> datetime:
    return info.logical_date or info.run_after

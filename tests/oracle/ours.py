"""What we answer: the file is loaded and compiled, and the scheduler's own core makes its runs."""

import copy
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.core.world import World
from tests.oracle.cases import Case
from tradewind.authoring import context as contexts
from tradewind.authoring import dag_file
from tradewind.authoring.compile import compile_dag
from tradewind.authoring.dag import DAG
from tradewind.config.settings import Core
from tradewind.model.attempts import Attempt, Outcome, Result
from tradewind.model.events import AttemptEnded, AttemptStarted
from tradewind.model.keys import RunKey
from tradewind.model.plan import Plan
from tradewind.model.requests import PreviousRun, Request
from tradewind.model.snapshots import DagSnapshot, RunSnapshot
from tradewind.server.run_requests import manual_run_id
from tradewind.timetables import from_spec

_LATER = timedelta(minutes=7, seconds=13)


def answer(case: Case, version: str, folder: Path) -> dict[str, Any]:
    """The same as `asking` does, from us."""
    path = folder / f"{case.name}_{version.replace('.', '_')}.py"
    path.write_text(case.source(version))
    (dag,) = dag_file.load(path, dags_folder=folder).dags
    plan = compile_dag(dag, defaults=Core())
    replay = _Replay(dag, plan, case.moment)
    runs = [run for _, run in zip(range(case.runs), replay.scheduled(), strict=False)]
    manual = replay.manual(is_dated=plan.profile == 3)
    begin = case.moment - timedelta(days=2, hours=1)
    timetable = from_spec(plan.schedule)
    between = timetable.runs_between(begin, begin + timedelta(days=2)) if timetable.periodic else ()
    return {
        "profile": plan.profile,
        "catchup": plan.catchup,
        "runs": runs,
        "manual": manual,
        "backfill": [_text(info.logical_date) for info in between],
    }


class _Replay:
    """A scheduler whose clock only goes on when nothing is due."""

    def __init__(self, dag: DAG, plan: Plan, now: datetime) -> None:
        self.dag = dag
        snapshot = DagSnapshot(
            plan=plan, version=1, fileloc=dag.fileloc, code_hash="c", is_paused=False
        )
        self.world = World(snapshot, now=now)
        self.host = _Rows(self.world)

    def scheduled(self) -> Iterator[dict[str, Any]]:
        """Runs in the order they are made; each succeeds at once."""
        world, shown = self.world, 0
        while True:
            world.turn()
            made = list(world.runs.values())
            if len(made) > shown:
                for run in made[shown:]:
                    yield self._finish(run)
                shown = len(made)
                continue
            following = world.fleet.dags[self.dag.dag_id].next
            if following is None or world.fleet.next_wake() is None:
                return
            world.now = max(world.now, following.run_after)

    def manual(self, *, is_dated: bool) -> dict[str, Any]:
        """A run asked for a while later; with that moment as its date where 3.x is asked so."""
        now = self.world.now = (self.world.now + _LATER).replace(microsecond=0)
        run_id = manual_run_id(self.world.dags[self.dag.dag_id].plan, now, now)
        taken = self.world.trigger(
            run_id, self.dag.dag_id, run_after=now, logical_date=now if is_dated else None
        )
        assert taken.applied, taken.reason
        run = self._finish(self.world.runs[RunKey(self.dag.dag_id, run_id)])
        del run["run_after"]
        return run

    def _finish(self, run: RunSnapshot) -> dict[str, Any]:
        shown = {}
        found = [one for one in self.world.attempts.values() if one.key.run_id == run.key.run_id]
        for attempt in found:
            shown = self._shown(attempt)
            self.world.give(AttemptStarted(attempt.token, 42, "here", self.world.now))
            done = Outcome(result=Result.SUCCESS, end_date=self.world.now)
            self.world.give(AttemptEnded(attempt.token, done))
        return {
            "run_id": run.key.run_id,
            "logical_date": _text(run.logical_date),
            "start": _text(run.data_interval_start),
            "end": _text(run.data_interval_end),
            "run_after": _text(run.run_after),
            "shown": shown,
        }

    def _shown(self, attempt: Attempt) -> dict[str, str]:
        task = copy.copy(self.dag.get_task("t"))
        context = contexts.build(attempt, task, self.dag, host=self.host)
        task.render_template_fields(context)
        command: str = task.bash_command  # type: ignore[attr-defined]
        return dict(re.findall(r"(\w+)=(.*?)(?= \w+=|$)", command.removeprefix("echo ")))


class _Rows:
    """Answers a task's question for the run before its own."""

    def __init__(self, world: World) -> None:
        self.world = world

    def ask(self, request: Request) -> Any:
        assert isinstance(request, PreviousRun)
        before = [
            run
            for run in self.world.runs.values()
            if run.logical_date is not None
            and run.logical_date < request.before
            and request.state in (None, run.state)
        ]
        if not before:
            return None
        run = max(before, key=lambda one: one.logical_date or one.run_after)
        dates = ("logical_date", "data_interval_start", "data_interval_end")
        return {
            "run_id": run.key.run_id,
            "state": run.state,
            **{name: _text(getattr(run, name)) for name in dates},
        }

    def push_xcom(self, key: str, value: Any) -> None:
        raise AssertionError("nothing is executed")


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()

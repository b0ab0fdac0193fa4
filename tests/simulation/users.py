"""What users do at random moments: commands, pauses, other pools, edited files."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from tests.simulation import oracle, plans
from tests.simulation.agenda import START
from tests.simulation.faults import is_focused
from tradewind.model.commands import (
    ClearTasks,
    Command,
    CreateBackfill,
    MarkTask,
    PatchBackfill,
    PatchRun,
    TriggerRun,
)
from tradewind.model.parsed import ParsedFile
from tradewind.model.plan import Plan
from tradewind.model.states import RUN_FINISHED, RunState, TaskState
from tradewind.storage import dags, inbox, pools

if TYPE_CHECKING:
    from tests.simulation.world import World

DOINGS = {
    "trigger": 8,
    "trigger again": 2,
    "clear": 5,
    "clear range": 1,
    "mark task": 3,
    "mark run": 2,
    "backfill": 2,
    "patch backfill": 2,
    "pause": 2,
    "pool": 2,
    "edit": 2,
    "withdraw": 1,
    "remove file": 1,
    "nonsense": 1,
}
BUSY = {"trigger": 4, "clear": 4, "mark task": 4, "mark and clear": 4, "backfill": 2, "withdraw": 6}
"""Where faults are focused."""


class Users:
    """Everybody outside the scheduler who writes to the database."""

    def __init__(self, world: "World", rng: Random) -> None:
        self._world = world
        self._rng = rng
        self._serial = self._commands = 0
        self.waiting: dict[str, Command] = {}
        """Commands given that are neither answered nor withdrawn."""
        self.withdrawn: set[str] = set()
        self.plans: dict[str, Plan] = {}
        self.removed: set[str] = set()

    def begin(self, until_s: float) -> None:
        """Save the first files, and decide when what else is done."""
        rng = self._rng
        for number in range(rng.choice((1, 1, 1, 2, 3))):
            self.save(
                plans.random_plan(rng, f"dag{number}", maps=self._world.seed >= plans.MAPPED_FROM)
            )
        with self._world.database.write() as conn:
            pools.upsert(conn, "small", slots=rng.choice((1, 2)))
            if rng.random() < 0.3:
                pools.upsert(conn, "default_pool", slots=rng.choice((1, 2, 3, -1)))
        focused = is_focused(self._world.seed)
        names, weights = zip(*(BUSY if focused else DOINGS).items(), strict=True)
        self._world.agenda.after(0.0, lambda: self._do("trigger"))
        for _ in range(rng.choice((12, 20) if focused else (0, 1, 2, 4, 8))):
            (doing,) = rng.choices(names, weights)
            at = rng.random() * until_s
            self._world.agenda.after(at, lambda doing=doing: self._do(doing))  # type: ignore[misc]

    def restore(self) -> None:
        """Let everything go on that was held back."""
        for dag_id, plan in self.plans.items():
            if dag_id in self.removed:
                self.save(plan)
            self.unpause(dag_id)
        with self._world.database.write() as conn:
            for name in ("default_pool", "small", "gone"):
                pools.upsert(conn, name, slots=3)
        for row in tuple(self._world.committed_rows.backfills.values()):
            if row.is_paused and row.completed_at is None:
                self.give(PatchBackfill(backfill_id=row.backfill_id, is_paused=False))
        self._world.ring()

    def mend(self) -> None:
        """Set right by hand what keeps later runs waiting; they would wait forever."""
        rows = self._world.committed_rows
        to_mark = set()
        for task in rows.tasks.values():
            if task.state in oracle.WAITING and rows.runs[task.key.run].state is RunState.RUNNING:
                bad = oracle.bad_in_the_past(rows, task)
                if bad is not None and bad not in rows.tasks:
                    to_mark.add(task.key)
                elif bad is not None and rows.runs[bad.run].state in RUN_FINISHED:
                    to_mark.add(bad)
                elif bad is not None and rows.runs[bad.run].state is RunState.QUEUED:
                    to_mark.add(task.key)  # it may have the run slot that the other waits for
        for key in sorted(to_mark):
            self.give(MarkTask(**key._asdict(), state=TaskState.SUCCESS))
        self._world.ring()

    def unpause(self, dag_id: str) -> None:
        """Let a DAG go on."""
        with self._world.database.write() as conn:
            dags.set_paused(conn, dag_id, False)
        self._world.ring()

    def new_id(self) -> str:
        """Names a command, the same in every replay."""
        self._commands += 1
        return f"command-{self._commands}"

    def save(self, plan: Plan) -> None:
        """A DAG file is saved and read."""
        self.plans[plan.dag_id] = plan
        self.removed.discard(plan.dag_id)
        self._serial += 1
        parsed = ParsedFile(
            fileloc=f"/dags/{plan.dag_id}.py",
            relative_fileloc=f"{plan.dag_id}.py",
            plans=(plan,),
            code_hash=f"c{self._serial}",
            source_code=f"# {self._serial}",
        )
        now = self._world.agenda.now()
        with self._world.database.write() as conn:
            dags.record_file(conn, parsed, now=now, paused_at_creation=False)

    def _do(self, doing: str) -> None:
        if self._world.faults.is_calm:
            return
        self._world.tell(f"USER {doing}")
        rng = self._rng
        runs = list(self._world.committed_rows.runs)
        dag_id = rng.choice(sorted(self.plans))
        key = rng.choice(runs) if runs else None
        task_ids = [task.task_id for task in self.plans[dag_id].tasks]
        if key is not None and doing in ("clear", "mark task", "mark and clear", "mark run"):
            dag_id = key.dag_id
            task_ids = [one.task_id for one in self._world.committed_rows.of_run[key]]
        run_id = "none" if key is None else key.run_id
        match doing:
            case "trigger":
                self._serial += 1
                self.give(self._trigger(dag_id, f"manual {self._serial}"))
            case "trigger again":
                of_dag = [one.run_id for one in runs if one.dag_id == dag_id]
                self.give(self._trigger(dag_id, rng.choice([*of_dag, "same"])))
                self.give(self._trigger(dag_id, "same"))
            case "clear":
                some = tuple(rng.sample(task_ids, rng.randint(0, min(2, len(task_ids)))))
                self.give(
                    ClearTasks(
                        dag_id=dag_id,
                        run_ids=(run_id,),
                        task_ids=some,
                        include_downstream=rng.random() < 0.6,
                        include_upstream=rng.random() < 0.2,
                        only_failed=rng.random() < 0.3,
                        only_running=rng.random() < 0.1,
                        include_future=rng.random() < 0.1,
                        reset_dag_runs=rng.random() < 0.9,
                        run_on_latest_version=rng.random() < 0.2,
                        dry_run=rng.random() < 0.1,
                    )
                )
            case "clear range":
                start = START + timedelta(seconds=rng.randrange(-60, 15))
                self.give(
                    ClearTasks(
                        dag_id=dag_id, start_date=start, end_date=start + timedelta(seconds=20)
                    )
                )
            case "mark task" if task_ids:
                states = (TaskState.SUCCESS, TaskState.FAILED, TaskState.SKIPPED)
                self.give(
                    MarkTask(
                        dag_id=dag_id,
                        run_id=run_id,
                        task_id=rng.choice(task_ids),
                        state=rng.choice(states),
                    )
                )
            case "mark run":
                run_states = (RunState.SUCCESS, RunState.FAILED, RunState.QUEUED)
                self.give(PatchRun(dag_id=dag_id, run_id=run_id, state=rng.choice(run_states)))
            case "backfill":
                self.give(self._backfill(dag_id))
            case "patch backfill":
                paused = rng.choice((None, True, False))
                self.give(
                    PatchBackfill(
                        backfill_id=rng.choice((1, 1, 1, 2)),
                        is_paused=paused,
                        cancel=paused is None,
                    )
                )
            case "pause":
                with self._world.database.write() as conn:
                    dags.set_paused(conn, dag_id, rng.random() < 0.6)
            case "pool":
                with self._world.database.write() as conn:
                    pools.upsert(conn, rng.choice(plans.POOLS), slots=rng.choice((-1, 0, 1, 2, 4)))
            case "edit":
                if dag_id not in self.removed:
                    self.save(plans.changed(rng, self.plans[dag_id]))
            case "mark and clear" if key is not None:
                task_id = rng.choice(task_ids)
                mark = MarkTask(
                    dag_id=dag_id, run_id=run_id, task_id=task_id, state=TaskState.SUCCESS
                )
                self.give(mark)
                self.give(ClearTasks(dag_id=dag_id, run_ids=(run_id,), task_ids=(task_id,)))
            case "withdraw":
                if is_focused(self._world.seed):
                    self.give(self._trigger(dag_id, f"short-lived {self._commands}"))
                    self._world.agenda.after(0.001, self._withdraw_one)
                else:
                    self._withdraw_one()
            case "remove file":
                kept = [f"/dags/{one}.py" for one in self.plans if one != dag_id]
                self.removed.add(dag_id)
                with self._world.database.write() as conn:
                    dags.forget_files(conn, kept, self._world.agenda.now())
            case "nonsense":
                self.give(self._trigger("no such DAG", "r"))
                self.give(PatchRun(dag_id=dag_id, run_id="no such run", state=RunState.FAILED))
        if not self._world.faults.chance("ring lost", 0.5):
            self._world.ring()

    def _trigger(self, dag_id: str, run_id: str) -> TriggerRun:
        now, rng = self._world.agenda.now(), self._rng
        later = rng.choice((0, 0, 0, 0, 3))
        date = None
        if rng.random() < 0.3:
            date = START + timedelta(seconds=rng.choice((0, 7, 14, 15, 1000 + self._serial)))
        return TriggerRun(
            dag_id=dag_id,
            run_id=run_id,
            run_after=now + timedelta(seconds=later),
            logical_date=date,
        )

    def _backfill(self, dag_id: str) -> CreateBackfill:
        rng = self._rng
        start = START - timedelta(seconds=rng.choice((20, 60)))
        return CreateBackfill(
            dag_id=dag_id,
            from_date=start,
            to_date=start + timedelta(seconds=rng.choice((5, 12))),
            max_active_runs=rng.choice((1, 2, 10)),
            reprocess_behavior=rng.choice(("none", "failed", "completed")),
            run_backwards=rng.random() < 0.3,
            ignore_dag_pause=rng.random() < 0.3,
            dry_run=rng.random() < 0.1,
        )

    def give(self, command: Command) -> None:
        """Leave a command."""
        with self._world.database.write() as conn:
            command_id = inbox.put(conn, command, self._world.agenda.now())
        self.waiting[command_id] = command

    def _withdraw_one(self) -> None:
        """As the API does that has waited too long."""
        if not self.waiting:
            return
        command_id = self._rng.choice(list(self.waiting))
        with self._world.database.write() as conn:
            if inbox.withdraw(conn, command_id):
                del self.waiting[command_id]
                self.withdrawn.add(command_id)


__all__ = ["Users", "replace"]

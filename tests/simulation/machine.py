"""The machine on which tasks run: the real supervisor, over processes that are only played.

What is real: `Supervisor`, `Partner`, `Ledger` and `Journal` with its files, and the messages.
What is played: the pool that forks, the processes, signals, and the wires in between.
"""

import os
import signal
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

from tests.simulation.agenda import Agenda
from tests.simulation.waits import Wait
from tests.simulation.wires import Listener, Wire, WireReactor
from tradewind.config.settings import Core, Logging, Settings
from tradewind.model.attempts import Attempt, Outcome, Result
from tradewind.model.changes import EndAcknowledged
from tradewind.model.events import AttemptEnded, AttemptStarted, FieldsRendered, XComPushed
from tradewind.model.keys import TaskKey
from tradewind.model.requests import PullXCom
from tradewind.runtime import journal
from tradewind.runtime.attempts import HeldAttempt
from tradewind.runtime.channel import LineBuffer
from tradewind.runtime.leftovers import mark_of
from tradewind.runtime.protocol import (
    Answer,
    Begin,
    Exited,
    Message,
    Question,
    decode,
    encode,
    pack_request,
)
from tradewind.runtime.supervisor import Supervisor
from tradewind.runtime.warm import Reports

GRACE_S = 3


@dataclass(frozen=True)
class Script:
    """What one call of a task does, decided by its name alone so that the order of events is free
    to change."""

    boot_s: float
    waits_for_zygote: bool
    dies_before_start: bool
    duration_s: float
    result: Result
    reschedule_s: float
    pushes: int
    renders: bool
    asks_for: tuple[str, ...]
    dies_midway: bool
    on_term: str
    has_callbacks: bool
    exit_s: float
    wait: Wait | None

    @classmethod
    def of(cls, seed: int, attempt: Attempt, call: int, habits: "Habits") -> "Script":
        key = attempt.key
        name = key.task_id if key.map_index < 0 else f"{key.task_id} {key.map_index}"
        rng = Random(f"{seed} {key.dag_id} {key.run_id} {name} {attempt.try_number} {call}")
        results = [Result.SUCCESS, Result.FAILED, Result.SKIPPED, Result.FAILED_FOR_GOOD]
        (result,) = rng.choices(results, habits.results)
        if rng.random() < habits.reschedules and call < 3:
            result = Result.RESCHEDULE
        made = cls(
            boot_s=rng.random() * 0.05,
            waits_for_zygote=rng.random() < 0.3,
            dies_before_start=rng.random() < habits.early_deaths,
            duration_s=rng.choice((0.0, 0.01, 0.01, 0.3, 1.0, 2.0)) * (0.5 + rng.random())
            + (9.0 if rng.random() < 0.04 else 0.0),
            result=result,
            reschedule_s=rng.choice((0.0, 0.5, 3.0)),
            pushes=rng.choice((0, 0, 1, 2)),
            renders=rng.random() < 0.3,
            asks_for=(),
            dies_midway=rng.random() < habits.deaths,
            on_term=rng.choice(("dies", "tells", "ignores")),
            has_callbacks=rng.random() < 0.2,
            exit_s=rng.random() * 0.02,
            wait=None,
        )
        if habits.waits and rng.random() < habits.waits and call < 3:
            return replace(made, result=Result.DEFERRED, wait=Wait.of(rng))
        return made


@dataclass(frozen=True)
class Habits:
    """How tasks behave in one simulation."""

    results: tuple[int, int, int, int] = (80, 12, 6, 2)
    reschedules: float = 0.05
    deaths: float = 0.0
    early_deaths: float = 0.0
    waits: float = 0.0


class Process:
    """One process of one attempt."""

    def __init__(self, machine: "Machine", attempt: Attempt, path: str, wire: Wire) -> None:
        self.machine = machine
        self.attempt = attempt
        self.token = attempt.token
        self.key: TaskKey = attempt.key
        self.pid: int | None = None
        self.is_alive = True
        self.is_user_code_running = False
        self.was_signalled = False
        self.began_at = 0.0
        named = (self.key, attempt.try_number)
        self.call = machine.calls.get(named, 0)
        self.script = Script.of(machine.seed, attempt, self.call, machine.habits)
        machine.orders[named] = machine.orders.get(named, 0) + 1
        self.dies_before_start = self.script.dies_before_start and machine.orders[named] < 5
        self.mark = mark_of(machine.folder / "run", self.token)
        self._journal = path
        self._wire = wire
        self._lines = LineBuffer()
        self._asked = 0
        wire.on_ready = lambda *_: self._hear()

    def boot(self) -> None:
        """It is forked: it notes its start on disk, tells it, and runs the user's code."""
        if not self.is_alive:
            return
        machine, now = self.machine, self.machine.agenda.now()
        if self.dies_before_start:
            self.exit(signal.SIGKILL)
            return
        pid = self.pid = machine.new_pid()
        try:
            journal.write_started(self._journal, self.token, pid, now)
            self._say(AttemptStarted(self.token, pid, "here", now))
        except (FileNotFoundError, BrokenPipeError):  # its supervisor is gone, and so is it
            self.exit(1 << 8)
            return
        self.is_user_code_running = True
        self.began_at = machine.agenda.seconds
        machine.began(self)
        script = self.script
        steps: list[Callable[[], None]] = []
        if script.renders:
            steps.append(lambda: self._say(FieldsRendered(self.token, {"by": self.token})))
        steps += [lambda n=n: self._push(n) for n in range(script.pushes)]  # type: ignore[misc]
        steps.append(self._ask)
        for number, step in enumerate(steps):
            part = script.duration_s * (number + 1) / (len(steps) + 1)
            machine.agenda.after(part, lambda step=step: self._while_running(step))  # type: ignore[misc]
        end = (lambda: self.exit(signal.SIGKILL)) if script.dies_midway else self._finish
        machine.agenda.after(script.duration_s, lambda: self._while_running(end))

    def term(self) -> None:
        """SIGTERM."""
        if self.is_alive and not self.was_signalled:
            self.was_signalled = True
            match self.script.on_term:
                case "dies":
                    self.machine.agenda.after(0.005, lambda: self.exit(signal.SIGTERM))
                case "tells":
                    self.machine.agenda.after(0.01, lambda: self._while_running(self._give_up))

    def exit(self, status: int) -> None:
        """It is gone; its parent hears of that a little later."""
        if not self.is_alive:
            return
        self.is_alive = self.is_user_code_running = False
        self._wire.close()
        exited = Exited(self.token, self.pid or 0, status, 0.01, 1000)
        self.machine.reap(self, exited)

    def vanish(self) -> None:
        """It is gone together with its supervisor."""
        self.is_alive = self.is_user_code_running = False
        self._wire.close()

    def _while_running(self, step: Callable[[], None]) -> None:
        if self.is_user_code_running:
            step()

    def _finish(self) -> None:
        script, now = self.script, self.machine.agenda.now()
        self._end(
            Outcome(
                result=script.result,
                end_date=now,
                reason=None if script.result is Result.SUCCESS else f"so said {self.token}",
                xcoms=(("return_value", self.value),) if script.result is Result.SUCCESS else (),
                map_length=self._items() if script.result is Result.SUCCESS else None,
                reschedule_at=(
                    now + self.machine.seconds(script.reschedule_s)
                    if script.result is Result.RESCHEDULE
                    else None
                ),
                deferral=(
                    None
                    if script.wait is None
                    else script.wait.asked_at(self.machine.world, self.attempt)
                ),
            )
        )

    def _items(self) -> int | None:
        """How many items it gives to those who are expanded over it; sometimes there are none."""
        if self.key.map_index >= 0:
            return 1
        named = f"{self.machine.seed} {self.key.task_id} {self.attempt.try_number} items"
        return Random(named).choice((0, 1, 2, 2, 2, 3, 3, 3, 4, None))

    @property
    def value(self) -> dict[str, Any]:
        return {"by": self.token, "try": self.attempt.try_number}

    def _give_up(self) -> None:
        now = self.machine.agenda.now()
        self._end(Outcome(result=Result.FAILED, end_date=now, reason=f"on_kill of {self.token}"))

    def _end(self, outcome: Outcome) -> None:
        self.is_user_code_running = False
        self.machine.ended(self, outcome)
        self._say(AttemptEnded(self.token, outcome))
        if not self.script.has_callbacks:
            self.machine.agenda.after(self.script.exit_s, lambda: self.exit(0))

    def _push(self, number: int) -> None:
        self._say(XComPushed(self.token, f"key {number}", self.value))

    def _ask(self) -> None:
        """Pull what the tasks directly upstream returned."""
        upstream = self.machine.upstream_of(self.key)
        if not upstream:
            return
        self._asked += 1
        request = PullXCom(
            dag_id=self.key.dag_id,
            run_id=self.key.run_id,
            task_ids=upstream,
            map_indexes=(),
            key="return_value",
        )
        self._say(Question(self.token, self._asked, pack_request(request)))

    def _say(self, message: Message) -> None:
        self._wire.sendall(encode(message) + b"\n")

    def _hear(self) -> None:
        if not self.is_alive:
            return
        with suppress(BlockingIOError):
            chunk = self._wire.recv(1 << 18)
            for line in self._lines.feed(chunk):
                message = decode(line)
                if isinstance(message, EndAcknowledged) and self.script.has_callbacks:
                    self.machine.agenda.after(self.script.exit_s, lambda: self.exit(0))
                elif isinstance(message, Answer):
                    self.machine.answered(self, message)


class ProcessPool:
    """Stands where a supervisor's pool of zygotes would."""

    machine: "Machine"

    def __init__(self, reactor: Any, settings: Settings, reports: Reports) -> None:
        self._reactor = reactor
        self.reports = reports
        self.processes: dict[str, Process] = {}
        self._waiting: set[str] = set()

    def start(self, attempt: HeldAttempt, order: dict[str, Any], begin: bytes) -> None:
        message = decode(begin)
        assert isinstance(message, Begin)
        sock: Any = self.reports.connect(self._reactor, attempt)
        process = Process(self.machine, message.attempt, message.journal, sock)
        self.processes[process.token] = process
        self.machine.processes.append(process)
        if process.script.waits_for_zygote:
            self._waiting.add(process.token)
            self.machine.agenda.after(process.script.boot_s * 10, lambda: self._fork(process))
        else:
            self.machine.agenda.after(process.script.boot_s, process.boot)

    def _fork(self, process: Process) -> None:
        if process.token in self._waiting:
            self._waiting.discard(process.token)
            process.boot()

    def withdraw(self, token: str) -> bool:
        if token not in self._waiting:
            return False
        self._waiting.discard(token)
        self.processes.pop(token).vanish()
        return True

    def answer(self, name: str, line: bytes) -> None: ...

    def answers_changed(self) -> None: ...

    def reaped(self, pid: int, exited: Exited) -> None: ...

    def close(self) -> None:
        for process in self.processes.values():
            process.vanish()


class Machine:
    """Supervisors, one after the other, with their processes."""

    def __init__(self, world: Any, seed: int, rng: Random, habits: Habits, folder: Path) -> None:
        self.world = world
        self.agenda: Agenda = world.agenda
        self.seed = seed
        self.rng = rng
        self.habits = habits
        self.folder = folder
        core = Core(hostname="here", killed_task_cleanup_time=GRACE_S, isolation="fork")
        self.settings = Settings(
            home=folder, core=core, logging=Logging(base_log_folder=folder / "logs")
        )
        self.processes: list[Process] = []
        self.calls: dict[tuple[TaskKey, int], int] = {}
        """How often user code has begun, by task instance and try."""
        self.orders: dict[tuple[TaskKey, int], int] = {}
        self.supervisor: Supervisor | None = None
        self.listener = Listener()
        self.reactor = WireReactor(self.agenda)
        self._last_pid = 1_000_000_000

    # --- the supervisor -----------------------------------------------------------------------

    def launch(self) -> Supervisor:
        """Start a supervisor, if none is there."""
        if self.supervisor is None:
            self.reactor = WireReactor(self.agenda)
            self.listener = Listener()
            self.reactor.after_each = self._let_it_leave
            supervisor = Supervisor(self.settings, self.reactor, self.listener)  # type: ignore[arg-type]
            self.supervisor = supervisor
            self.world.tell("a supervisor starts")
            supervisor.recover()
        return self.supervisor

    def connect(self) -> Wire:
        """What a scheduler gets that knocks."""
        self.launch()
        wire = self.listener.knock(self.agenda, self.rng)
        wire.pump = lambda: self._pump(wire)
        return wire

    def _pump(self, wire: Wire) -> None:
        until = self.agenda.seconds + 1.0
        with self.world.outside():
            while not wire.is_readable and self.agenda.step(until):
                pass

    def kill_supervisor(self) -> None:
        """SIGKILL; its tasks die with it, but for a few that have not begun and notice late."""
        supervisor, self.supervisor = self.supervisor, None
        if supervisor is None:
            return
        self.reactor.is_dead = True
        for process in supervisor.pool.processes.values():  # type: ignore[union-attr]
            if process.pid is None and process.is_alive and self.rng.random() < 0.5:
                process._wire.close()  # it boots all the same, and finds itself alone
            else:
                process.vanish()
        self._close_wires()
        _let_go_of_files(supervisor)

    def _let_it_leave(self) -> None:
        supervisor = self.supervisor
        if supervisor is not None and supervisor.is_done:
            self.world.tell("the supervisor leaves")
            self.supervisor = None
            self.reactor.is_dead = True
            supervisor.close()
            self._close_wires()

    def _close_wires(self) -> None:
        for wire in tuple(self.reactor.wires.values()):
            wire.close()

    # --- what processes and signals do --------------------------------------------------------

    def new_pid(self) -> int:
        self._last_pid += 1
        return self._last_pid

    def reap(self, process: Process, exited: Exited) -> None:
        supervisor = self.supervisor
        if supervisor is None or supervisor.pool.processes.get(process.token) is not process:  # type: ignore[union-attr]
            return
        reactor, pool = self.reactor, supervisor.pool

        def hear() -> None:
            if not reactor.is_dead and pool.processes.get(process.token) is process:  # type: ignore[union-attr]
                del pool.processes[process.token]  # type: ignore[union-attr]
                pool.reports.exited(process.token, exited)  # type: ignore[union-attr]
                reactor.after_each()

        self.agenda.after(self.rng.random() * 0.01, hear)

    def kill_zygote(self) -> None:
        """A zygote dies, and its tasks with it."""
        supervisor = self.supervisor
        if supervisor is None:
            return
        pool: Any = supervisor.pool
        for token, process in tuple(pool.processes.items()):
            if process.pid is not None and self.rng.random() < 0.5:
                process.vanish()
                del pool.processes[token]
                pool.reports.exited(token, None)
        self.reactor.after_each()

    def signal_group(self, pid: int, number: int) -> None:
        """What `os.killpg` would do."""
        for process in self.processes:
            if process.pid == pid and process.is_alive:
                if number == signal.SIGKILL:
                    process.was_signalled = True
                    process.exit(signal.SIGKILL)
                else:
                    process.term()

    def kill_leftovers(self, marks: Collection[str], groups: Collection[int]) -> None:
        """What the function of this name would do."""
        for process in self.processes:
            if process.is_alive and (process.mark in marks or process.pid in groups):
                process.was_signalled = True
                process.exit(signal.SIGKILL)

    def live(self) -> list[Process]:
        """The processes in which user code runs."""
        self.processes = [process for process in self.processes if process.is_alive]
        return [process for process in self.processes if process.is_user_code_running]

    # --- told to the checks -------------------------------------------------------------------

    def began(self, process: Process) -> None:
        named = (process.key, process.attempt.try_number)
        self.world.truth.began(process)
        self.calls[named] = self.calls.get(named, 0) + 1

    def ended(self, process: Process, outcome: Outcome) -> None:
        self.world.truth.ended(process, outcome)

    def answered(self, process: Process, answer: Answer) -> None:
        self.world.truth.answered(process, answer)

    def upstream_of(self, key: TaskKey) -> tuple[str, ...]:
        ids: tuple[str, ...] = self.world.upstream_of(key)
        return ids

    def seconds(self, count: float) -> Any:
        return self.world.seconds(count)


def _let_go_of_files(supervisor: Supervisor) -> None:
    """Close the descriptors that the kernel would have closed."""
    kept: Any = supervisor._ledger._journal
    segments = {id(one): one for one in kept._segments.values()}
    if kept._current is not None:
        segments[id(kept._current)] = kept._current
    for segment in segments.values():
        if segment.handle >= 0:
            os.close(segment.handle)
            segment.handle = -1


__all__ = ["Habits", "Machine", "Process", "ProcessPool", "Script", "replace"]

"""The DAG of a seed: layers, fans and chains of tasks that write down what they do.

The tasks write to one file outside the product, opened for appending, a line per `write`:

    start RUN TASK TRY PID CLOCK
    child RUN TASK TRY PID START-TIME
    end RUN TASK TRY PID CLOCK

with the monotonic clock in nanoseconds, which all processes of a machine share.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

DAG_ID = "chaos"

_FILE = '''"""Written by tests/chaos."""

import contextlib
import json
import os
import subprocess
import time
from datetime import timedelta
from pathlib import Path

from chaos_triggers import Nap

from tradewind import DAG, BaseOperator, task

JOURNAL = {journal!r}
TASKS = json.loads({tasks!r})


def say(word, ti, *more):
    words = (word, ti.run_id, ti.task_id, ti.try_number, *more)
    handle = os.open(JOURNAL, os.O_WRONLY | os.O_APPEND)
    os.write(handle, (" ".join(map(str, words)) + "\\n").encode())
    os.close(handle)


def start_time(pid):
    return Path(f"/proc/{{pid}}/stat").read_text().rpartition(")")[2].split()[19]


def child(ti, pid):
    say("child", ti, pid, start_time(pid))


def daemon(ti):
    """A process that neither parent, group, session nor a new program tells from others."""
    told, tell = os.pipe()
    middle = os.fork()
    if middle == 0:
        os.setsid()
        if os.fork() == 0:
            os.write(tell, str(os.getpid()).encode())
            time.sleep(60)
        os._exit(0)
    os.waitpid(middle, 0)
    pid = int(os.read(told, 20))
    child(ti, pid)
    return pid


class Waits(BaseOperator):
    """Defers first, and does its work where it goes on."""

    def execute(self, context):
        self.defer(trigger=Nap(0.2), method_name="go_on")

    def go_on(self, context, event):
        say("start", context["ti"], os.getpid(), time.monotonic_ns())
        time.sleep(0.05)
        say("end", context["ti"], os.getpid(), time.monotonic_ns())


with DAG({dag_id!r}, schedule=None, max_active_tasks={max_active_tasks}):

    @task
    def work(kind, ti=None):
        say("start", ti, os.getpid(), time.monotonic_ns())
        if kind == "slow":
            time.sleep(0.3)
        elif kind == "pushes":
            for number in range(5):
                ti.xcom_push("number", number)
        elif kind == "program":
            program = subprocess.Popen(["sleep", "60"], start_new_session=True)
            child(ti, program.pid)
            time.sleep(0.1)
            program.kill()
            program.wait()
        elif kind.startswith("sleeps "):
            time.sleep(float(kind.split()[1]))
        elif kind == "family" and ti.try_number == 1:
            child(ti, subprocess.Popen(["sleep", "60"], start_new_session=True).pid)
            subprocess.Popen(["sh", "-c", "setsid sleep 60 & sleep 60 & wait"])
            daemon(ti)
            say("complete", ti, os.getpid(), time.monotonic_ns())
            time.sleep(60)
        elif kind == "daemon":
            pid = daemon(ti)
            time.sleep(0.1)
            with contextlib.suppress(ProcessLookupError):  # it may have been taken for a task
                os.kill(pid, 9)
        say("end", ti, os.getpid(), time.monotonic_ns())

    made = {{}}
    for each in TASKS:
        arguments = dict(
            task_id=each["name"],
            retries=each["retries"],
            retry_delay=timedelta(0),
            trigger_rule="all_done" if each["goes_on"] else "all_success",
        )
        if each["kind"] == "waits":
            made[each["name"]] = Waits(**arguments)
        else:
            made[each["name"]] = work.override(**arguments)(each["kind"])
        for name in each["upstream"]:
            made[name] >> made[each["name"]]
'''


_TRIGGERS = '''"""Written by tests/chaos."""

import asyncio

from tradewind.authoring.triggers import BaseTrigger, TriggerEvent


class Nap(BaseTrigger):
    def __init__(self, seconds):
        super().__init__()
        self.seconds = seconds

    def serialize(self):
        return "chaos_triggers.Nap", {"seconds": self.seconds}

    async def run(self):
        await asyncio.sleep(self.seconds)
        yield TriggerEvent(None)
'''


@dataclass(frozen=True)
class Work:
    """One task of the DAG."""

    name: str
    kind: str
    retries: int
    upstream: tuple[str, ...]
    goes_on: bool
    """Whether it runs even if something upstream was lost."""


def make(random: Random, count: int, *, retries: tuple[int, ...] = (0, 2, 2)) -> list[Work]:
    """`count` tasks in topological order; a few of them take time, start other processes or
    wait in a trigger."""
    kinds = ("quick",) * 11 + ("pushes",) * 3 + ("waits",) * 2 + ("slow", "program", "daemon")
    made: list[Work] = []
    ends: list[str] = []
    """What the next piece hangs on."""

    def add(upstream: list[str]) -> str:
        fragile = {work.name for work in made if work.retries == 0}
        work = Work(
            f"t{len(made):04d}",
            random.choice(kinds),
            random.choice(retries),
            tuple(upstream),
            bool(fragile.intersection(upstream)) or random.random() < 0.5,
        )
        made.append(work)
        return work.name

    while len(made) < count:
        left = count - len(made)
        piece = random.choice(("layers", "fan", "chain"))
        if piece == "layers":
            for _ in range(3):
                width = min(random.randint(2, 8), max(1, left // 3))
                ends = [
                    add(random.sample(ends, min(len(ends), random.randint(1, 3))))
                    for _ in range(width)
                ]
        elif piece == "fan":
            source = add(ends)
            ends = [add([source]) for _ in range(min(random.randint(5, 40), max(1, left - 1)))]
        else:
            for _ in range(min(random.randint(3, 12), left)):
                ends = [add(ends[:4])]
    return made[:count]


def write(tasks: list[Work], dags_folder: Path, journal: Path, max_active_tasks: int) -> None:
    """Write the DAG file, and the empty journal."""
    dags_folder.mkdir(parents=True, exist_ok=True)
    journal.touch()
    (dags_folder / "chaos_triggers.py").write_text(_TRIGGERS)
    (dags_folder / "chaos.py").write_text(
        _FILE.format(
            journal=str(journal),
            tasks=json.dumps([asdict(one) for one in tasks]),
            dag_id=DAG_ID,
            max_active_tasks=max_active_tasks,
        )
    )

"""Stands in for the scheduler: dispatches attempts through the local executor and hears of them."""

import json
import select
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.patience import PATIENCE_S
from tradewind.config.settings import Core, Logging, Settings
from tradewind.executors.local import LocalExecutor
from tradewind.executors.protocol import Question
from tradewind.model.attempts import Attempt, Outcome, RunFacts
from tradewind.model.events import AttemptEnded, Event, XComPushed
from tradewind.model.keys import TaskKey
from tradewind.model.log_paths import log_path
from tradewind.model.requests import PullXCom
from tradewind.model.states import RunType, TaskState

NOW = datetime(2024, 1, 1, tzinfo=UTC)


def make_settings(home: Path, **core: Any) -> Settings:
    """Settings of a home of its own, with its folders."""
    (home / "dags").mkdir(parents=True, exist_ok=True)
    core = {"killed_task_cleanup_time": 1, **core}
    return Settings(
        home=home,
        core=Core(dags_folder=home / "dags", plugins_folder=home / "plugins", **core),
        logging=Logging(base_log_folder=home / "logs"),
    )


def code_hash_of(file: Path, dags_folder: Path) -> str:
    """Found in a process of its own: reading a file may leave threads, sockets and more behind."""
    program = (
        "import os, sys; from pathlib import Path; from tradewind.authoring import dag_file\n"
        "loaded = dag_file.load(Path(sys.argv[1]), dags_folder=Path(sys.argv[2]),"
        " plugins_folder=None)\n"
        "print(loaded.code_hash, flush=True)\n"
        "os._exit(0)"  # so that the file does nothing any more
    )
    command = [sys.executable, "-c", program, file, dags_folder]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.split()[-1]


class Partner:
    """One scheduler's worth of conversation, kept in `events`."""

    def __init__(self, settings: Settings, epoch: int = 1) -> None:
        self.settings = settings
        self.epoch = epoch
        self.events: list[Event] = []
        self.xcoms: dict[tuple[str, str], Any] = {}
        self.answers: dict[str, Any] = {}
        """By the name of the request's class."""
        self.acknowledges: Callable[[Outcome], TaskState | None] = lambda outcome: TaskState.SUCCESS
        self.attempts: dict[str, Attempt] = {}
        self.executor = LocalExecutor(settings)
        self._serial = 0

    def start(self, tokens: set[str] | None = None) -> list[Event]:
        self.executor.start(self.epoch)
        return self.executor.reconcile(tokens or set())

    def write_dag(self, name: str, source: str) -> Path:
        path = self.settings.core.dags_folder / name
        path.write_text(source)
        return path

    def attempt(self, file: Path, task_id: str, code_hash: str = "", **more: Any) -> Attempt:
        """An order for a task of the DAG `d` in `file`."""
        self._serial += 1
        run = RunFacts(
            run_type=RunType.MANUAL,
            run_after=NOW,
            logical_date=NOW,
            data_interval_start=NOW,
            data_interval_end=NOW,
            start_date=NOW,
        )
        attempt = Attempt(
            token=f"{self.epoch}-{self._serial}",
            epoch=self.epoch,
            key=TaskKey("d", f"r{self._serial}", task_id),
            try_number=self._serial,
            max_tries=0,
            fileloc=str(file),
            code_hash=code_hash,
            queue="default",
            executor=None,
            run=run,
        )
        attempt = replace(attempt, **more)
        self.attempts[attempt.token] = attempt
        return attempt

    def dispatch(self, file: Path, task_id: str, code_hash: str = "", **more: Any) -> str:
        attempt = self.attempt(file, task_id, code_hash, **more)
        self.executor.dispatch(attempt)
        self.executor.flush()
        return attempt.token

    def run(self, file: Path, task_id: str, code_hash: str = "", **more: Any) -> Outcome:
        """Dispatch and wait for the end."""
        return self.end_of(self.dispatch(file, task_id, code_hash, **more))

    def until(self, found: Callable[[], Any]) -> Any:
        """Listen until `found()` is true; its value."""
        deadline = time.monotonic() + PATIENCE_S
        while not (value := found()):
            left = deadline - time.monotonic()
            assert left > 0, f"nothing came; heard {self.events}\n{self.supervisor_log()}"
            self.executor.flush()
            select.select([self.executor], [], [], left)
            self.listen()
        return value

    def listen(self) -> None:
        for message in self.executor.receive():
            if isinstance(message, Question):
                self.executor.answer(message, self._answer(message))
                continue
            self.events.append(message)
            if isinstance(message, XComPushed):
                self._keep(message.token, message.key, message.value)
            elif isinstance(message, AttemptEnded):
                for key, value in message.outcome.xcoms:
                    self._keep(message.token, key, value)
                state = self.acknowledges(message.outcome)
                if state is not None:
                    self.executor.acknowledge(message.token, state)
        self.executor.flush()

    def of(self, kind: type, token: str) -> list[Any]:
        return [
            event
            for event in self.events
            if isinstance(event, kind) and getattr(event, "token", "") == token
        ]

    def wait_for(self, kind: type, token: str) -> Any:
        """The first event of a kind that an attempt reports."""
        return self.until(lambda: self.of(kind, token))[0]

    def end_of(self, token: str) -> Outcome:
        outcome: Outcome = self.wait_for(AttemptEnded, token).outcome
        return outcome

    def log_file(self, token: str) -> Path:
        attempt = self.attempts[token]
        folder = self.settings.logging.base_log_folder
        return log_path(folder, attempt.key, attempt.try_number)

    def log(self, token: str) -> list[dict[str, Any]]:
        """The structured lines of a try's log; plain ones as {"event": line}."""
        return [
            json.loads(line) if line.startswith("{") else {"event": line}
            for line in self.log_file(token).read_text().splitlines()
        ]

    def events_in_log(self, token: str) -> list[str]:
        return [line["event"] for line in self.log(token)]

    def supervisor_log(self) -> str:
        path = self.settings.logging.base_log_folder / "supervisor.log"
        return path.read_text() if path.exists() else ""

    def code_hash(self, file: Path) -> str:
        """As the dag-processor would find it."""
        return code_hash_of(file, self.settings.core.dags_folder)

    def drop(self) -> None:
        """Lose the connection, as a scheduler that is killed does."""
        self.executor._disconnect()

    def stop(self) -> None:
        self.executor.stop(kill_tasks=True)

    def _keep(self, token: str, key: str, value: Any) -> None:
        self.xcoms[self.attempts[token].key.task_id, key] = value

    def _answer(self, question: Question) -> Any:
        request = question.request
        if isinstance(request, PullXCom):
            return [
                [task_id, -1, self.xcoms[task_id, request.key]]
                for task_id in request.task_ids
                if (task_id, request.key) in self.xcoms
            ]
        return self.answers.get(type(request).__name__)

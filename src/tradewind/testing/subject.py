"""What a test runs: one DAG, from a file or at hand, and the Plan it compiles to."""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tradewind.authoring import configuration, dag_file
from tradewind.authoring.compile import compile_dag
from tradewind.authoring.dag import DAG
from tradewind.authoring.host import use
from tradewind.config.settings import Settings
from tradewind.model.errors import InvalidDag, NotFound
from tradewind.model.parsed import ParsedFile
from tradewind.model.plan import Plan, ScheduleSpec
from tradewind.model.requests import Request
from tradewind.testing.answers import Answer


@dataclass(frozen=True, slots=True)
class Subject:
    """One DAG and its Plan."""

    dag: DAG
    plan: Plan
    fileloc: Path

    def without_start_triggers(self, named: re.Pattern[str]) -> "Subject":
        """The same, where tasks whose id `named` fits begin in no trigger."""
        tasks = tuple(
            replace(task, start_trigger=None) if named.search(task.task_id) else task
            for task in self.plan.tasks
        )
        return replace(self, plan=replace(self.plan, tasks=tasks))

    def as_parsed(self) -> ParsedFile:
        """As the loader would hand it to the store, but without a schedule of its own: the run
        that is asked for shall be the only one."""
        plan = replace(self.plan, schedule=ScheduleSpec(), is_paused_upon_creation=None)
        return ParsedFile(
            fileloc=str(self.fileloc),
            relative_fileloc=self.fileloc.name,
            plans=(plan,),
            code_hash="test",
        )


def find(source: DAG | Path, dag_id: str | None, settings: Settings, answer: Answer) -> Subject:
    """The DAG itself, or the one of a file. Raises NotFound, InvalidDag with the one clear message.

    `dag_id` may be left out where a file has but one DAG.
    """
    configuration.use(settings)
    if isinstance(source, DAG):
        return _of(source, Path(source.fileloc), settings)
    with use(_ParseHost(answer)):
        try:
            loaded = dag_file.load(
                source,
                dags_folder=settings.core.dags_folder,
                plugins_folder=settings.core.plugins_folder,
            )
            return _of(_pick(loaded.dags, dag_id, source), source, settings)
        except NotFound:
            raise
        except (Exception, SystemExit) as error:
            raise InvalidDag(dag_file.explain(error, source)) from error


def _of(dag: DAG, fileloc: Path, settings: Settings) -> Subject:
    return Subject(dag, compile_dag(dag, defaults=settings.core), fileloc)


def _pick(dags: list[DAG], dag_id: str | None, path: Path) -> DAG:
    there = {dag.dag_id: dag for dag in dags}
    if dag_id is None and len(there) == 1:
        return dags[0]
    if dag_id in there:
        return there[dag_id]
    listed = ", ".join(sorted(there)) or "no DAG"
    wanted = "which DAG is meant?" if dag_id is None else f"there is no DAG {dag_id!r} in"
    raise NotFound(f"{wanted} {path}: it has {listed}")


class _ParseHost:
    """Answers a DAG file while it is read."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def ask(self, request: Request) -> Any:
        return self._answer(request)

    def push_xcom(self, key: str, value: Any) -> None:
        raise NotFound(f"XCom {key!r} can only be pushed by a task, not while its file is read")

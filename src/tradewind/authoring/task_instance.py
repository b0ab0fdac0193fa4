"""`ti` in the context: the running try, and how it reaches other tasks' values."""

import contextlib
import logging
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tradewind.authoring import configuration, serde, xcoms
from tradewind.authoring.host import Host
from tradewind.authoring.lazy import LazyModule
from tradewind.authoring.notset import NOTSET
from tradewind.authoring.run_facts import DagRun, moment
from tradewind.authoring.run_questions import RunQuestions
from tradewind.authoring.timezone import plain_utc
from tradewind.authoring.xcom_arg import XCOM_RETURN_KEY
from tradewind.model.attempts import Attempt
from tradewind.model.requests import PreviousRun, PreviousTask, PullXCom
from tradewind.model.states import TaskState

if TYPE_CHECKING:
    from tradewind.authoring import old_attributes
    from tradewind.authoring.operator import BaseOperator
else:
    old_attributes = LazyModule("tradewind.authoring.old_attributes")


class RuntimeTaskInstance(RunQuestions):
    """One try of one task instance, as its own process knows it."""

    __module__ = "airflow.sdk.execution_time.task_runner"

    dag_id: str
    run_id: str
    task_id: str
    map_index: int
    try_number: int
    task: "BaseOperator"
    dag_run: DagRun

    def __init__(
        self, attempt: Attempt, task: "BaseOperator", host: Host, *, profile: int = 3
    ) -> None:
        self.id = attempt.token
        self.dag_id, self.run_id, self.task_id, self.map_index = attempt.key
        self.try_number = attempt.try_number
        self.max_tries = attempt.max_tries
        self.queue = attempt.queue
        self.task = task
        self.state = TaskState.RUNNING
        self.start_date: datetime | None = None
        self.end_date: datetime | None = None
        self.hostname: str = ""
        self.rendered_map_index: str | None = None
        self.is_mapped = attempt.key.map_index >= 0
        self.dag_run = DagRun(attempt, keeps_old_names=profile == 2)
        self._began_at = attempt.began_at if attempt.reschedules else None
        self._host = host
        self._profile = profile
        self._context: dict[str, Any] = {}
        if profile == 2:
            self._add_old_names_to(self.dag_run)

    def _add_old_names_to(self, run: DagRun) -> None:
        """What 2.x let a task ask its run."""
        run.dag = self.task.dag
        run.get_previous_dagrun = self.get_previous_dagrun
        run.get_task_instances = lambda state=None: old_attributes.instances(run, self._host, state)
        run.get_task_instance = lambda task_id: next(
            (one for one in run.get_task_instances() if one.task_id == task_id), None
        )

    # --- XComs ------------------------------------------------------------------------------

    def xcom_push(self, key: str, value: Any, execution_date: Any = None) -> None:
        """Hand a value to other tasks. Raises UnserialisableXCom for what is no JSON data.

        `execution_date` is of 1.10 and 2.x, and may be the run's own.
        """
        if execution_date is not None and execution_date != self.dag_run.logical_date:
            raise ValueError("an XCom belongs to the run that pushes it: leave execution_date out")
        if not isinstance(key, str) or not key:
            raise ValueError(f"the key of an XCom must be a non-empty string, not {key!r}")
        self._host.push_xcom(key, xcoms.as_data(self.task_id, key, value))

    def xcom_pull(
        self,
        task_ids: str | Iterable[str] | None = None,
        dag_id: str | None = None,
        key: str | None = XCOM_RETURN_KEY,
        include_prior_dates: bool = False,
        *,
        map_indexes: Any = NOTSET,
        default: Any = None,
        run_id: str | None = None,
    ) -> Any:
        """The value a task pushed, or the list of them for several tasks or map indexes.

        task_ids=None is this task; in profile 2 any task of the run, and key=None any key: what
        was pushed last.
        """
        if key is None and self._profile == 3:
            raise ValueError("xcom_pull needs a key: key=None, all keys at once, is not supported")
        is_single = task_ids is None or isinstance(task_ids, str)
        asked = self._asked(task_ids)
        if dag_id is None and self.task.task_group is not None:
            asked = tuple(self.task.task_group.id_within(task_id) for task_id in asked)
        rows = self._host.ask(
            PullXCom(
                dag_id=dag_id or self.dag_id,
                run_id=run_id or self.run_id,
                key=key,
                task_ids=asked,
                map_indexes=_indexes(map_indexes),
                include_prior_dates=include_prior_dates,
            )
        )
        if isinstance(map_indexes, Iterable):
            found = {(name, index): value for name, index, value in rows}
            places = [(name, index) for name in asked for index in _indexes(map_indexes)]
            return [
                serde.deserialize(found[place]) if place in found else default for place in places
            ]
        keeps_lists = self._profile == 2 and any(index >= 0 for _, index, _ in rows)
        return _arranged(rows, asked, is_single=is_single, default=default, keeps_lists=keeps_lists)

    def _asked(self, task_ids: str | Iterable[str] | None) -> tuple[str, ...]:
        if task_ids is None:
            return () if self._profile == 2 else (self.task_id,)
        return (task_ids,) if isinstance(task_ids, str) else tuple(task_ids)

    async def axcom_push(self, key: str, value: Any) -> None:
        """xcom_push, for coroutines."""
        self.xcom_push(key, value)

    async def axcom_pull(self, *args: Any, **kwargs: Any) -> Any:
        """xcom_pull, for coroutines."""
        return self.xcom_pull(*args, **kwargs)

    # --- around it --------------------------------------------------------------------------

    def get_template_context(self) -> dict[str, Any]:
        """The context of this try."""
        return self._context

    def render_templates(self, context: Any = None, jinja_env: Any = None) -> "BaseOperator":
        """Render the task's template fields."""
        self.task.render_template_fields(context or self._context, jinja_env)
        return self.task

    def get_previous_dagrun(self, state: str | None = None) -> Any:
        """Facts of the run before this one, or None."""
        before = self.dag_run.logical_date
        if before is None:
            return None
        return previous_run(self._host, self.dag_id, before, state)

    def get_previous_ti(
        self, state: Any = None, logical_date: datetime | None = None, map_index: int = -1
    ) -> Any:
        """Facts of this task's instance in the run before `logical_date`, by default that of this
        run; None if there is none."""
        before = logical_date or self.dag_run.logical_date
        found = self._host.ask(
            PreviousTask(
                dag_id=self.dag_id,
                task_id=self.task_id,
                map_index=map_index,
                before=None if before is None else plain_utc(before),
                state=None if state is None else str(state),
            )
        )
        return None if found is None else PreviousTaskInstance(found)

    def get_first_reschedule_date(self, context: Any = None) -> datetime | None:
        """When this try first began, if it has asked to be called again since; else None."""
        return self._began_at

    def get_relevant_upstream_map_indexes(self, *_: Any, **__: Any) -> None:
        """Which map indexes of a task upstream concern this one: all."""

    @property
    def log(self) -> logging.Logger:
        """The task's logger."""
        return self.task.log

    @property
    def log_url(self) -> str:
        """Where its log can be read."""
        api = configuration.current().api
        base = (api.base_url or f"http://{api.host}:{api.port}").rstrip("/")
        place = f"/mapped/{self.map_index}" if self.map_index >= 0 else ""
        return (
            f"{base}/dags/{self.dag_id}/runs/{self.run_id}/tasks/{self.task_id}{place}"
            f"?try_number={self.try_number}"
        )

    @property
    def mark_success_url(self) -> str:
        """Where it can be marked."""
        return self.log_url

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_") and self._profile == 2:
            with contextlib.suppress(KeyError):
                return old_attributes.of_instance(self, name)
        hint = ": use dag_run.logical_date" if name in ("execution_date", "logical_date") else ""
        raise AttributeError(f"a task instance has no {name}{hint}")

    def __repr__(self) -> str:
        return f"<TaskInstance {self.dag_id}.{self.task_id} {self.run_id} try {self.try_number}>"


def previous_run(host: Host, dag_id: str, before: datetime, state: str | None) -> Any:
    """Facts of the latest run before `before`, as attributes; None where there is none."""
    found = host.ask(PreviousRun(dag_id=dag_id, before=plain_utc(before), state=state))
    return None if found is None else PreviousDagRun(found)


class PreviousDagRun:
    """A run before this one."""

    def __init__(self, found: dict[str, Any]) -> None:
        self.run_id: str = found["run_id"]
        self.run_type: str | None = found.get("run_type")
        self.state: str | None = found.get("state")
        for name in (
            "logical_date",
            "data_interval_start",
            "data_interval_end",
            "start_date",
            "end_date",
        ):
            text = found.get(name)
            setattr(self, name, moment(datetime.fromisoformat(text)) if text else None)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"a previous run has no {name}")


class PreviousTaskInstance:
    """A task's instance in a run before this one."""

    def __init__(self, found: dict[str, Any]) -> None:
        self.dag_id: str = found["dag_id"]
        self.task_id: str = found["task_id"]
        self.run_id: str = found["run_id"]
        self.map_index: int = found["map_index"]
        self.try_number: int = found["try_number"]
        self.state: str | None = found["state"]
        self.duration: float | None = found["duration"]
        for name in ("logical_date", "start_date", "end_date"):
            text = found[name]
            setattr(self, name, moment(datetime.fromisoformat(text)) if text else None)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"a previous task instance has no {name}")


def _indexes(map_indexes: Any) -> tuple[int, ...]:
    if map_indexes is NOTSET or map_indexes is None:
        return ()
    return (map_indexes,) if isinstance(map_indexes, int) else tuple(map_indexes)


def _arranged(
    rows: list[list[Any]],
    asked: tuple[str, ...],
    *,
    is_single: bool,
    default: Any,
    keeps_lists: bool = False,
) -> Any:
    """Rows of [task_id, map_index, value] as the caller expects them."""
    if is_single:
        values = [serde.deserialize(value) for _, _, value in rows]
        if not values:
            return default
        if not asked:  # any task: the latest
            return values[-1]
        return values if len(values) > 1 or keeps_lists else values[0]
    by_task: dict[str, list[Any]] = {task_id: [] for task_id in asked}
    for task_id, _, value in rows:
        by_task.setdefault(task_id, []).append(serde.deserialize(value))
    return [value for values in by_task.values() for value in (values or [default])]

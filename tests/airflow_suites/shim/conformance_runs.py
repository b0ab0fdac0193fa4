"""Fixtures that run tasks: on Tradewind by its own runtime, on Airflow by its own task runner.

Runs and XComs are kept in memory. What a test then reads from Airflow's database is not there, on
neither side, so that such a test is not counted.
"""

import importlib.util
import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import pytest

ON_US = importlib.util.find_spec("tradewind") is not None
DAY = datetime(2016, 1, 1, tzinfo=UTC)
Place = tuple[str, str, str, int]
"""DAG, run, task, map index."""


class NoDatabase:
    """The session of a database that nobody has: it can be handed on, not used."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"there is no database: session.{name}")


class XComs:
    """What has been pushed, as data, by place and key."""

    def __init__(self) -> None:
        self.values: dict[tuple[Place, str], Any] = {}

    def push(self, place: Place, key: str, data: Any) -> None:
        self.values[place, key] = data

    def of_task(self, dag_id: str, run_id: str, task_id: str, key: str) -> list[tuple[int, Any]]:
        """(map index, data), in order."""
        wanted = (dag_id, run_id, task_id)
        return sorted(
            (place[3], data)
            for (place, name), data in self.values.items()
            if place[:3] == wanted and name == key
        )


class Run:
    """A run, with what tests ask a DagRun."""

    def __init__(self, world: "World", dag: Any, **facts: Any) -> None:
        self.dag, self.dag_id, self.world = dag, dag.dag_id, world
        self.run_id: str = facts["run_id"]
        self.run_type: str = facts["run_type"]
        self.logical_date: datetime | None = facts["logical_date"]
        covered = facts["data_interval"]
        self.data_interval_start = getattr(covered, "start", None) or covered[0]
        self.data_interval_end = getattr(covered, "end", None) or covered[1]
        self.run_after: datetime = facts["run_after"]
        self.start_date: datetime = facts["start_date"]
        self.conf: dict[str, Any] = facts["conf"]
        self.state = facts["state"]
        self._instances: dict[tuple[str, int], Instance] = {}

    @property
    def task_instances(self) -> list["Instance"]:
        return self.get_task_instances()

    def get_task_instances(self, **_: Any) -> list["Instance"]:
        return [self.get_task_instance(task_id) for task_id in self.dag.task_dict]

    def get_task_instance(self, task_id: str, session: Any = None, *, map_index: int = -1) -> Any:
        if task_id not in self.dag.task_dict:
            return None
        key = (task_id, map_index)
        if key not in self._instances:
            self._instances[key] = Instance(self, self.dag.get_task(task_id), map_index)
        return self._instances[key]


class Instance:
    """A task instance, with what tests ask one."""

    def __init__(self, run: Run, task: Any, map_index: int) -> None:
        self.dag_run, self.task, self.map_index = run, task, map_index
        self.dag_id, self.run_id, self.task_id = run.dag_id, run.run_id, task.task_id
        self.try_number, self.max_tries = 1, task.retries
        self.state: str | None = None
        self.id = uuid.uuid4()

    @property
    def place(self) -> Place:
        return self.dag_id, self.run_id, self.task_id, self.map_index

    def set_state(self, state: Any, session: Any = None) -> None:
        self.state = state

    def run(self, **_: Any) -> "Instance":
        """Run it; what it fails with is raised."""
        ended = self.dag_run.world.run(self)
        if ended.error is not None and ended.state in ("failed", "up_for_retry"):
            raise ended.error
        return self

    def xcom_push(self, key: str, value: Any, **_: Any) -> None:
        from airflow.sdk.serde import serialize

        self.dag_run.world.xcoms.push(self.place, key, serialize(value))

    def xcom_pull(self, task_ids: str | None = None, key: str = "return_value", **_: Any) -> Any:
        from airflow.sdk.serde import deserialize

        asked = (self.dag_id, self.run_id, task_ids or self.task_id, key)
        found = self.dag_run.world.xcoms.of_task(*asked)
        return deserialize(found[-1][1]) if found else None

    def get_template_context(self, **_: Any) -> Any:
        return self.dag_run.world.context(self)

    def render_templates(self, context: Any = None, **_: Any) -> Any:
        return self.dag_run.world.rendered(self, context)


class Ended:
    """How an attempt ended."""

    def __init__(self, state: Any, error: BaseException | None, context: Any) -> None:
        self.state, self.error, self.context = state, error, context


class World:
    """What is remembered from task to task, and how one is run."""

    def __init__(self) -> None:
        self.xcoms = XComs()

    def run(self, instance: Instance) -> Ended:
        ended, skipped = self.attempt(instance)
        instance.state = ended.state
        for task_id, map_index in skipped:
            instance.dag_run.get_task_instance(task_id, map_index=map_index).state = "skipped"
        return ended

    def attempt(self, instance: Instance) -> tuple[Ended, list[tuple[str, int]]]:
        raise NotImplementedError

    def context(self, instance: Instance) -> Any:
        raise NotImplementedError

    def rendered(self, instance: Instance, context: Any) -> Any:
        raise NotImplementedError


class OnTradewind(World):
    """An attempt as its process would make it, without the process."""

    def attempt(self, instance: Instance) -> tuple[Ended, list[tuple[str, int]]]:
        from tradewind.model.states import TaskState
        from tradewind.runtime import inline

        order, host = self._order(instance), _Host(self.xcoms, instance.place)
        ran = inline.run_attempt(instance.dag_run.dag, order, host)
        may_retry = order.try_number <= order.max_tries
        states = {
            "failed": TaskState.UP_FOR_RETRY if may_retry else TaskState.FAILED,
            "failed_for_good": TaskState.FAILED,
            "reschedule": TaskState.UP_FOR_RESCHEDULE,
        }
        result = ran.outcome.result.value
        state = states.get(result) or TaskState(result)
        for key, data in ran.outcome.xcoms:
            self.xcoms.push(instance.place, key, data)
        inline.run_callbacks(ran, state, host)
        return Ended(state, ran.error, ran.context), list(ran.outcome.skips)

    def context(self, instance: Instance) -> Any:
        from tradewind.authoring import context, host

        task = instance.task.prepare_for_execution()
        answers = _Host(self.xcoms, instance.place)
        host.set_host(answers)
        dag = instance.dag_run.dag
        return context.build(self._order(instance), task, dag, host=answers)

    def rendered(self, instance: Instance, context: Any) -> Any:
        context = context or self.context(instance)
        task = context["task"]
        task.resolve_template_files()
        task.render_template_fields(context)
        return task

    def _order(self, instance: Instance) -> Any:
        from tradewind.authoring.timezone import plain_utc
        from tradewind.model.attempts import Attempt, RunFacts
        from tradewind.model.keys import TaskKey
        from tradewind.model.states import RunType

        run = instance.dag_run

        def utc(moment: datetime | None) -> datetime | None:
            return None if moment is None else plain_utc(moment)

        return Attempt(
            token="1-1",
            epoch=1,
            key=TaskKey(*instance.place),
            try_number=instance.try_number,
            max_tries=instance.max_tries,
            fileloc=run.dag.fileloc,
            code_hash="",
            queue=instance.task.queue,
            executor=None,
            run=RunFacts(
                run_type=RunType(run.run_type),
                run_after=plain_utc(run.run_after),
                logical_date=utc(run.logical_date),
                data_interval_start=utc(run.data_interval_start),
                data_interval_end=utc(run.data_interval_end),
                start_date=utc(run.start_date),
                conf=run.conf,
            ),
        )


class _Host:
    """Answers what a task asks from what has been pushed."""

    def __init__(self, xcoms: XComs, place: Place) -> None:
        self.xcoms, self.place = xcoms, place

    def ask(self, request: Any) -> Any:
        from tradewind.model.requests import AskInput, PullXCom, XComItems

        match request:
            case AskInput():
                return {"applied": True, "status": 200, "reason": ""}
            case PullXCom(map_indexes=indexes):
                return [
                    [task_id, index, data]
                    for task_id in request.task_ids
                    for index, data in self._of(request, task_id)
                    if not indexes or index in indexes
                ]
            case XComItems():
                found = [data for _, data in self._of(request, request.task_id)]
                items = found[0] if len(found) == 1 and isinstance(found[0], list) else found
                return {"count": len(items), "items": items[request.start : request.stop]}
        return None

    def _of(self, request: Any, task_id: str) -> list[tuple[int, Any]]:
        return self.xcoms.of_task(request.dag_id, request.run_id, task_id, request.key)

    def push_xcom(self, key: str, value: Any) -> None:
        self.xcoms.push(self.place, key, json.loads(json.dumps(value)))


class OnAirflow(World):
    """Airflow's own task runner, before a supervisor that answers from memory."""

    def attempt(self, instance: Instance) -> tuple[Ended, list[tuple[str, int]]]:
        import structlog

        from airflow.sdk.execution_time import task_runner

        supervisor = _Supervisor(self.xcoms)
        with self._before(supervisor):
            ti = self._runtime(instance)
            context = ti.get_template_context()
            log = structlog.get_logger(logger_name="task")
            state, _, error = task_runner.run(ti, context, log)
            context["exception"] = error
            task_runner.finalize(ti, state, context, log, error)
        named = [(one, -1) if isinstance(one, str) else tuple(one) for one in supervisor.skipped]
        return Ended(state, error, context), named

    def context(self, instance: Instance) -> Any:
        self._before(_Supervisor(self.xcoms)).start()
        return self._runtime(instance).get_template_context()

    def rendered(self, instance: Instance, context: Any) -> Any:
        with self._before(_Supervisor(self.xcoms)):
            ti = self._runtime(instance)
            return ti.render_templates(context)

    def _before(self, supervisor: Any) -> Any:
        return mock.patch(
            "airflow.sdk.execution_time.task_runner.SUPERVISOR_COMMS", supervisor, create=True
        )

    def _runtime(self, instance: Instance) -> Any:
        from airflow.sdk.api.datamodels import _generated as data
        from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance

        run = instance.dag_run
        facts = data.DagRun(
            dag_id=run.dag_id,
            run_id=run.run_id,
            logical_date=run.logical_date,
            data_interval_start=run.data_interval_start,
            data_interval_end=run.data_interval_end,
            run_after=run.run_after,
            start_date=run.start_date,
            end_date=None,
            run_type=run.run_type,
            state="running",
            conf=run.conf,
            consumed_asset_events=[],
            partition_key=None,
        )
        known = data.TIRunContext(
            dag_run=facts,
            max_tries=instance.max_tries,
            should_retry=instance.try_number <= instance.max_tries,
        )
        return RuntimeTaskInstance.model_construct(
            id=instance.id,
            task_id=instance.task_id,
            dag_id=instance.dag_id,
            run_id=instance.run_id,
            try_number=instance.try_number,
            map_index=instance.map_index,
            dag_version_id=uuid.uuid4(),
            task=instance.task,
            _ti_context_from_server=known,
            max_tries=instance.max_tries,
            start_date=datetime.now(UTC),
            state="running",
        )


class _Supervisor:
    """Answers the messages of Airflow's task runner."""

    def __init__(self, xcoms: XComs) -> None:
        self.xcoms = xcoms
        self.skipped: list[Any] = []

    def send(self, msg: Any = None, **_: Any) -> Any:
        from airflow.sdk.exceptions import ErrorType
        from airflow.sdk.execution_time import comms

        def pushed() -> list[Any]:
            rows = self.xcoms.of_task(msg.dag_id, msg.run_id, msg.task_id, msg.key)
            wanted = getattr(msg, "map_index", None)
            return [data for index, data in rows if wanted is None or index == wanted]

        match type(msg).__name__:
            case "SetXCom":
                place = msg.dag_id, msg.run_id, msg.task_id, msg.map_index
                self.xcoms.push(place, msg.key, msg.value)
            case "GetXCom":
                found = pushed()
                return comms.XComResult(key=msg.key, value=found[0] if found else None)
            case "GetXComSequenceSlice":
                return comms.XComSequenceSliceResult(root=pushed())
            case "GetXComCount":
                return comms.XComCountResponse(len=len(pushed()))
            case "SkipDownstreamTasks":
                self.skipped += msg.tasks
            case "GetVariable":
                return comms.ErrorResponse(error=ErrorType.VARIABLE_NOT_FOUND)
            case "GetConnection":
                return comms.ErrorResponse(error=ErrorType.CONNECTION_NOT_FOUND)
            case "GetPreviousDagRun":
                return comms.PreviousDagRunResult(dag_run=None)
            case "GetPrevSuccessfulDagRun":
                return comms.PrevSuccessfulDagRunResult()
        return None

    async def asend(self, msg: Any = None, **_: Any) -> Any:
        return self.send(msg)


class DagMaker:
    """Makes a DAG within a `with`, then runs of it."""

    def __init__(self, world: World, start_date: datetime) -> None:
        self.world, self.default_start_date = world, start_date
        self.session = NoDatabase()
        self.dag: Any = None

    def __call__(
        self,
        dag_id: str = "test_dag",
        schedule: Any = timedelta(days=1),
        *,
        serialized: Any = None,
        session: Any = None,
        fileloc: Any = None,
        bundle_name: Any = None,
        bundle_version: Any = None,
        **arguments: Any,
    ) -> "DagMaker":
        from airflow.sdk import DAG

        arguments.setdefault("start_date", self.default_start_date)
        self.start_date = arguments["start_date"]
        self.dag = DAG(dag_id, schedule=schedule, **arguments)
        return self

    def __enter__(self) -> Any:
        self.dag.__enter__()
        return self.dag

    def __exit__(self, *error: Any) -> None:
        self.dag.__exit__(*error)

    def create_dagrun(
        self,
        *,
        run_id: str | None = None,
        run_type: Any = "manual",
        logical_date: Any = None,
        execution_date: Any = None,
        data_interval: Any = None,
        start_date: Any = None,
        run_after: Any = None,
        conf: Mapping[str, Any] | None = None,
        state: Any = "running",
        session: Any = None,
        triggered_by: Any = None,
        **others: Any,
    ) -> Run:
        if others:
            raise TypeError(f"create_dagrun() of these fixtures has no {', '.join(others)}")
        moment = logical_date or execution_date or self.start_date
        return Run(
            self.world,
            self.dag,
            run_id=run_id or f"{run_type}__{moment.isoformat()}",
            run_type=str(getattr(run_type, "value", run_type)),
            logical_date=moment,
            data_interval=data_interval or (moment, moment),
            run_after=run_after or moment,
            start_date=start_date or moment,
            conf=dict(conf or {}),
            state=state,
        )

    def run_ti(
        self, task_id: str, dag_run: Run | None = None, *, map_index: int = -1, **_: Any
    ) -> Instance:
        run = dag_run or self.create_dagrun()
        return run.get_task_instance(task_id, map_index=map_index).run()


class RunTask:
    """Runs single tasks and keeps how the last one ended."""

    def __init__(self, maker: DagMaker) -> None:
        self._maker = maker
        self.xcom = Pushed(self)

    def __call__(
        self,
        task: Any,
        dag_id: str = "test_dag",
        run_id: str = "test_run",
        *,
        logical_date: datetime | None = None,
        start_date: datetime | None = None,
        run_type: Any = "manual",
        try_number: int = 1,
        map_index: int = -1,
        max_tries: int | None = None,
        **others: Any,
    ) -> "RunTask":
        if others:
            raise TypeError(f"run_task() of these fixtures has no {', '.join(others)}")
        if not task.has_dag():
            from airflow.sdk import DAG

            DAG(dag_id, schedule=None, start_date=DAY).add_task(task)
        self._maker.dag, self._maker.start_date = task.dag, DAY
        self.dagrun = self._maker.create_dagrun(
            run_id=run_id,
            run_type=run_type,
            logical_date=logical_date,
            start_date=start_date,
        )
        self.ti = self.dagrun.get_task_instance(task.task_id, map_index=map_index)
        self.ti.try_number = try_number
        self.ti.max_tries = task.retries if max_tries is None else max_tries
        ended = self._maker.world.run(self.ti)
        self.state, self.error, self.context = ended.state, ended.error, ended.context
        return self


class Pushed:
    """`run_task.xcom`."""

    def __init__(self, runs: RunTask) -> None:
        self._runs = runs

    def get(self, key: str = "return_value", task_id: str | None = None, **_: Any) -> Any:
        from airflow.sdk.serde import deserialize

        ti = self._runs.ti
        asked = (ti.dag_id, ti.run_id, task_id or ti.task_id, key)
        found = ti.dag_run.world.xcoms.of_task(*asked)
        return deserialize(found[-1][1]) if found else None


# --- what `tests_common` has -----------------------------------------------------------------


def run_task_instance(ti: Instance, task: Any, **_: Any) -> Instance:
    return ti.run()


def get_template_context(ti: Instance, task: Any, **_: Any) -> Any:
    return ti.get_template_context()


def render_template_fields(ti: Instance, task: Any, *, context: Any = None, **_: Any) -> Any:
    return ti.render_templates(context)


# --- fixtures --------------------------------------------------------------------------------


@pytest.fixture
def dag_maker(request: pytest.FixtureRequest) -> Iterator[DagMaker]:
    """Makes DAGs and runs of them."""
    start_date = getattr(request.module, "DEFAULT_DATE", None) or DAY
    yield DagMaker(OnTradewind() if ON_US else OnAirflow(), start_date)
    if ON_US:
        from tradewind.authoring import host

        host.set_host(None)
    else:
        mock.patch.stopall()


@pytest.fixture
def run_task(dag_maker: DagMaker) -> RunTask:
    """Runs a task and says how it ended."""
    return RunTask(dag_maker)


@pytest.fixture
def testing_dag_bundle() -> None:
    """Of no database."""


@pytest.fixture
def session() -> NoDatabase:
    """Of no database."""
    return NoDatabase()


@pytest.fixture
def create_task_instance_of_operator(dag_maker: DagMaker) -> Callable[..., Instance]:
    """A task instance of a task in a DAG of its own."""

    def create(
        operator_class: Any,
        *,
        dag_id: str,
        logical_date: Any = None,
        run_type: Any = "scheduled",
        run_id: str | None = None,
        session: Any = None,
        **arguments: Any,
    ) -> Instance:
        with dag_maker(dag_id):
            task = operator_class(**arguments)
        run = dag_maker.create_dagrun(logical_date=logical_date, run_type=run_type, run_id=run_id)
        found: Instance = run.get_task_instance(task.task_id)
        return found

    return create

"""A pytest plugin: the helper package `tests_common` that Airflow's tests import, as far as needed.

Runs in environments of its own, beside Tradewind or beside Airflow, and imports neither at its top.
It writes what became of each test to the file in CONFORMANCE_RESULTS, a JSON object per line.
"""

import asyncio
import builtins
import contextlib
import importlib.metadata
import importlib.util
import json
import os
import re
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest import mock

import conformance_runs
import pytest

pytest_plugins = ["conformance_runs"]
os.environ.setdefault("_AIRFLOW__AS_LIBRARY", "true")


def pytest_configure() -> None:
    """Airflow's own tables refer to each other by name."""
    import airflow.models
    import airflow.settings

    if not importlib.util.find_spec("tradewind"):
        airflow.settings.PLUGINS_FOLDER = os.environ["AIRFLOW__CORE__PLUGINS_FOLDER"]
    if hasattr(airflow.models, "import_all_models"):
        airflow.models.import_all_models()


TEST_S = 30
"""How long one test may take: some wait for the network."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: Any) -> Iterator[Any]:
    def end(*_: object) -> None:
        raise TimeoutError(f"took more than {TEST_S} s")

    signal.signal(signal.SIGALRM, end)
    signal.alarm(TEST_S)
    try:
        return (yield)
    finally:
        signal.alarm(0)


# --- what is written down ---------------------------------------------------------------------


def _write(line: dict[str, str]) -> None:
    with open(os.environ["CONFORMANCE_RESULTS"], "a") as file:
        file.write(json.dumps(line) + "\n")


def _reason(report: Any) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash is not None:
        return " ".join(crash.message.split())[:300]
    lines = [line for line in str(report.longrepr).splitlines() if line.startswith("E ")]
    return " ".join((lines[-1] if lines else str(report.longrepr)[-300:]).split())[:300]


def pytest_collectreport(report: Any) -> None:
    if report.failed:
        _write({"test": report.nodeid, "outcome": "not collected", "reason": _reason(report)})


def pytest_runtest_logreport(report: Any) -> None:
    if report.failed:
        _write({"test": report.nodeid, "outcome": "failed", "reason": _reason(report)})
    elif report.skipped:
        _write({"test": report.nodeid, "outcome": "skipped", "reason": str(report.longrepr)[-200:]})
    elif report.when == "call":
        _write({"test": report.nodeid, "outcome": "passed", "reason": ""})


# --- names that are not here --------------------------------------------------------------------


class Missing:
    """Stands for a name that we do not have, so that a file's other tests run. Its use fails."""

    def __init__(self, name: str) -> None:
        self.__name__ = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Missing(f"{self.__name__}.{name}")

    def __call__(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError(f"there is no {self.__name__}")

    def __repr__(self) -> str:
        return f"<there is no {self.__name__}>"

    def __mro_entries__(self, _: Any) -> tuple[type, ...]:
        return ()


def _stand_in_for_missing_names() -> None:
    """Let the files of tests, and nobody else, import names of `airflow` that are not there."""
    real = builtins.__import__

    def importing(
        name: str,
        globals: Any = None,
        locals: Any = None,
        fromlist: Any = (),
        level: int = 0,
    ) -> Any:
        asking = str((globals or {}).get("__file__", ""))
        if not (asking.startswith(os.getcwd()) and name.startswith("airflow.") and fromlist):
            return real(name, globals, locals, fromlist, level)
        found: dict[str, Any] = {}
        for each in fromlist:
            try:
                found[each] = getattr(real(name, globals, locals, (each,), level), each)
            except (ImportError, AttributeError):
                found[each] = Missing(f"{name}.{each}")
        return SimpleNamespace(**found)

    builtins.__import__ = importing


if importlib.util.find_spec("tradewind"):
    _stand_in_for_missing_names()


# --- tests_common -----------------------------------------------------------------------------


def _forget_settings() -> None:
    """Tradewind reads the environment once."""
    ours = sys.modules.get("tradewind.authoring.configuration")
    if ours is not None:
        ours.use(None)


@contextlib.contextmanager
def conf_vars(overrides: Mapping[tuple[str, str], str | None]) -> Iterator[None]:
    """Options for a while; None takes one away."""
    names = {
        f"AIRFLOW__{section.replace('.', '_').replace('-', '_')}__{key}".upper(): value
        for (section, key), value in overrides.items()
    }
    before = {name: os.environ.get(name) for name in names}

    def put(values: Mapping[str, str | None]) -> None:
        for name, value in values.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = str(value)
        _forget_settings()

    put(names)
    try:
        yield
    finally:
        put(before)


@contextlib.contextmanager
def env_vars(values: Mapping[str, str]) -> Iterator[None]:
    with mock.patch.dict(os.environ, values):
        yield


def get_provider_min_airflow_version(provider: str) -> tuple[int, ...]:
    """From what the provider requires."""
    for requirement in importlib.metadata.requires(provider) or ():
        found = re.match(r"apache-airflow>=([\d.]+)", requirement)
        if found:
            return tuple(map(int, found[1].split(".")))
    raise ValueError(f"{provider} requires no version of apache-airflow")


def mock_db_hook(hook_class: type, conn_params: Mapping[str, Any] | None = None) -> Any:
    """A DB-API hook over a cursor that is a mock, with a connection that counts its readings."""
    from airflow.models import Connection

    given = {"host": "host", "port": 1234, "schema": "schema", "login": "login"}
    given = {**given, "password": "password", "conn_type": None, **(conn_params or {})}
    given["extra"] = json.dumps(given["extra"]) if given.get("extra") else None
    connection = Connection(conn_id="default_conn_id", **given)

    class MockedDbHook(hook_class):  # type: ignore[misc, valid-type]
        conn_name_attr = "test_conn_id"
        connection_invocations = 0

        def get_conn(self) -> Any:
            conn = mock.MagicMock(name="conn")
            conn.cursor.return_value = mock.MagicMock(name="cursor", rowcount=0)
            return conn

        @classmethod
        def get_connection(cls, conn_id: str) -> Any:
            cls.connection_invocations += 1
            connection.conn_id = conn_id
            return connection

    return MockedDbHook(test_conn_id="default_conn_id")


def run_trigger(trigger: Any) -> list[Any]:
    """All its events."""

    async def gather() -> list[Any]:
        return [event async for event in trigger.run()]

    return asyncio.run(gather())


def execute_operator(operator: Any) -> tuple[Any, Any]:
    """The operator's result, run through its deferrals, and its triggers' events."""
    from airflow.exceptions import TaskDeferred

    context, events, call, kwargs = mock_context(operator), [], operator.execute, {}
    while True:
        try:
            return call(context=context, **kwargs), events
        except TaskDeferred as deferred:
            found = run_trigger(deferred.trigger)
            events += found
            call = getattr(operator, deferred.method_name)
            kwargs = {**(deferred.kwargs or {}), "event": found[0].payload if found else None}


def mock_context(task: Any) -> Any:
    """A context whose task instance keeps XComs in a dict."""
    values: dict[tuple[Any, str], Any] = {}
    ti = mock.MagicMock(name="ti", task_id=task.task_id, dag_id="dag", run_id="run", map_index=-1)

    def push(key: str, value: Any, **_: Any) -> None:
        values[task.task_id, key] = value

    def pull(task_ids: Any = None, key: str = "return_value", default: Any = None, **_: Any) -> Any:
        return values.get((task_ids or task.task_id, key), default)

    ti.xcom_push.side_effect, ti.xcom_pull.side_effect = push, pull
    return {"ti": ti, "task_instance": ti, "task": task}


class MockAiohttpClientResponse:
    """As much of aiohttp's response as a hook touches."""

    def __init__(
        self,
        *,
        status: int,
        reason: str = "",
        method: str = "GET",
        url: str = "",
        payload: Any = None,
    ) -> None:
        self.status, self.reason, self.method, self.url = status, reason, method, url
        self.payload = payload
        self.headers: dict[str, str] = {}
        self.request_info, self.history = mock.MagicMock(real_url=url), ()

    def raise_for_status(self) -> None:
        import aiohttp

        if self.status >= 400:
            raise aiohttp.ClientResponseError(
                self.request_info, self.history, status=self.status, message=self.reason
            )

    async def json(self, **_: Any) -> Any:
        return self.payload

    async def text(self, **_: Any) -> str:
        return json.dumps(self.payload)

    async def read(self) -> bytes:
        return json.dumps(self.payload).encode()

    def release(self) -> None: ...

    def close(self) -> None: ...

    async def __aenter__(self) -> "MockAiohttpClientResponse":
        return self

    async def __aexit__(self, *_: object) -> None: ...


def _mock_operators() -> dict[str, Any]:
    from airflow.sdk import BaseOperator, BaseOperatorLink

    class MockOperator(BaseOperator):
        template_fields = ("arg1", "arg2")

        def __init__(self, arg1: str = "", arg2: str = "", **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.arg1, self.arg2 = arg1, arg2

        def execute(self, context: Any) -> None: ...

    class NestedFields:
        template_fields = ("field_1", "field_2")

        def __init__(self, field_1: Any, field_2: Any) -> None:
            self.field_1, self.field_2 = field_1, field_2

    class MockOperatorWithNestedFields(BaseOperator):
        template_fields = ("arg1", "arg2")

        def __init__(self, arg1: Any = "", arg2: Any = None, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.arg1, self.arg2 = arg1, arg2

        def _render_nested_template_fields(self, content: Any, *args: Any) -> None:
            if isinstance(content, NestedFields):
                self._do_render_template_fields(content, content.template_fields, *args)
            else:
                super()._render_nested_template_fields(content, *args)

    class AirflowLink(BaseOperatorLink):
        name = "airflow"

        def get_link(self, operator: Any, *, ti_key: Any) -> str:
            return "https://airflow.apache.org"

    return dict(locals())


def _operators() -> dict[str, Any]:
    import airflow.sdk
    from airflow.providers.standard.operators import bash, empty, python

    return {
        "BaseOperator": airflow.sdk.BaseOperator,
        "BashOperator": bash.BashOperator,
        "DAG": airflow.sdk.DAG,
        "EmptyOperator": empty.EmptyOperator,
        "OperatorSerialization": Missing("Airflow's serialised form"),
        "PythonOperator": python.PythonOperator,
        "TriggerRule": airflow.sdk.TriggerRule,
        "timezone": airflow.sdk.timezone,
    }


def create_scheduler_dag(dag: Any) -> Any:
    """What Airflow's scheduler makes of a DAG: its serialised form, read again."""
    from airflow.serialization.serialized_objects import DagSerialization

    return DagSerialization.deserialize_dag(DagSerialization.serialize_dag(dag))


def _markers() -> dict[str, Any]:
    return {
        "skip_if_force_lowest_dependencies_marker": pytest.mark.skipif(False, reason=""),
        "skip_if_not_on_main": pytest.mark.skipif(False, reason=""),
    }


def _versions() -> dict[str, Any]:
    import airflow.sdk
    from airflow.sdk.definitions._internal.types import NOTSET

    names = ("3_0", "3_1", "3_1_3", "3_2", "3_3")
    return {f"AIRFLOW_V_{name}_PLUS": True for name in names} | {
        "AIRFLOW_V_3_0_1": False,
        "AIRFLOW_V_3_4_PLUS": False,
        "NOTSET": NOTSET,
        "PokeReturnValue": airflow.sdk.PokeReturnValue,
        "remove_task_decorator": Missing("the text of a function without its decorator"),
        "XCOM_RETURN_KEY": airflow.sdk.BaseXCom.XCOM_RETURN_KEY,
        "timezone": airflow.sdk.timezone,
    }


def _database() -> dict[str, Any]:
    """None of these tests has one: there is nothing to clear, and nothing can be put in."""
    cleared = ("dag_bundles", "dags", "rendered_ti_fields", "runs", "xcom")
    names = [f"clear_db_{name}" for name in cleared]
    return {
        **dict.fromkeys([*names, "clear_rendered_ti_fields"], _nothing),
        "parse_and_sync_to_db": Missing("Airflow's database"),
    }


def _nothing(*_: Any, **__: Any) -> None:
    """Clears a database that none of these tests has."""


_MODULES: dict[str, Callable[[], dict[str, Any]]] = {
    "tests_common.pytest_plugin": lambda: {"DagMaker": conformance_runs.DagMaker},
    "tests_common.test_utils.aiohttp": lambda: {
        "MockAiohttpClientResponse": MockAiohttpClientResponse
    },
    "tests_common.test_utils.common_sql": lambda: {"mock_db_hook": mock_db_hook},
    "tests_common.test_utils.compat": _operators,
    "tests_common.test_utils.config": lambda: {"conf_vars": conf_vars, "env_vars": env_vars},
    "tests_common.test_utils.dag": lambda: {
        "create_scheduler_dag": create_scheduler_dag,
        "sync_dag_to_db": Missing("Airflow's database"),
        "sync_dags_to_db": Missing("Airflow's database"),
    },
    "tests_common.test_utils.mapping": lambda: {
        "expand_mapped_task": Missing("expanding of rows"),
        "push_mapped_length": Missing("expanding of rows"),
    },
    "tests_common.test_utils.db": _database,
    "tests_common.test_utils.in_process_taskrun": lambda: {
        "pushed_xcom": Missing("Airflow's supervisor"),
        "run_task_no_db": Missing("Airflow's supervisor"),
    },
    "tests_common.test_utils.taskinstance": lambda: {
        "create_task_instance": Missing("Airflow's database"),
        "get_template_context": conformance_runs.get_template_context,
        "render_template_fields": conformance_runs.render_template_fields,
        "run_task_instance": conformance_runs.run_task_instance,
    },
    "tests_common.test_utils.markers": _markers,
    "tests_common.test_utils.mock_operators": _mock_operators,
    "tests_common.test_utils.operators.run_deferrable": lambda: {
        "execute_operator": execute_operator,
        "mock_context": mock_context,
        "run_trigger": run_trigger,
    },
    "tests_common.test_utils.providers": lambda: {
        "get_provider_min_airflow_version": get_provider_min_airflow_version
    },
    "tests_common.test_utils.version_compat": _versions,
}


class _Module(ModuleType):
    """A module whose names are made when one is asked for."""

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("__"):
            self.__dict__.update(_MODULES[self.__name__]())
            if name in self.__dict__:
                return self.__dict__[name]
        raise AttributeError(f"the shim's {self.__name__} has no {name}")


def _install() -> None:
    for name in _MODULES:
        parts = name.split(".")
        for count in range(1, len(parts)):
            package = ".".join(parts[:count])
            if package not in sys.modules:
                sys.modules[package] = ModuleType(package)
                sys.modules[package].__path__ = []
        sys.modules[name] = _Module(name)


_install()


# --- fixtures ---------------------------------------------------------------------------------


@pytest.fixture
def create_connection_without_db(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], None]:
    """Puts a Connection where hooks find it."""

    def create(connection: Any) -> None:
        fields = {
            name: getattr(connection, name)
            for name in ("conn_type", "host", "login", "password", "schema", "port", "extra")
            if getattr(connection, name) is not None
        }
        monkeypatch.setenv(f"AIRFLOW_CONN_{connection.conn_id.upper()}", json.dumps(fields))

    return create


@pytest.fixture
def create_dag_without_db() -> Callable[[str], Any]:
    """A DAG of that id."""
    from airflow.sdk import DAG

    return lambda dag_id: DAG(dag_id=dag_id, schedule=None)


@pytest.fixture
def create_task_of_operator() -> Callable[..., Any]:
    """A task in a DAG of its own."""
    from airflow.sdk import DAG

    def create(operator_class: Any, *, dag_id: str, session: Any = None, **arguments: Any) -> Any:
        with DAG(dag_id=dag_id, schedule=None):
            return operator_class(**arguments)

    return create


@pytest.fixture
def sdk_connection_not_found() -> None:
    """There is none but what the environment has."""

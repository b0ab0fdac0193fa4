"""One DAG file in a process of its own: what the fork server's child does before and after it.

The file may do anything here: hang, eat memory, crash. Only its report leaves the process.
"""

import contextlib
import ctypes
import faulthandler
import importlib
import importlib.util
import os
import resource
import signal
import socket
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from setproctitle import setproctitle

import tradewind
from tradewind.authoring import configuration
from tradewind.authoring.compile import compile_dag
from tradewind.config.settings import Settings
from tradewind.loading import frames
from tradewind.loading.parse_host import ParseHost
from tradewind.loading.read_file import read_file
from tradewind.model.codec import to_data

BROKEN = 70
"""Exit code of a child in which our own part failed."""
_PR_SET_PDEATHSIG = 1
_OFTEN_USED = (
    *("DAG", "dag", "task", "task_group", "BaseOperator", "TaskGroup", "chain", "Label"),
    *("Variable", "Connection", "Param", "TriggerRule"),
)
_OFTEN_IMPORTED = (
    "pendulum",
    "tradewind.integrations.standard.operators.bash",
    "tradewind.integrations.standard.operators.empty",
    "tradewind.integrations.standard.operators.python",
)
_OFTEN_IMPORTED_OF_AIRFLOW = (
    "airflow.sdk",
    "airflow.models",
    "airflow.decorators",
    "airflow.operators.bash",
    "airflow.operators.python",
    "airflow.providers.standard.operators.bash",
    "airflow.providers.standard.operators.empty",
    "airflow.providers.standard.operators.python",
)


def preload(settings: Settings) -> None:
    """Import once what most DAG files import, under both spellings, and what compiling needs."""
    configuration.use(settings)
    for name in _OFTEN_USED:
        getattr(tradewind, name)
    _compile_a_dag(settings)
    has_airflow = importlib.util.find_spec("airflow") is not None
    for module in _OFTEN_IMPORTED + (_OFTEN_IMPORTED_OF_AIRFLOW if has_airflow else ()):
        with contextlib.suppress(Exception):  # a file that needs it gets the error itself
            importlib.import_module(module)


def _compile_a_dag(settings: Settings) -> None:
    """A typical DAG, for the sake of the modules that are imported when they are first needed."""
    start = datetime(2024, 1, 1, tzinfo=UTC)
    with tradewind.DAG("warm_up", schedule="@daily", start_date=start, catchup=False) as dag:
        tradewind.task(lambda: None, task_id="first")() >> tradewind.BaseOperator(task_id="second")
    compile_dag(dag, defaults=settings.core)


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent ends (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def run(path: str, settings: Settings, connection: socket.socket, output: int) -> None:
    """Read `path`, report over `connection`, end the process. `output` takes what it prints."""
    os.setsid()
    die_with_parent()
    setproctitle(f"tradewind: parse {path}")
    _redirect(output)
    sys.argv = [path]
    faulthandler.enable(file=2, all_threads=False)
    me = os.getpid()
    host = ParseHost(connection)
    _write_no_core()
    parsed = read_file(
        Path(path), settings, host, _limited_memory(settings.core.dag_file_memory_limit)
    )
    if os.getpid() != me:
        os._exit(0)  # the file forked: only the original may report
    frames.send(connection, {"parsed": to_data(parsed)})
    with contextlib.suppress(Exception):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(0)


def _redirect(output: int) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(nothing)
    os.close(output)
    sys.stdout = open(1, "w", buffering=1, errors="replace", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, errors="replace", closefd=False)  # noqa: SIM115


def _write_no_core() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, hard))


@contextlib.contextmanager
def _limited_memory(mebibytes: int) -> Iterator[None]:
    """Let the address space grow by so much at most; 0 sets no limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    if mebibytes == 0 or sys.platform != "linux":
        yield
        return
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + mebibytes * 1024 * 1024
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))

"""Servers of our own for hooks to talk to, and DAGs run in this process."""

import importlib.metadata
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tradewind.authoring import configuration
from tradewind.authoring.dag import DAG


def _is_installed() -> bool:
    names = {each.metadata["Name"] for each in importlib.metadata.distributions()}
    return "apache-airflow-providers-http" in names


if not _is_installed():
    collect_ignore_glob = ["test_*.py"]


@dataclass
class Heard:
    """One request that the server got."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class WebServer:
    """Answers what `answer` says and remembers what it was asked."""

    address: str = ""
    heard: list[Heard] = field(default_factory=list)
    answer: Callable[[Heard], tuple[int, Any]] = lambda _: (200, {"ok": True})


@pytest.fixture
def web() -> Iterator[WebServer]:
    """An HTTP server on this machine."""
    state = WebServer()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            request = Heard(self.command, self.path, dict(self.headers), body)
            state.heard.append(request)
            status, content = state.answer(request)
            text = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_HEAD = _serve

        def log_message(self, *_: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        state.address = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield state
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home of its own."""
    monkeypatch.setenv("TRADEWIND_HOME", str(tmp_path / "home"))
    configuration.use(None)
    yield tmp_path / "home"
    configuration.use(None)


@dataclass
class Run:
    """What became of a run."""

    states: dict[str, str]
    results: dict[str, Any]
    """What each task returned."""


@pytest.fixture
def run() -> Callable[[DAG], Run]:
    """Runs a DAG in this process."""

    def run_all(dag: DAG) -> Run:
        result = dag.test()
        return Run(
            {key.task_id: str(task.state) for key, task in result.tasks.items()},
            {key.task_id: values.get("return_value") for key, values in result.xcoms.items()},
        )

    return run_all

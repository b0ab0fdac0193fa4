"""The log of a try over HTTP."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.scheduler.harness import chain
from tests.server.crew import Crew
from tradewind.config.settings import Settings
from tradewind.model.attempts import Result
from tradewind.model.keys import TaskKey
from tradewind.model.log_paths import log_path

LOGS = "/api/v2/dags/chain/dagRuns/r/taskInstances/a/logs"
LINE = {"timestamp": "2026-01-02T00:00:00Z", "level": "info", "logger": "task", "event": "hello"}


@pytest.fixture
def log(settings: Settings) -> Path:
    path = log_path(settings.logging.base_log_folder, TaskKey("chain", "r", "a"), 1)
    path.parent.mkdir(parents=True)
    return path


@pytest.fixture
def running(api: Any, crew: Crew) -> Crew:
    crew.load(chain("a", retries=1, retry_delay_s=0))
    api.post("/api/v2/dags/chain/dagRuns", json={"logical_date": None, "dag_run_id": "r"})
    crew.starts("a")
    return crew


def test_a_log_is_followed_page_by_page(api: Any, running: Crew, log: Path) -> None:
    log.write_text(json.dumps(LINE) + "\nplain words\nunfin")
    first = api.get(f"{LOGS}/1").json()
    assert first["content"] == [LINE, {"event": "plain words"}]
    token = first["continuation_token"]
    assert token
    with log.open("a") as file:
        file.write("ished\n")
    second = api.get(f"{LOGS}/1", params={"token": token}).json()
    assert second["content"] == [{"event": "unfinished"}]
    third = api.get(f"{LOGS}/1", params={"token": second["continuation_token"]}).json()
    assert third["content"] == []
    running.ship.executor.ends("a")
    running.load()
    last = api.get(f"{LOGS}/1", params={"token": third["continuation_token"]}).json()
    assert last == {"content": [], "continuation_token": None}


def test_text_and_lines(api: Any, running: Crew, log: Path) -> None:
    log.write_text(json.dumps(LINE) + "\nplain words")
    text = api.get(f"{LOGS}/1", headers={"Accept": "text/plain"})
    assert text.headers["content-type"].startswith("text/plain")
    assert text.text == "[2026-01-02T00:00:00Z] INFO - hello\nplain words\n"
    lines = api.get(f"{LOGS}/1", headers={"Accept": "application/x-ndjson"})
    assert [json.loads(line) for line in lines.text.splitlines()] == [
        LINE,
        {"event": "plain words"},
    ]
    full = api.get(f"{LOGS}/1", params={"full_content": True}).json()
    assert len(full["content"]) == 2
    assert full["continuation_token"] is None


def test_each_try_has_its_own(api: Any, running: Crew, log: Path) -> None:
    log.write_text("first\n")
    running.ship.executor.ends("a", Result.FAILED, reason="ValueError: no")
    running.load()
    running.runs("a")
    log.with_name("attempt=2.log").write_text("second\n")
    assert api.get(f"{LOGS}/1").json()["content"] == [{"event": "first"}]
    assert api.get(f"{LOGS}/2").json()["content"] == [{"event": "second"}]
    assert api.get(f"{LOGS}/3").status_code == 404


def test_a_log_that_is_not_there_says_why(api: Any, running: Crew) -> None:
    answer = api.get(f"{LOGS}/1")
    assert answer.status_code == 200
    assert answer.json()["content"] == [{"event": "No log: try 1 is running.", "level": "info"}]
    text = api.get(f"{LOGS}/1", headers={"Accept": "text/plain"}).text
    assert text == "No log: try 1 is running.\n"


def test_only_logs_of_task_instances_are_read(api: Any, running: Crew, tmp_path: Path) -> None:
    outside = tmp_path / "attempt=1.log"
    outside.write_text("secret")
    for path in (
        f"{LOGS}/7",
        "/api/v2/dags/chain/dagRuns/r/taskInstances/nosuch/logs/1",
        "/api/v2/dags/..%2F..%2F/dagRuns/r/taskInstances/a/logs/1",
        "/api/v2/dags/chain/dagRuns/..%2F../taskInstances/a/logs/1",
    ):
        answer = api.get(path)
        assert answer.status_code == 404, path
        assert "secret" not in answer.text
    assert api.get(f"{LOGS}/1", params={"map_index": 3}).status_code == 404
    for token in ("nonsense", "e30=", "eyJvZmZzZXQiOiAtMX0="):
        assert api.get(f"{LOGS}/1", params={"token": token}).status_code == 400

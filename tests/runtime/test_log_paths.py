"""Where logs are."""

from pathlib import Path

import pytest

from tradewind.model.keys import TaskKey
from tradewind.model.log_paths import log_path


@pytest.mark.parametrize(
    ("key", "path"),
    [
        (TaskKey("d", "r", "t"), "dag_id=d/run_id=r/task_id=t/attempt=2.log"),
        (TaskKey("d", "r", "g.t", 0), "dag_id=d/run_id=r/task_id=g.t/map_index=0/attempt=2.log"),
        (
            TaskKey("é", "manual__2024-01-01T00:00:00+00:00", "../x"),
            "dag_id=%C3%A9/run_id=manual__2024-01-01T00%3A00%3A00%2B00%3A00/task_id=..%2Fx/attempt=2.log",
        ),
    ],
)
def test_log_path(key: TaskKey, path: str) -> None:
    assert log_path(Path("/logs"), key, 2) == Path("/logs") / path

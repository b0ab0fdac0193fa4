"""ResumableJobMixin: where there is no store of a task's state, and where there is."""

import logging
from typing import Any

import pytest

from tradewind import BaseOperator, ResumableJobMixin


class Job(ResumableJobMixin, BaseOperator):
    submitted = 0

    def submit_job(self, context: Any) -> str:
        self.submitted += 1
        return f"job {self.submitted}"

    def get_job_status(self, external_id: Any, context: Any) -> str:
        return "running"

    def is_job_active(self, status: str) -> bool:
        return status == "running"

    def is_job_succeeded(self, status: str) -> bool:
        return status == "done"

    def poll_until_complete(self, external_id: Any, context: Any) -> None: ...

    def get_job_result(self, external_id: Any, context: Any) -> Any:
        return external_id

    def execute(self, context: Any) -> Any:
        return self.execute_resumable(context)


class Store(dict[str, Any]):
    def set(self, key: str, value: Any) -> None:
        self[key] = value


def test_without_a_store_each_try_submits_the_job(caplog: pytest.LogCaptureFixture) -> None:
    job = Job(task_id="t")
    with caplog.at_level(logging.WARNING):
        assert [job.execute({}), job.execute({})] == ["job 1", "job 2"]
    assert "a next try would submit the job anew" in caplog.text


def test_with_a_store_the_next_try_finds_it_again() -> None:
    job, store = Job(task_id="t"), Store()
    context = {"task_state_store": store}
    assert [job.execute(context), job.execute(context)] == ["job 1", "job 1"]
    assert store == {"remote_job_id": "job 1"}

"""ResumableJobMixin: submit an outside job once, and find it again after a failed try."""

import logging
from abc import ABC, abstractmethod
from typing import Any

from tradewind.authoring.later import Unavailable

log = logging.getLogger(__name__)


class ResumableJobMixin(ABC):
    """Keeps the job's id in the task's state store, so that the next try goes on waiting for it."""

    __module__ = "airflow.sdk.bases.resumablejobmixin"

    external_id_key: str = "remote_job_id"

    def __init__(self, *, durable: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.durable = durable

    def execute_resumable(self, context: Any) -> Any:
        """Submit the job or find it again, wait for it, and give its result."""
        store = self._store(context)
        job = store.get(self.external_id_key) if store is not None else None
        if job is not None:
            status = self.get_job_status(job, context)
            if self.is_job_succeeded(status):
                return self.get_job_result(job, context)
            if not self.is_job_active(status):
                job = None
        if job is None:
            job = self.submit_job(context)
            if store is not None and job is not None:
                store.set(self.external_id_key, job)
        self.poll_until_complete(job, context)
        return self.get_job_result(job, context)

    def _store(self, context: Any) -> Any:
        """Where the id is kept between tries; None: nowhere."""
        store = context.get("task_state_store") if self.durable else None
        if self.durable and (store is None or isinstance(store, Unavailable)):
            log.warning("there is no task state store: a next try would submit the job anew")
            return None
        return store

    @abstractmethod
    def submit_job(self, context: Any) -> Any:
        """Start the job; the answer is its id."""

    @abstractmethod
    def get_job_status(self, external_id: Any, context: Any) -> str:
        """Its state, in the words of the outside system."""

    @abstractmethod
    def is_job_active(self, status: str) -> bool:
        """Whether a job in this state still goes on."""

    @abstractmethod
    def is_job_succeeded(self, status: str) -> bool:
        """Whether a job in this state has ended well."""

    @abstractmethod
    def poll_until_complete(self, external_id: Any, context: Any) -> None:
        """Wait for its end. Raises for one that failed."""

    @abstractmethod
    def get_job_result(self, external_id: Any, context: Any) -> Any:
        """What the task returns."""

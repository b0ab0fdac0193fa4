"""What Airflow's scheduler hands its executors, as data: read and written as JSON."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from tradewind.authoring.provider_kit.task_keys import TaskInstanceKey
from tradewind.model.states import TaskState

_HOME = "airflow.executors.workloads"


class BaseWorkload:
    """Anything that an executor runs."""

    __module__ = f"{_HOME}.base"


class BundleInfo(BaseModel):
    """Which bundle, and which version of it."""

    __module__ = f"{_HOME}.base"

    name: str
    version: str | None = None


class TaskInstanceDTO(BaseModel):
    """A try of a task instance."""

    __module__ = f"{_HOME}.task"

    id: UUID
    dag_version_id: UUID
    task_id: str
    dag_id: str
    run_id: str
    try_number: int
    map_index: int = -1
    pool_slots: int
    queue: str
    priority_weight: int
    hostname: str | None = None
    context_carrier: dict[str, Any] | None = None
    parent_context_carrier: dict[str, Any] | None = None
    external_executor_id: str | None = Field(default=None, exclude=True)
    executor_config: dict[str, Any] | None = Field(default=None, exclude=True)

    @property
    def key(self) -> TaskInstanceKey:
        """Which try."""
        return TaskInstanceKey(
            self.dag_id, self.task_id, self.run_id, self.try_number, self.map_index
        )


class _OfADagFile(BaseModel, BaseWorkload):
    token: str = Field(repr=False)
    dag_rel_path: Path
    bundle_info: BundleInfo
    log_path: str | None


class ExecuteTask(_OfADagFile):
    """Run a try of a task."""

    __module__ = f"{_HOME}.task"

    ti: TaskInstanceDTO
    sentry_integration: str = ""
    type: Literal["ExecuteTask"] = Field(init=False, default="ExecuteTask")

    @property
    def key(self) -> TaskInstanceKey:
        """Which try."""
        return self.ti.key

    @property
    def display_name(self) -> str:
        """For logs."""
        return str(self.ti.id)

    @property
    def success_state(self) -> TaskState:
        """When it has gone well."""
        return TaskState.SUCCESS

    @property
    def failure_state(self) -> TaskState:
        """When it has not."""
        return TaskState.FAILED


@dataclass(frozen=True, slots=True)
class CallbackKey:
    """Which callback."""

    id: str

    def __str__(self) -> str:
        return self.id


CallbackKey.__module__ = "airflow.models.callback"


class CallbackFetchMethod(StrEnum):
    """How a callback is found."""

    __module__ = f"{_HOME}.callback"

    DAG_ATTRIBUTE = "dag_attribute"
    IMPORT_PATH = "import_path"


class CallbackDTO(BaseModel):
    """A callback."""

    __module__ = f"{_HOME}.callback"

    id: str
    fetch_method: CallbackFetchMethod
    data: dict[str, Any]

    @property
    def key(self) -> CallbackKey:
        """Which callback."""
        return CallbackKey(self.id)


class ExecuteCallback(_OfADagFile):
    """Call a callback."""

    __module__ = f"{_HOME}.callback"

    callback: CallbackDTO
    type: Literal["ExecuteCallback"] = Field(init=False, default="ExecuteCallback")


class TestConnection(BaseModel, BaseWorkload):
    """Try a connection."""

    __module__ = f"{_HOME}.connection_test"
    __test__ = False

    token: str = Field(repr=False)
    connection_test_id: UUID
    connection_id: str
    timeout: int
    queue: str | None = None
    type: Literal["TestConnection"] = Field(init=False, default="TestConnection")


class RunTrigger(BaseModel):
    """Run a trigger."""

    __module__ = f"{_HOME}.trigger"

    id: int
    classpath: str
    encrypted_kwargs: str
    ti: TaskInstanceDTO | None = None
    timeout_after: datetime | None = None
    type: Literal["RunTrigger"] = Field(init=False, default="RunTrigger")


All = Annotated[
    ExecuteTask | ExecuteCallback | RunTrigger | TestConnection, Field(discriminator="type")
]
ExecutorWorkload = Annotated[
    ExecuteTask | ExecuteCallback | TestConnection, Field(discriminator="type")
]

"""The exceptions of `airflow.sdk.exceptions` and `airflow.exceptions`, under the same names.

Tasks raise them to steer their own outcome; the constructors of `authoring` raise the others.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum
from http import HTTPStatus
from typing import Any

from tradewind.model.errors import InvalidDag, InvalidSchedule

_SDK = "airflow.sdk.exceptions"
_CORE = "airflow.exceptions"


class AirflowException(Exception):
    """Base of what DAG authors raise and catch."""

    __module__ = _SDK
    status_code = HTTPStatus.INTERNAL_SERVER_ERROR


class AirflowBadRequest(AirflowException):
    """The request cannot be understood."""

    __module__ = _CORE
    status_code = HTTPStatus.BAD_REQUEST


class AirflowNotFoundException(AirflowException):
    """The thing asked for does not exist."""

    __module__ = _SDK
    status_code = HTTPStatus.NOT_FOUND


class AirflowConfigException(AirflowException):
    """An option is missing or cannot have its value."""

    __module__ = "airflow._shared.configuration.exceptions"


class AirflowOptionalProviderFeatureException(AirflowException):
    """A feature needs a package that is not installed."""

    __module__ = _SDK


class AirflowSecretsBackendAccessDenied(PermissionError):
    """The secrets backend refuses."""

    __module__ = _SDK


class ErrorType(Enum):
    """What an AirflowRuntimeError is about."""

    __module__ = _SDK

    CONNECTION_NOT_FOUND = "CONNECTION_NOT_FOUND"
    VARIABLE_NOT_FOUND = "VARIABLE_NOT_FOUND"
    XCOM_NOT_FOUND = "XCOM_NOT_FOUND"
    ASSET_NOT_FOUND = "ASSET_NOT_FOUND"
    DAGRUN_ALREADY_EXISTS = "DAGRUN_ALREADY_EXISTS"
    PERMISSION_DENIED = "PERMISSION_DENIED"
    GENERIC_ERROR = "GENERIC_ERROR"
    API_SERVER_ERROR = "API_SERVER_ERROR"


class ErrorResponse:
    """What an AirflowRuntimeError carries: the kind of error and its details."""

    def __init__(self, error: ErrorType, detail: dict[str, Any] | None = None) -> None:
        self.error = error
        self.detail = detail


class AirflowRuntimeError(Exception):
    """What was asked for while running does not exist or is refused; see `.error.error`."""

    __module__ = _SDK

    def __init__(self, error: ErrorResponse) -> None:
        self.error = error
        detail = error.detail or {}
        super().__init__(detail.get("message") or f"{error.error.value}: {detail}")


class AirflowTimetableInvalid(AirflowException, InvalidSchedule):
    """A schedule cannot be followed."""

    __module__ = _SDK


class AirflowDagCycleException(AirflowException, InvalidDag):
    """Tasks wait for each other in a circle; `site` is the author's line of one of them."""

    __module__ = _SDK
    site: object = None


class AirflowDagDuplicatedIdException(AirflowException, InvalidDag):
    """Two DAGs of one file have the same id; `site` is the author's line of the second."""

    __module__ = _CORE
    site: object = None


class DuplicateTaskIdFound(AirflowException, InvalidDag):
    """Two tasks or groups of a DAG have the same id."""

    __module__ = _SDK


class TaskAlreadyInTaskGroup(AirflowException, InvalidDag):
    """A task was added to a second group."""

    __module__ = _SDK


class FailFastDagInvalidTriggerRule(AirflowException, InvalidDag):
    """A fail_fast DAG has a task that would run after a failure."""

    __module__ = _SDK


class ParamValidationError(AirflowException, ValueError):
    """A param has a value its schema does not allow."""

    __module__ = _SDK


class NodeNotFound(AirflowNotFoundException, KeyError):
    """No task or group has this id."""

    __module__ = _SDK


class TaskNotFound(NodeNotFound):
    """No task has this id."""

    __module__ = _SDK


class TaskAlreadyRunningError(AirflowException):
    """The task instance is running already."""

    __module__ = _SDK


class AirflowSkipException(AirflowException):
    """Raise it to end a task as skipped."""

    __module__ = _SDK


class AirflowFailException(AirflowException):
    """Raise it to fail a task without a further try."""

    __module__ = _SDK


class AirflowInactiveAssetInInletOrOutletException(AirflowException):
    """A task reads or writes an asset that no DAG refers to any more."""

    __module__ = _SDK


class AirflowSensorTimeout(AirflowException):
    """A sensor waited as long as it may; never retried."""

    __module__ = _SDK


class AirflowTaskTimeout(BaseException):
    """A task took longer than its execution_timeout."""

    __module__ = _SDK


class AirflowTaskTerminated(BaseException):
    """A task was told to stop."""

    __module__ = _SDK


class AirflowRescheduleException(AirflowException):
    """Raise it to be called again at `reschedule_date` without counting a try."""

    __module__ = _SDK

    def __init__(self, reschedule_date: datetime) -> None:
        super().__init__(f"to be called again at {reschedule_date}")
        self.reschedule_date = reschedule_date


class DownstreamTasksSkipped(AirflowException):
    """Raise it to succeed and skip the named tasks."""

    __module__ = _SDK

    def __init__(self, *, tasks: str | Sequence[str | tuple[str, int]]) -> None:
        super().__init__(f"skips {tasks}")
        self.tasks = tasks
        self.named: tuple[tuple[str, int], ...] = tuple(
            (item, -1) if isinstance(item, str) else (str(item[0]), int(item[1]))
            for item in ([tasks] if isinstance(tasks, str) else tasks)
        )
        """task_id and map_index of each."""
        self.result: Any = None
        """What the task returns where it can return something besides: in files of Airflow 2."""


class DagRunTriggerException(AirflowException):
    """Raised by a task that makes a run of another DAG, with what that run is to be."""

    __module__ = _SDK

    def __init__(
        self,
        *,
        trigger_dag_id: str,
        dag_run_id: str,
        conf: dict[str, Any] | None,
        reset_dag_run: bool,
        skip_when_already_exists: bool,
        wait_for_completion: bool,
        allowed_states: list[str],
        failed_states: list[str],
        poke_interval: int,
        deferrable: bool,
        logical_date: datetime | None = None,
        run_after: datetime | None = None,
        note: str | None = None,
    ) -> None:
        super().__init__(f"makes the run {dag_run_id} of DAG {trigger_dag_id}")
        self.trigger_dag_id = trigger_dag_id
        self.dag_run_id = dag_run_id
        self.conf = conf
        self.logical_date = logical_date
        self.run_after = run_after
        self.reset_dag_run = reset_dag_run
        self.skip_when_already_exists = skip_when_already_exists
        self.wait_for_completion = wait_for_completion
        self.allowed_states = allowed_states
        self.failed_states = failed_states
        self.poke_interval = poke_interval
        self.deferrable = deferrable
        self.note = note


class _Interruption(BaseException):
    """Ends a process while the task goes on: `method_name` is called when what it waits for has
    come."""

    def __init__(
        self,
        *,
        method_name: str,
        kwargs: dict[str, Any] | None = None,
        timeout: timedelta | float | None = None,
    ) -> None:
        super().__init__(f"goes on in {method_name}")
        self.method_name = method_name
        self.kwargs = kwargs
        if timeout is not None and not isinstance(timeout, timedelta):
            if isinstance(timeout, bool) or not isinstance(timeout, int | float):
                raise ValueError(f"timeout must be a timedelta or seconds, not {timeout!r}")
            timeout = timedelta(seconds=timeout)
        self.timeout: timedelta | None = timeout


class TaskDeferred(_Interruption):
    """Raised by `defer`: the task waits in a trigger."""

    __module__ = _SDK

    def __init__(
        self,
        *,
        trigger: Any,
        method_name: str,
        kwargs: dict[str, Any] | None = None,
        timeout: timedelta | float | None = None,
    ) -> None:
        super().__init__(method_name=method_name, kwargs=kwargs, timeout=timeout)
        self.trigger = trigger

    def __repr__(self) -> str:
        return f"<TaskDeferred trigger={self.trigger} method={self.method_name}>"


class TaskAwaitingInput(_Interruption):
    """The task waits for somebody's answer."""

    __module__ = _SDK


class TaskDeferralError(AirflowException):
    """The trigger that a task waited in failed."""

    __module__ = _SDK


class TaskDeferralTimeout(AirflowException):
    """A task waited in a trigger as long as it may."""

    __module__ = _SDK


class XComForMappingNotPushed(TypeError):
    """A task that another one is expanded over returned nothing."""

    __module__ = _SDK

    def __str__(self) -> str:
        return "did not push an XCom for task mapping: return a list or a dict"


class UnmappableXComTypePushed(TypeError):
    """A task that another one is expanded over returned something without items."""

    __module__ = _SDK

    def __init__(self, value: Any, *values: Any) -> None:
        super().__init__(value, *values)

    def __str__(self) -> str:
        return f"unmappable return type {type(self.args[0]).__qualname__!r}: return a list or dict"


class XComNotFound(AirflowException):
    """A task that should have pushed a value did not."""

    __module__ = _SDK

    def __init__(self, dag_id: str, task_id: str, key: str) -> None:
        super().__init__()
        self.dag_id = dag_id
        self.task_id = task_id
        self.key = key

    def __str__(self) -> str:
        return f"task {self.task_id!r} of DAG {self.dag_id!r} has pushed no XCom {self.key!r}"


class SerializationError(AirflowException):
    """A DAG cannot be turned into data."""

    __module__ = _CORE


class DeserializationError(Exception):
    """Stored data cannot be turned into an object."""

    __module__ = _CORE


class DeserializingResultError(ValueError):
    """A result that another interpreter wrote cannot be read here."""

    __module__ = _CORE

    def __str__(self) -> str:
        return (
            "the result of the other interpreter cannot be read here; are the packages that it is "
            "made of installed in both?"
        )


class DagNotFound(AirflowNotFoundException):
    """No DAG has this id."""

    __module__ = _CORE


class DagRunNotFound(AirflowNotFoundException):
    """No run has this id."""

    __module__ = _CORE


class TaskInstanceNotFound(AirflowNotFoundException):
    """There is no such task instance."""

    __module__ = _CORE


class PoolNotFound(AirflowNotFoundException):
    """No pool has this name."""

    __module__ = _CORE


class DagRunAlreadyExists(AirflowBadRequest):
    """A run with this id or logical date is there already."""

    __module__ = _CORE


class AirflowProviderDeprecationWarning(DeprecationWarning):
    """A provider package will drop this."""

    __module__ = _CORE


class RemovedInAirflow4Warning(DeprecationWarning):
    """This spelling works, and has a newer one."""

    __module__ = _CORE

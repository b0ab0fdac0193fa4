"""What the sensors and operators of the standard provider raise."""

from tradewind.authoring.errors import AirflowException


class AirflowExternalTaskSensorException(AirflowException):
    """Base of what ExternalTaskSensor raises."""


class ExternalDagNotFoundError(AirflowExternalTaskSensorException):
    """The DAG waited for does not exist."""


class ExternalDagDeletedError(AirflowExternalTaskSensorException):
    """The DAG waited for is gone."""


class ExternalTaskNotFoundError(AirflowExternalTaskSensorException):
    """The task waited for does not exist."""


class ExternalTaskGroupNotFoundError(AirflowExternalTaskSensorException):
    """The task group waited for does not exist."""


class ExternalTaskFailedError(AirflowExternalTaskSensorException):
    """The task waited for failed."""


class ExternalTaskGroupFailedError(AirflowExternalTaskSensorException):
    """The task group waited for failed."""


class ExternalDagFailedError(AirflowExternalTaskSensorException):
    """The run waited for failed."""


class DuplicateStateError(AirflowExternalTaskSensorException):
    """A state is among two of the allowed, skipped and failed ones."""


class HITLTriggerEventError(AirflowException):
    """The answer of a person could not be taken."""


class HITLTimeoutError(HITLTriggerEventError):
    """Nobody answered in time."""


class HITLRejectException(AirflowException):
    """A person rejected."""


for _error in list(vars().values()):
    if isinstance(_error, type) and _error.__module__ == __name__:
        _error.__module__ = "airflow.providers.standard.exceptions"

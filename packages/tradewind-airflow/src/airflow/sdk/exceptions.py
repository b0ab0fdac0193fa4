"""The exceptions of the task SDK."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "AirflowDagCycleException": "tradewind.authoring.errors:AirflowDagCycleException",
        "AirflowException": "tradewind.authoring.errors:AirflowException",
        "AirflowFailException": "tradewind.authoring.errors:AirflowFailException",
        "AirflowInactiveAssetInInletOrOutletException": "tradewind.authoring.errors:AirflowInactiveAssetInInletOrOutletException",
        "AirflowNotFoundException": "tradewind.authoring.errors:AirflowNotFoundException",
        "AirflowOptionalProviderFeatureException": "tradewind.authoring.errors:AirflowOptionalProviderFeatureException",
        "AirflowRescheduleException": "tradewind.authoring.errors:AirflowRescheduleException",
        "AirflowRuntimeError": "tradewind.authoring.errors:AirflowRuntimeError",
        "AirflowSecretsBackendAccessDenied": "tradewind.authoring.errors:AirflowSecretsBackendAccessDenied",
        "AirflowSensorTimeout": "tradewind.authoring.errors:AirflowSensorTimeout",
        "AirflowSkipException": "tradewind.authoring.errors:AirflowSkipException",
        "AirflowTaskTerminated": "tradewind.authoring.errors:AirflowTaskTerminated",
        "AirflowTaskTimeout": "tradewind.authoring.errors:AirflowTaskTimeout",
        "AirflowTimetableInvalid": "tradewind.authoring.errors:AirflowTimetableInvalid",
        "DownstreamTasksSkipped": "tradewind.authoring.errors:DownstreamTasksSkipped",
        "DuplicateTaskIdFound": "tradewind.authoring.errors:DuplicateTaskIdFound",
        "ErrorType": "tradewind.authoring.errors:ErrorType",
        "FailFastDagInvalidTriggerRule": "tradewind.authoring.errors:FailFastDagInvalidTriggerRule",
        "NodeNotFound": "tradewind.authoring.errors:NodeNotFound",
        "ParamValidationError": "tradewind.authoring.errors:ParamValidationError",
        "TaskAlreadyInTaskGroup": "tradewind.authoring.errors:TaskAlreadyInTaskGroup",
        "TaskAlreadyRunningError": "tradewind.authoring.errors:TaskAlreadyRunningError",
        "TaskNotFound": "tradewind.authoring.errors:TaskNotFound",
        "XComNotFound": "tradewind.authoring.errors:XComNotFound",
    },
)

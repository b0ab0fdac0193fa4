"""Health and version."""

from tradewind.server.api.schemas.answer import Answer


class BaseInfoResponse(Answer):
    status: str | None


class SchedulerInfoResponse(BaseInfoResponse):
    latest_scheduler_heartbeat: str | None


class TriggererInfoResponse(BaseInfoResponse):
    latest_triggerer_heartbeat: str | None


class DagProcessorInfoResponse(BaseInfoResponse):
    latest_dag_processor_heartbeat: str | None


class HealthInfoResponse(Answer):
    metadatabase: BaseInfoResponse
    scheduler: SchedulerInfoResponse
    triggerer: TriggererInfoResponse
    dag_processor: DagProcessorInfoResponse
    ready: bool
    """True when every component is up and well."""
    problems: list[str]
    """Why it is not ready."""


class VersionInfo(Answer):
    version: str
    git_version: str | None

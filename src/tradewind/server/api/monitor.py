"""Health and version: the routes without a login."""

from datetime import datetime

from fastapi import APIRouter

from tradewind.model.errors import EnvironmentFailure
from tradewind.model.version import VERSION
from tradewind.server.api.schemas.monitor import (
    BaseInfoResponse,
    DagProcessorInfoResponse,
    HealthInfoResponse,
    SchedulerInfoResponse,
    TriggererInfoResponse,
    VersionInfo,
)
from tradewind.server.liveness import DAG_PROCESSOR, SCHEDULER, TRIGGERER, Health
from tradewind.server.services import Here

router = APIRouter(tags=["Monitor"])

_HEALTHY, _UNHEALTHY = "healthy", "unhealthy"


@router.get("/monitor/health")
def get_health(here: Here) -> HealthInfoResponse:
    """How every component is; always 200. `ready` is true when all are up and well."""
    liveness = here.commands.liveness
    try:
        with here.database.read() as conn:
            scheduler = liveness.health(conn, SCHEDULER)
            dag_processor = liveness.health(conn, DAG_PROCESSOR)
            triggerer = liveness.health(conn, TRIGGERER)
        database_problem = here.writes.problem
        unknown = False
    except EnvironmentFailure as error:
        scheduler = dag_processor = triggerer = Health(heartbeat_at=None, problem=None)
        database_problem = str(error)
        unknown = True
    problems = [database_problem, scheduler.problem, dag_processor.problem]
    return HealthInfoResponse(
        metadatabase=BaseInfoResponse(status=_UNHEALTHY if database_problem else _HEALTHY),
        scheduler=SchedulerInfoResponse(
            status=_UNHEALTHY if unknown else _status(scheduler),
            latest_scheduler_heartbeat=_text(scheduler.heartbeat_at),
        ),
        triggerer=TriggererInfoResponse(
            status=None if triggerer.heartbeat_at is None else _status(triggerer),
            latest_triggerer_heartbeat=_text(triggerer.heartbeat_at),
        ),
        dag_processor=DagProcessorInfoResponse(
            status=_UNHEALTHY if unknown else _status(dag_processor),
            latest_dag_processor_heartbeat=_text(dag_processor.heartbeat_at),
        ),
        ready=not any(problems),
        problems=[problem for problem in problems if problem],
    )


@router.get("/version", tags=["Version"])
def get_version() -> VersionInfo:
    """The version of this server."""
    return VersionInfo(version=VERSION, git_version=None)


def _status(health: Health) -> str:
    return _UNHEALTHY if health.problem else _HEALTHY


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()

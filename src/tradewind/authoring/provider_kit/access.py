"""What may be accessed, as classes that auth managers and provider packages are annotated with."""

from dataclasses import dataclass, make_dataclass
from enum import Enum
from typing import Any

_HOME = "airflow.api_fastapi.auth.managers.models.resource_details"
AUTH_MANAGER_FASTAPI_APP_PREFIX = "/auth"
COOKIE_NAME_JWT_TOKEN = "_token"  # noqa: S105  (a name)


def _details(name: str, *fields: str) -> Any:
    made = make_dataclass(name, [(field, str | None, None) for field in fields])
    made.__module__ = _HOME
    return made


ConfigurationDetails = _details("ConfigurationDetails", "section")
ConnectionDetails = _details("ConnectionDetails", "conn_id", "team_name")
DagDetails = _details("DagDetails", "id", "team_name")
AssetDetails = _details("AssetDetails", "id")
AssetAliasDetails = _details("AssetAliasDetails", "id")
PoolDetails = _details("PoolDetails", "name", "team_name")
TeamDetails = _details("TeamDetails", "name")
VariableDetails = _details("VariableDetails", "key", "team_name")


@dataclass
class BackfillDetails:
    """A backfill."""

    id: int | None = None


BackfillDetails.__module__ = _HOME


class AccessView(Enum):
    """A page of its own rights."""

    __module__ = _HOME

    CLUSTER_ACTIVITY = "CLUSTER_ACTIVITY"
    DOCS = "DOCS"
    IMPORT_ERRORS = "IMPORT_ERRORS"
    JOBS = "JOBS"
    PLUGINS = "PLUGINS"
    PROVIDERS = "PROVIDERS"
    TRIGGERS = "TRIGGERS"
    WEBSITE = "WEBSITE"


class DagAccessEntity(Enum):
    """A part of a DAG with rights of its own."""

    __module__ = _HOME

    AUDIT_LOG = "AUDIT_LOG"
    CODE = "CODE"
    DEPENDENCIES = "DEPENDENCIES"
    HITL_DETAIL = "HITL_DETAIL"
    RUN = "RUN"
    TASK = "TASK"
    TASK_INSTANCE = "TASK_INSTANCE"
    TASK_LOGS = "TASK_LOGS"
    VERSION = "VERSION"
    WARNING = "WARNING"
    XCOM = "XCOM"

"""The menu of Airflow's pages, as auth managers filter it, and where the pages are."""

from dataclasses import dataclass
from enum import Enum
from urllib.parse import quote

from tradewind.authoring import configuration

_HOME = "airflow.api_fastapi.common.types"
API_ROOT_PATH = "/"


def build_airflow_dagrun_url(dag_id: str, run_id: str) -> str:
    """The page of a run, as users reach the server."""
    api = configuration.current().api
    base = (api.base_url or f"http://{api.host}:{api.port}").rstrip("/")
    return f"{base}/dags/{quote(dag_id, safe='')}/runs/{quote(run_id, safe='')}"


def get_cookie_path() -> str:
    """The path that cookies of a login hold for."""
    return API_ROOT_PATH


class MenuItem(Enum):
    """An entry of the menu."""

    __module__ = _HOME

    REQUIRED_ACTIONS = "Required Actions"
    ASSETS = "Assets"
    AUDIT_LOG = "Audit Log"
    CONFIG = "Config"
    CONNECTIONS = "Connections"
    DAGS = "Dags"
    DEADLINES = "Deadlines"
    DOCS = "Docs"
    JOBS = "Jobs"
    PLUGINS = "Plugins"
    POOLS = "Pools"
    PROVIDERS = "Providers"
    VARIABLES = "Variables"
    XCOMS = "XComs"


@dataclass
class ExtraMenuItem:
    """An entry that an auth manager or a plugin adds."""

    text: str
    href: str


ExtraMenuItem.__module__ = _HOME

"""`airflow.settings`: where things are. What of it is the database's is refused."""

from collections.abc import Callable
from typing import Any

from tradewind.authoring import airflow_options, configuration
from tradewind.authoring.lazy import LazyModule
from tradewind.authoring.provider_kit.no_database import refuse

pendulum: Any = LazyModule("pendulum")

_REFUSED = ("AsyncSession", "NonScopedSession", "Session", "async_engine", "engine")
DAEMON_UMASK = "0o077"
SQL_ALCHEMY_CONN = airflow_options.DEFAULTS["database", "sql_alchemy_conn"]
HEADER = "Tradewind"


def pod_mutation_hook(pod: Any) -> None:
    """Change a pod before Kubernetes gets it; a settings file may bring another."""


def task_policy(task: Any) -> None:
    """Look at or change a task as it is loaded; a settings file may bring another."""


def dag_policy(dag: Any) -> None:
    """The same for a DAG."""


def configure_orm(*_: Any, **__: Any) -> None:
    """Refused."""
    refuse("airflow.settings.configure_orm")


reconfigure_orm = prepare_engine_args = configure_orm


def __getattr__(name: str) -> Any:
    if name in _REFUSED:
        return _Refused(name)
    settings = configuration.current()
    places: dict[str, Callable[[], Any]] = {
        "AIRFLOW_HOME": lambda: str(settings.home),
        "DAGS_FOLDER": lambda: str(settings.core.dags_folder),
        "PLUGINS_FOLDER": lambda: str(settings.core.plugins_folder),
        "TIMEZONE": lambda: pendulum.timezone(settings.core.default_timezone),
    }
    if name not in places:
        raise AttributeError(f"module 'airflow.settings' has no attribute {name!r}")
    return places[name]()


class _Refused:
    """Stands for a session or an engine until it is used."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, *_: Any, **__: Any) -> Any:
        refuse(f"airflow.settings.{self._name}")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        refuse(f"airflow.settings.{self._name}.{name}")

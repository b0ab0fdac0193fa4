"""The metadata database's classes by name: they can be imported, annotated with and compared.

User code meets no database, so reading or writing through one of them says so, and what to do.
"""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from tradewind.model.errors import UserError


class NoDatabase(UserError, RuntimeError):
    """User code asked for the metadata database."""


def refuse(what: str) -> NoReturn:
    """Raises NoDatabase."""
    raise NoDatabase(
        f"{what}: DAG files and tasks have no access to the metadata database; ask the running "
        "task (context['ti'].get_task_states, get_dr_count, ...), or the REST API"
    )


class _Rows(type):
    """Of a table's class: what it has not is a question to the database."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"type object {cls.__name__!r} has no attribute {name!r}")
        refuse(f"{cls.__module__}.{cls.__name__}.{name}")


class Row(metaclass=_Rows):
    """A row of a table, as its fields say."""

    def __init__(self, **fields: Any) -> None:
        self.__dict__.update(fields)


def _table(module: str, *names: str) -> list[_Rows]:
    return [_Rows(name, (Row,), {"__module__": module}) for name in names]


(DagModel, DagTag, DagOwnerAttributes) = _table(
    "airflow.models.dag", "DagModel", "DagTag", "DagOwnerAttributes"
)
(AssetModel, AssetAliasModel, AssetEvent, TaskOutletAssetReference) = _table(
    "airflow.models.asset",
    "AssetModel",
    "AssetAliasModel",
    "AssetEvent",
    "TaskOutletAssetReference",
)
(SerializedDagModel,) = _table("airflow.models.serialized_dag", "SerializedDagModel")
(TaskReschedule,) = _table("airflow.models.taskreschedule", "TaskReschedule")
(XComModel,) = _table("airflow.models.xcom", "XComModel")
(Pool,) = _table("airflow.models.pool", "Pool")
(Log,) = _table("airflow.models.log", "Log")
(Trigger,) = _table("airflow.models.trigger", "Trigger")
(RenderedTaskInstanceFields,) = _table(
    "airflow.models.renderedtifields", "RenderedTaskInstanceFields"
)
(DBDagBag,) = _table("airflow.models.dagbag", "DBDagBag")
(Job,) = _table("airflow.jobs.job", "Job")
(SerializedDAG, LazyDeserializedDAG) = _table(
    "airflow.serialization.definitions.dag", "SerializedDAG", "LazyDeserializedDAG"
)
(SerializedBaseOperator,) = _table(
    "airflow.serialization.definitions.baseoperator", "SerializedBaseOperator"
)
(SerializedMappedOperator,) = _table(
    "airflow.serialization.definitions.mappedoperator", "SerializedMappedOperator"
)


def clear_task_instances(*_: Any, **__: Any) -> NoReturn:
    """Refused; `tasks clear` and the REST API do it."""
    refuse("airflow.models.taskinstance.clear_task_instances")


def expand_alias_to_assets(*_: Any, **__: Any) -> NoReturn:
    """Refused."""
    refuse("airflow.models.asset.expand_alias_to_assets")


def create_scheduler_operator(*_: Any, **__: Any) -> NoReturn:
    """Refused."""
    refuse("airflow.serialization.serialized_objects.create_scheduler_operator")


def trigger_dag(*_: Any, **__: Any) -> NoReturn:
    """Refused; TriggerDagRunOperator, `dags trigger` and the REST API do it."""
    refuse("airflow.api.common.trigger_dag.trigger_dag")


NEW_SESSION: Any = None
"""The default of an argument that `provide_session` fills."""


@contextmanager
def create_session(scoped: bool = True) -> Iterator[Any]:
    """Refused."""
    refuse("airflow.utils.session.create_session")
    yield


def provide_session(func: Callable[..., Any]) -> Callable[..., Any]:
    """Refuses a call that brings no session of its own."""

    @functools.wraps(func)
    def with_session(*args: Any, **kwargs: Any) -> Any:
        if kwargs.get("session") is None:
            refuse(f"{func.__module__}.{func.__qualname__} without a session")
        return func(*args, **kwargs)

    return with_session

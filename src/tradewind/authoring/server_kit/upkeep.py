"""Keeping the metadata database in shape, which provider packages would do for tables of theirs."""

import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import Any

from tradewind.authoring.logs import LoggingMixin
from tradewind.authoring.server_kit.refusals import refuse, refused

_INSTEAD = "tables of provider packages have no place in its database"


class DBLocks(IntEnum):
    """Locks on the whole database, by number."""

    __module__ = "airflow.utils.db"

    MIGRATIONS = 1
    SCHEDULER_CRITICAL_SECTION = 2

    def __str__(self) -> str:
        return f"airflow_{self.name}"


@contextmanager
def create_global_lock(*_: Any, **__: Any) -> Iterator[None]:
    """Refused."""
    refuse("airflow.utils.db.create_global_lock", _INSTEAD)
    yield


offline_migration = refused("airflow.utils.db", "_offline_migration", _INSTEAD)


def print_happy_cat(message: str) -> None:
    """Say that something is done."""
    sys.stdout.write(f"{message}\n")


class BaseDBManager(LoggingMixin):
    """Migrates tables of a package; describes them only."""

    __module__ = "airflow.utils.db_manager"

    metadata: Any
    migration_dir: str
    alembic_file: str
    version_table_name: str
    supports_table_dropping: bool = False
    revision_heads_map: dict[str, str] = {}

    def __init__(self, session: Any) -> None:
        """Refused."""
        refuse(f"{type(self).__module__}.{type(self).__qualname__}", _INSTEAD)


def callable_accepts_use_migration_files(callable_: Callable[..., Any]) -> bool:
    """Whether it has an argument `use_migration_files`, or takes any."""
    parameters = inspect.signature(callable_).parameters
    return "use_migration_files" in parameters or any(
        each.kind is each.VAR_KEYWORD for each in parameters.values()
    )

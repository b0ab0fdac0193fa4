"""What provider packages declare tables of their own with: plain SQLAlchemy.

Declaring them touches no database; Airflow's own sessions are refused (`provider_kit.no_database`).
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import TIMESTAMP, MetaData, String
from sqlalchemy.orm import registry
from sqlalchemy.types import TypeDecorator

from tradewind.authoring.configuration import conf

ID_LEN = 250
naming_convention = {
    "ix": "idx_%(column_0_N_label)s",
    "uq": "%(table_name)s_%(column_0_N_name)s_uq",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "%(table_name)s_%(column_0_name)s_fkey",
    "pk": "%(table_name)s_pkey",
}


def get_schema() -> str | None:
    """`[database] sql_alchemy_schema`, None if it is empty."""
    said = conf.get("database", "sql_alchemy_schema", fallback=None)
    return said if said and said.strip() else None


metadata = MetaData(schema=get_schema(), naming_convention=naming_convention)
Base: Any = registry(metadata=metadata).generate_base()
Base.__allow_unmapped__ = True  # classes of SQLAlchemy 1.4 annotate columns with their plain types


def StringID(*, length: int = ID_LEN, **kwargs: Any) -> String:  # noqa: N802
    """The type of a column that holds an id."""
    return String(length=length, **kwargs)


class UtcDateTime(TypeDecorator[datetime]):
    """Moments, stored and given in UTC. Raises TypeError or ValueError for what is none."""

    __module__ = "airflow.utils.sqlalchemy"

    impl = TIMESTAMP(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> datetime | None:
        """To the database."""
        if value is None:
            return None
        if not isinstance(value, datetime):
            raise TypeError(f"expected datetime.datetime, not {value!r}")
        if value.tzinfo is None:
            raise ValueError("naive datetime is disallowed")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "mysql" else moment

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """From the database."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)

"""The columns of the table: an engine, how it is set up, and its database."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

from benchmarks import airflow
from benchmarks.engine import Engine
from benchmarks.product import Tradewind
from benchmarks.workloads import Workload
from tradewind.config.settings import Core

DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True)
class Column:
    """One column. `make` takes the URL of an empty database, or None for a file in the home."""

    title: str
    database: str
    make: Callable[[str | None], Engine]
    is_other: bool = False
    is_reuse: bool = False

    def runs_of(self, work: Workload) -> int:
        """How often it does a workload; 0 for not at all."""
        if self.is_other:
            return work.against_runs
        return work.runs if work.is_for_reuse or not self.is_reuse else 0


def isolations() -> list[str]:
    """Those of the table that this product has."""
    choices = next(field for field in fields(Core) if field.name == "isolation").metadata["choices"]
    return [name for name in ("fork", "reuse") if name in choices]


def ours(databases: list[str], isolation: list[str]) -> list[Column]:
    """Tradewind's columns."""

    def column(database: str, isolation: str) -> Column:
        return Column(
            f"Tradewind, {isolation}, {DATABASES[database]}",
            database,
            lambda url: Tradewind(url, isolation),
            is_reuse=isolation == "reuse",
        )

    return [column(database, one) for one in isolation for database in databases]


def of_airflow(cache: Path, databases: list[str], profiles: list[str]) -> list[Column]:
    """Airflow's columns; installs it if need be."""
    environment = airflow.install(cache)

    def column(database: str, profile: str) -> Column:
        return Column(
            f"Airflow {airflow.VERSION}, {profile}, {DATABASES[database]}",
            database,
            lambda url: airflow.Airflow(environment, url, profile),
            is_other=True,
        )

    return [column(database, profile) for profile in profiles for database in databases]

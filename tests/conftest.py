"""Fixtures for all tests: databases of both kinds, made from a template so that each is cheap."""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests import postgresql
from tradewind.storage import schema
from tradewind.storage.database import Database

# What the caller has set for a product of theirs is none of the tests' business.
for _name in [name for name in os.environ if name.startswith(("TRADEWIND", "AIRFLOW"))]:
    del os.environ[_name]

# A shell has what it starts in the background ignore SIGINT, and every process of ours inherits it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[postgresql.Server]:
    """A PostgreSQL of this test process's own."""
    with postgresql.running() as server:
        yield server


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: postgresql.Server) -> str:
    """Name of a database with a fresh schema, to be copied."""
    name = postgresql_server.create()
    with closing(Database(postgresql_server.url(name))) as database:
        schema.create_or_upgrade(database)
    return name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with a fresh schema, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    with closing(Database(f"sqlite:///{path}")) as database:
        schema.create_or_upgrade(database)
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """URL of a fresh SQLite database."""
    path = tmp_path / "tradewind.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgresql_url(postgresql_server: postgresql.Server, postgresql_template: str) -> Iterator[str]:
    """URL of a fresh PostgreSQL database."""
    name = postgresql_server.create(template=postgresql_template)
    yield postgresql_server.url(name)
    postgresql_server.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """URL of a fresh database, once of each kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh database, once of each kind."""
    with closing(Database(database_url)) as opened:
        yield opened


@pytest.fixture
def sqlite_database(sqlite_url: str) -> Iterator[Database]:
    """A fresh SQLite database."""
    with closing(Database(sqlite_url)) as opened:
        yield opened

"""The API server in this process, with a real scheduler behind it whose executor is the test."""

import warnings
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.scheduler.harness import Ship
from tests.server.crew import Crew
from tradewind.config.load import load_settings
from tradewind.config.settings import Settings
from tradewind.model.intervals import DataInterval, RunInfo
from tradewind.server.app import create_app
from tradewind.server.auth.roles import Role
from tradewind.storage import users
from tradewind.storage.database import Database

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it would rather have another HTTP library
    from fastapi.testclient import TestClient


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return load_settings(
        {
            "HOME": str(tmp_path),
            "TRADEWIND_HOME": str(tmp_path / "home"),
            "TRADEWIND__DATABASE__URL": database_url,
        }
    )


@pytest.fixture
def crew(database: Database, settings: Settings) -> Iterator[Crew]:
    """A scheduler at work."""
    ship = Ship(database, settings.run_folder)
    with Crew(ship) as at_work:
        yield at_work
    ship.close()


@pytest.fixture
def signed_in(database: Database, settings: Settings, crew: Crew) -> Iterator[Callable[..., Any]]:
    """Makes clients: signed in with a role, or not at all for None."""
    app = create_app(settings, database, clock=crew.ship.clock, owner="api-under-test")
    services = app.state.services

    def client_of(role: Role | None) -> TestClient:
        if role is None:
            return TestClient(app)
        name = role.name.lower()
        with database.write() as conn:
            users.upsert(conn, name, password_hash="none", role=name, now=crew.ship.clock.now())
        token = services.tokens.make(name, lifetime_s=3600)
        return TestClient(app, headers={"Authorization": f"Bearer {token}"})

    with TestClient(app):
        yield client_of


@pytest.fixture
def api(signed_in: Callable[..., Any]) -> Any:
    """A client that may do everything."""
    return signed_in(Role.ADMIN)


@pytest.fixture
def interval() -> Callable[[datetime, datetime], RunInfo]:
    return lambda start, end: RunInfo(end, DataInterval(start, end))

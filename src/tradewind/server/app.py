"""The web application: routes, errors and the services they share."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from tradewind.config.secrets import fernet_key, jwt_secret
from tradewind.config.settings import Settings
from tradewind.model.clock import Clock, SystemClock
from tradewind.model.version import VERSION
from tradewind.server import errors, front_pages
from tradewind.server.api import (
    assets,
    backfills,
    connections,
    dag_runs,
    dag_sources,
    dags,
    forking,
    human_input,
    import_errors,
    marking,
    monitor,
    pools,
    task_instances,
    task_logs,
    tasks,
    variables,
    xcoms,
)
from tradewind.server.auth import routes as auth_routes
from tradewind.server.auth.tokens import Tokens
from tradewind.server.commands import Commands
from tradewind.server.heard import ChangesHeard
from tradewind.server.liveness import Liveness
from tradewind.server.plan_facts import PlanFactsCache
from tradewind.server.services import Services
from tradewind.storage.database import Database
from tradewind.storage.secrets import Cipher

API = "/api/v2"

RESOURCES = (
    monitor,
    assets,
    dag_runs,
    forking,
    # before the routes that end in a task instance's map index, which would take their place
    task_logs,
    xcoms,
    human_input,
    marking,
    task_instances,
    tasks,
    dags,
    dag_sources,
    backfills,
    import_errors,
    pools,
    variables,
    connections,
)
"""The routes below API, in the order in which they are tried."""


def create_app(
    settings: Settings,
    database: Database,
    *,
    clock: Clock | None = None,
    owner: str = "api-server",
) -> FastAPI:
    """The application. Its lifespan listens to the scheduler's bell under the name `owner`."""
    clock = clock or SystemClock()
    changes = ChangesHeard(database, owner=owner, run_folder=settings.run_folder)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        changes.start()
        try:
            yield
        finally:
            changes.stop()

    app = FastAPI(
        title="Tradewind",
        version=VERSION,
        description="Workflows as Python: schedule them, run them, look at them.",
        lifespan=lifespan,
        docs_url=None,  # FastAPI's own page loads its scripts from elsewhere
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.services = Services(
        settings=settings,
        database=database,
        clock=clock,
        cipher=Cipher(fernet_key(settings)),
        tokens=Tokens(jwt_secret(settings), clock),
        commands=Commands(
            database=database,
            clock=clock,
            changes=changes,
            liveness=Liveness(clock=clock),
            timeout_s=settings.api.command_timeout,
        ),
        plan_facts=PlanFactsCache(),
    )
    errors.install(app)
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    app.include_router(front_pages.router)
    app.include_router(auth_routes.router)
    for resource in RESOURCES:
        app.include_router(resource.router, prefix=API)
    return app

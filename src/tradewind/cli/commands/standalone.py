"""`tradewind standalone`."""

import sys

import click

from tradewind.cli import standalone as supervising
from tradewind.cli.lazy import Command
from tradewind.config.airflow_package import check_airflow_package
from tradewind.config.load import load_settings
from tradewind.config.settings import Settings
from tradewind.model.clock import SystemClock
from tradewind.server.auth.first_user import FirstUser, create_first_user
from tradewind.server.listening import listen
from tradewind.storage import leader, schema
from tradewind.storage.database import Database


@click.command(cls=Command)
@click.option("-H", "--host", help="Address to listen on; 127.0.0.1 if nothing else is set.")
@click.option(
    "-p", "--port", type=click.IntRange(0, 65535), help="Port to listen on; 8080 if not set."
)
def standalone(host: str | None, port: int | None) -> None:
    """Run everything with one command: scheduler, DAG processor and API server.

    Ctrl-C stops it and everything it started, running tasks included.
    """
    check_airflow_package()
    settings = load_settings()
    settings = supervising.with_address(
        settings,
        settings.api.host if host is None else host,
        settings.api.port if port is None else port,
    )
    # taken before anything is started, and kept, so that a restarted API server has the same port
    listener = listen(settings.api.host, settings.api.port)
    url, address = supervising.url_of(listener, settings.api.host)
    parts = supervising.components(settings, listener)
    first_users: list[FirstUser | None] = []
    code = supervising.Standalone(parts, address).run(
        lambda: first_users.append(_prepare(settings)),
        lambda: _announce(settings, url, first_users[0]),
    )
    sys.exit(code)


def _prepare(settings: Settings) -> FirstUser | None:
    """Folders, database and first user. Raises Refused if a scheduler runs on it already."""
    for folder in (settings.core.dags_folder, settings.core.plugins_folder):
        folder.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database.url)
    try:
        slots = settings.core.default_pool_task_slot_count
        schema.create_or_upgrade(database, default_pool_slots=slots)
        # a scheduler of somebody else's would make everything look healthy
        leader.lock_beside(database).close()
        return create_first_user(database, settings.home, now=SystemClock().now())
    finally:
        database.close()


def _announce(settings: Settings, url: str, user: FirstUser | None) -> None:
    click.echo(f"\n  Tradewind is ready: {click.style(url, bold=True)}")
    click.echo(f"  DAG files: {settings.core.dags_folder}")
    if user is not None:
        kept = f"   (kept in {user.password_file})" if user.password_file else ""
        click.echo(f"  Log in as {user.username} with the password {user.password}{kept}")
    elif (kept_in := settings.home / "admin-password").exists():
        click.echo(f"  Log in as admin; the password is in {kept_in}")
    click.echo("  Ctrl-C stops everything.\n")

"""`tradewind standalone`."""

import sys
from typing import Any

import click

from tradewind.cli import standalone as supervising
from tradewind.cli.lazy import Command
from tradewind.config.load import load_settings
from tradewind.config.settings import Settings
from tradewind.server.listening import listen


@click.command(cls=Command)
@click.option("-H", "--host", help="Address to listen on; 127.0.0.1 if nothing else is set.")
@click.option(
    "-p", "--port", type=click.IntRange(0, 65535), help="Port to listen on; 8080 if not set."
)
def standalone(host: str | None, port: int | None) -> None:
    """Run everything with one command: scheduler, DAG processor, triggerer and API server.

    Ctrl-C stops it and everything it started, running tasks included.
    """
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
    code = supervising.Standalone(parts, address).run(
        "tradewind.cli.preparing:prepare", settings, lambda user: _announce(settings, url, user)
    )
    sys.exit(code)


def _announce(settings: Settings, url: str, user: dict[str, Any] | None) -> None:
    click.echo(f"\n  Tradewind is ready: {click.style(url, bold=True)}")
    click.echo(f"  DAG files: {settings.core.dags_folder}")
    if user is not None:
        kept = f"   (kept in {user['kept_in']})" if user["kept_in"] else ""
        click.echo(f"  Log in as {user['username']} with the password {user['password']}{kept}")
    elif (kept_in := settings.home / "admin-password").exists():
        click.echo(f"  Log in as admin; the password is in {kept_in}")
    click.echo("  Ctrl-C stops everything.\n")

"""`tradewind api-server`."""

import socket
import sys

import click

from tradewind.cli.lazy import Command
from tradewind.cli.standalone import with_address
from tradewind.config.load import load_settings
from tradewind.config.settings import Settings
from tradewind.server import process


def serve(settings: Settings, *, listener: socket.socket | None = None) -> int:
    """Answer until SIGTERM; the exit code."""
    return process.main(settings, listener=listener)


@click.command("api-server", cls=Command)
@click.option("-H", "--host", help="Address to listen on; 127.0.0.1 if nothing else is set.")
@click.option(
    "-p", "--port", type=click.IntRange(0, 65535), help="Port to listen on; 8080 if not set."
)
def api_server(host: str | None, port: int | None) -> None:
    """Start the API server."""
    settings = load_settings()
    sys.exit(
        serve(
            with_address(
                settings,
                settings.api.host if host is None else host,
                settings.api.port if port is None else port,
            )
        )
    )

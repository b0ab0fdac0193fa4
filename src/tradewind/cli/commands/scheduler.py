"""`tradewind scheduler`."""

import sys

import click

from tradewind.cli.lazy import Command
from tradewind.config.airflow_package import check_airflow_package
from tradewind.config.load import load_settings
from tradewind.config.settings import Settings
from tradewind.scheduler import process


def serve(settings: Settings, *, stop_tasks: bool = False) -> int:
    """Schedule until SIGTERM; the exit code."""
    return process.main(settings, stop_tasks=stop_tasks)


@click.command(cls=Command)
def scheduler() -> None:
    """Start the scheduler.

    Running tasks go on when it stops, and the next scheduler takes them over.
    """
    check_airflow_package()
    sys.exit(serve(load_settings()))

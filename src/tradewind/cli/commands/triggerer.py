"""`tradewind triggerer`."""

import sys

import click

from tradewind.cli.lazy import Command
from tradewind.config.airflow_package import check_airflow_package
from tradewind.config.load import load_settings
from tradewind.config.settings import Settings
from tradewind.triggerer import process


def serve(settings: Settings) -> int:
    """Run triggers until SIGTERM; the exit code."""
    return process.main(settings)


@click.command(cls=Command)
@click.option("--capacity", type=click.IntRange(min=1), help="Triggers to run at once.")
@click.option(
    "--queues", default="", help="Run the triggers of these queues only, separated by commas."
)
def triggerer(capacity: int | None, queues: str) -> None:
    """Start a triggerer, which runs the triggers that deferred tasks wait for."""
    check_airflow_package()
    names = tuple(name for part in queues.split(",") if (name := part.strip()))
    sys.exit(process.main(load_settings(), capacity=capacity, queues=names))

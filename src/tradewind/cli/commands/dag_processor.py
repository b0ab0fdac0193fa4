"""`tradewind dag-processor`."""

import sys

import click

from tradewind.cli.lazy import Command
from tradewind.config.airflow_package import check_airflow_package
from tradewind.config.load import load_settings
from tradewind.config.settings import Settings
from tradewind.dag_processor import process


def serve(settings: Settings) -> int:
    """Read DAG files until SIGTERM; the exit code."""
    return process.main(settings)


@click.command("dag-processor", cls=Command)
def dag_processor() -> None:
    """Start the DAG processor, which finds and reads DAG files."""
    check_airflow_package()
    sys.exit(serve(load_settings()))

"""`tradewind version`."""

import click

from tradewind.cli.lazy import Command
from tradewind.model.version import AIRFLOW_VERSION, VERSION


@click.command(cls=Command)
@click.pass_context
def version(context: click.Context) -> None:
    """Show the version."""
    if context.find_root().info_name == "airflow":
        click.echo(
            f"Tradewind {VERSION}, which takes DAG files written for Airflow up to {AIRFLOW_VERSION}"
        )
    else:
        click.echo(VERSION)

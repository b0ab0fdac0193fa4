"""`tradewind version`."""

import click

from tradewind.cli.lazy import Command
from tradewind.model.version import VERSION


@click.command(cls=Command)
@click.pass_context
def version(context: click.Context) -> None:
    """Show the version."""
    if context.find_root().info_name == "airflow":
        click.echo(f"Tradewind {VERSION}, which takes DAG files written for Airflow up to 3.3.2")
    else:
        click.echo(VERSION)

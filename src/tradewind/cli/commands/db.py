"""`tradewind db ...`."""

import time

import click

from tradewind.cli.lazy import LazyGroup
from tradewind.config.load import load_settings
from tradewind.model.errors import EnvironmentFailure
from tradewind.storage import schema
from tradewind.storage.database import Database


@click.group(cls=LazyGroup)
def db() -> None:
    """Create, upgrade and check the database."""


@db.command()
def migrate() -> None:
    """Create the database, or upgrade it to this version."""
    settings = load_settings()
    database = Database(settings.database.url)
    slots = settings.core.default_pool_task_slot_count
    try:
        done = schema.create_or_upgrade(database, default_pool_slots=slots)
        told = {"created": "was created", "upgraded": "was upgraded"}.get(done, "is up to date")
        click.echo(f"{database.name} {told}.")
    finally:
        database.close()


@db.command()
@click.option(
    "--retry", type=click.IntRange(min=0), default=0, show_default=True, help="Further attempts."
)
@click.option(
    "--retry-delay",
    type=click.FloatRange(min=0),
    default=1.0,
    show_default=True,
    help="Seconds between attempts.",
)
def check(retry: int, retry_delay: float) -> None:
    """Check that the database can be reached and is up to date."""
    database = Database(load_settings().database.url)
    try:
        for left in range(retry, -1, -1):
            try:
                schema.check(database)
                break
            except EnvironmentFailure:
                if not left:
                    raise
                time.sleep(retry_delay)
        click.echo(f"{database.name} can be reached and is up to date.")
    finally:
        database.close()

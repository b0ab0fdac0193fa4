"""`tradewind db ...`."""

import time
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import click

from tradewind.cli import old_logs
from tradewind.cli.lazy import LazyGroup
from tradewind.cli.moments import DATE, in_utc
from tradewind.config.load import load_settings
from tradewind.model.errors import EnvironmentFailure
from tradewind.model.keys import RunKey
from tradewind.storage import retention, schema
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


@db.command()
@click.option(
    "--clean-before-timestamp",
    required=True,
    type=DATE,
    help="Only runs that ended before this date.",
)
@click.option(
    "-t",
    "--tables",
    help=f"What to remove, separated by commas: {', '.join(retention.PARTS)}. "
    "dag_run (the default) is all that is kept of a run; with the others the run stays.",
)
@click.option("--dag-ids", help="Only runs of these DAGs, separated by commas.")
@click.option("--exclude-dag-ids", help="No runs of these DAGs, separated by commas.")
@click.option("--dry-run", is_flag=True, help="Only count what would be removed.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--skip-archive",
    is_flag=True,
    help="Taken for the sake of old scripts: no copy of what is removed is kept in any case.",
)
@click.option(
    "--batch-size",
    type=click.IntRange(min=1),
    default=retention.ROWS_AT_ONCE,
    show_default=True,
    help="Most rows that one statement deletes.",
)
def clean(
    clean_before_timestamp: datetime,
    tables: str | None,
    dag_ids: str | None,
    exclude_dag_ids: str | None,
    dry_run: bool,
    yes: bool,
    skip_archive: bool,
    batch_size: int,
) -> None:
    """Remove what is kept of old runs, for good.

    Runs that have not finished, the latest run of each DAG, the latest its schedule made and those
    of a backfill under way are left alone. The scheduler may be running meanwhile. The log files of
    removed runs are removed with them.
    """
    parts = _listed(tables) or ["dag_run"]
    unknown = sorted(set(parts) - set(retention.PARTS))
    if unknown:
        raise click.UsageError(
            f"--tables: there is no {', '.join(unknown)}; choose from {', '.join(retention.PARTS)}"
        )
    settings = load_settings()
    before = in_utc(clean_before_timestamp, settings.core.default_timezone)
    asked = retention.Retention(
        before,
        parts,
        rows_at_once=batch_size,
        dag_ids=_listed(dag_ids),
        except_dag_ids=_listed(exclude_dag_ids),
    )
    database = Database(settings.database.url)
    try:
        if dry_run:
            with database.read() as conn:
                click.echo(f"Would remove {_told(asked.count(conn))}.")
            return
        if not yes:
            click.confirm(
                f"Remove {', '.join(parts)} of runs that ended before {before}, for good?",
                abort=True,
            )
        removed: Counter[str] = Counter()
        logs = 0
        for some in retention.remove(database, asked):
            removed += some
            logs += _remove_logs(settings.logging.base_log_folder, asked.take_gone())
        click.echo(f"Removed {_told(removed)}, and the logs of {logs} runs.")
    finally:
        database.close()


def _remove_logs(base: Path, runs: Iterable[RunKey]) -> int:
    """Remove the log files of runs that are gone; of how many there were any."""
    found = 0
    for run in runs:
        try:
            found += old_logs.remove(base, run)
        except OSError as error:
            click.echo(f"The logs of run {run.run_id} of {run.dag_id} stay: {error}", err=True)
    return found


def _listed(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def _told(rows: Counter[str]) -> str:
    found: Iterable[str] = (f"{count} rows of {table}" for table, count in rows.items() if count)
    return ", ".join(found) or "nothing"

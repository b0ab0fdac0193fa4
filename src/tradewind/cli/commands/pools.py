"""`tradewind pools ...`."""

import click

from tradewind.cli.finding import did_you_mean
from tradewind.cli.lazy import LazyGroup
from tradewind.cli.output import output_option, show
from tradewind.cli.wiring import Wiring, wire
from tradewind.model.errors import NotFound
from tradewind.storage import bells
from tradewind.storage import pools as stored
from tradewind.storage.listings import pools as listing
from tradewind.storage.listings.pools import PoolFilters, PoolRow

COLUMNS = ("pool", "slots", "description", "include_deferred", "open_slots", "occupied_slots")


@click.group(cls=LazyGroup)
def pools() -> None:
    """Manage pools: named numbers of slots that tasks share."""


@pools.command("list")
@output_option
def list_(output: str) -> None:
    """List the pools."""
    wiring = wire()
    with wiring.database.read() as connection:
        rows, _ = listing.list_pools(connection, PoolFilters())
    show([_row(row) for row in rows], columns=COLUMNS, output=output)


@pools.command()
@click.argument("pool")
@output_option
def get(pool: str, output: str) -> None:
    """Show one pool."""
    show([_row(_find(wire(), pool))], columns=COLUMNS, output=output)


@pools.command("set")
@click.argument("pool")
@click.argument("slots", type=click.IntRange(min=-1))
@click.argument("description", default="")
@click.option("--include-deferred", is_flag=True, help="Count deferred tasks as well.")
@output_option
def set_(pool: str, slots: int, description: str, include_deferred: bool, output: str) -> None:
    """Make a pool or change it; -1 slots are without limit (write `-- NAME -1 DESCRIPTION`)."""
    wiring = wire()
    with wiring.database.write() as connection:
        stored.upsert(
            connection,
            pool,
            slots=slots,
            description=description or None,
            include_deferred=include_deferred,
        )
    bells.ring(wiring.database, "scheduler")
    show([_row(_find(wiring, pool))], columns=COLUMNS, output=output)


@pools.command()
@click.argument("pool")
@output_option
def delete(pool: str, output: str) -> None:
    """Delete a pool."""
    wiring = wire()
    row = _row(_find(wiring, pool))
    with wiring.database.write() as connection:
        stored.delete(connection, pool)
    bells.ring(wiring.database, "scheduler")
    show([row], columns=COLUMNS, output=output)


def _find(wiring: Wiring, name: str) -> PoolRow:
    with wiring.database.read() as connection:
        row = listing.find_pool(connection, name)
        if row is None:
            known = [each.name for each in listing.list_pools(connection, PoolFilters())[0]]
            raise NotFound(f"there is no pool {name!r}{did_you_mean(name, known)}")
    return row


def _row(row: PoolRow) -> dict[str, object]:
    return {"pool": row.name, **{name: getattr(row, name) for name in COLUMNS[1:]}}

"""`tradewind assets ...`."""

import getpass

import click

from tradewind.cli.failures import say
from tradewind.cli.finding import did_you_mean, find_plan
from tradewind.cli.inbox import NOBODY, ask
from tradewind.cli.lazy import LazyGroup
from tradewind.cli.output import columns_option, output_option, show, show_one
from tradewind.cli.wiring import Wiring, wire
from tradewind.model.commands import TriggerRun
from tradewind.model.errors import NotFound, Refused, UserError
from tradewind.model.states import RunType
from tradewind.server.run_requests import manual_run_id
from tradewind.storage.listings import assets as listing
from tradewind.storage.listings.assets import AliasRow, AssetFilters, AssetRow
from tradewind.storage.listings.criteria import Search

COLUMNS = ("name", "uri", "group", "extra")
ALIAS_COLUMNS = ("name", "group")


@click.group(cls=LazyGroup)
def assets() -> None:
    """Look at assets: what tasks write and DAGs wait for."""


alias_option = click.option("--alias", is_flag=True, help="Aliases instead of assets.")
name_option = click.option("--name", help="The asset's name.")
uri_option = click.option("--uri", help="The asset's URI.")


@assets.command("list")
@alias_option
@columns_option(COLUMNS)
@output_option
def list_(alias: bool, columns: tuple[str, ...], output: str) -> None:
    """List the assets that DAGs name."""
    with wire().database.read() as connection:
        rows: list[AssetRow] | list[AliasRow]
        if alias:
            rows, _ = listing.list_aliases(connection, Search(), order_by=("name",))
            columns = tuple(name for name in columns if name in ALIAS_COLUMNS)
        else:
            rows, _ = listing.list_assets(
                connection, AssetFilters(only_active=True), order_by=("name",)
            )
    show(
        [{name: getattr(row, name) for name in columns} for row in rows],
        columns=columns,
        output=output,
    )


@assets.command()
@alias_option
@name_option
@uri_option
@output_option
def details(alias: bool, name: str | None, uri: str | None, output: str) -> None:
    """Show one asset, and who names it."""
    wiring = wire()
    if alias:
        show_one(_alias(wiring, name), output=output)
        return
    row = _find(wiring, name, uri)
    with wiring.database.read() as connection:
        named = listing.references(connection, [row.id])[row.id]
    show_one(
        {
            **{column: getattr(row, column) for column in ("id", *COLUMNS)},
            "created_at": row.created_at.isoformat(),
            "updated_at": row.updated_at.isoformat(),
            "scheduled_dags": [item.dag_id for item in named.scheduled],
            "producing_tasks": [f"{item.dag_id}.{item.task_id}" for item in named.producing],
            "consuming_tasks": [f"{item.dag_id}.{item.task_id}" for item in named.consuming],
            "aliases": [each.name for each in named.aliases],
            "last_asset_event": named.last_event and named.last_event[1].isoformat(),
        },
        output=output,
    )


@assets.command()
@name_option
@uri_option
@output_option
def materialize(name: str | None, uri: str | None, output: str) -> None:
    """Run the one DAG that writes an asset."""
    wiring = wire()
    row = _find(wiring, name, uri)
    now = wiring.now()
    with wiring.database.read() as connection:
        writing = listing.producers(connection, row.id)
    if not writing:
        raise NotFound(f"no task writes asset {row.name!r}")
    if len(writing) > 1:
        raise Refused(f"several DAGs write asset {row.name!r}: trigger one of {', '.join(writing)}")
    (dag_id,) = writing
    with wiring.database.read() as connection:
        plan = find_plan(connection, dag_id)
    command = TriggerRun(
        dag_id=dag_id,
        run_id=manual_run_id(plan, now, None, RunType.ASSET_MATERIALIZATION),
        run_after=now,
        triggered_by="cli",
        triggering_user_name=getpass.getuser(),
        materializes=True,
    )
    if ask(wiring, command) is None:
        say(NOBODY)
    show_one({"dag_id": dag_id, "run_id": command.run_id}, output=output)


def _find(wiring: Wiring, name: str | None, uri: str | None) -> AssetRow:
    if (name is None) == (uri is None):
        raise UserError("give either --name or --uri")
    with wiring.database.read() as connection:
        rows, _ = listing.list_assets(connection, AssetFilters(name=name, uri=uri))
        if rows:
            return rows[0]
        known, _ = listing.list_assets(connection, AssetFilters())
    wanted = str(name or uri)
    names = [row.uri if name is None else row.name for row in known]
    raise NotFound(f"there is no asset {wanted!r}{did_you_mean(wanted, names)}")


def _alias(wiring: Wiring, name: str | None) -> dict[str, object]:
    if name is None:
        raise UserError("give the alias's --name")
    with wiring.database.read() as connection:
        rows, _ = listing.list_aliases(connection, Search())
    for row in rows:
        if row.name == name:
            return {"id": row.id, "name": row.name, "group": row.group}
    raise NotFound(f"there is no asset alias {name!r}{did_you_mean(name, [r.name for r in rows])}")

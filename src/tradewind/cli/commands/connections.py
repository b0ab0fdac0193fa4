"""`tradewind connections ...`."""

import json
from typing import Any

import click

from tradewind.cli import connection_text, files
from tradewind.cli.failures import say
from tradewind.cli.finding import did_you_mean
from tradewind.cli.lazy import LazyGroup
from tradewind.cli.output import output_option, show, show_one
from tradewind.cli.wiring import Wiring, wire
from tradewind.model.errors import AlreadyExists, NotFound, UserError
from tradewind.model.secret_names import MASK
from tradewind.server.masking import mask
from tradewind.storage import bells
from tradewind.storage import connections as stored

COLUMNS = ("conn_id", *connection_text.NAMES)


@click.group(cls=LazyGroup)
def connections() -> None:
    """Manage connections: where other systems are and how to log in there."""


@connections.command()
@click.argument("conn_id")
@click.option("--conn-uri", help=f"All of it as a URI: {connection_text.SHAPE}.")
@click.option("--conn-json", help="All of it as a JSON object.")
@click.option("--conn-type", help="Its type, such as http or postgres.")
@click.option("--conn-description", help="What it is for.")
@click.option("--conn-host", help="Host.")
@click.option("--conn-login", help="Login.")
@click.option("--conn-password", help="Password.")
@click.option("--conn-schema", help="Schema, or the database's name.")
@click.option("--conn-port", type=click.IntRange(0, 65535), help="Port.")
@click.option("--conn-extra", help="Extra fields, a JSON object.")
def add(conn_id: str, conn_uri: str | None, conn_json: str | None, **parts: Any) -> None:
    """Add a connection: from a URI, from JSON, or from its parts."""
    fields = _fields(conn_uri, conn_json, parts)
    wiring = wire()
    with wiring.database.write() as connection:
        if stored.get(connection, conn_id, wiring.cipher) is not None:
            raise AlreadyExists(
                f"there is a connection {conn_id!r} already; `connections delete` it first"
            )
        stored.upsert(connection, {"conn_id": conn_id, **fields}, wiring.cipher)
    bells.ring(wiring.database, "answers")
    click.echo(f"Connection {conn_id} added.")


def _fields(uri: str | None, text: str | None, parts: dict[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in parts.items() if value is not None}
    also = {"conn_description", "conn_extra"}
    whole = [name for name, value in (("--conn-uri", uri), ("--conn-json", text)) if value]
    if len(whole) > 1 or (whole and set(given) - also):
        raise click.UsageError("Give --conn-uri, or --conn-json, or the parts with --conn-type.")
    if not whole and "conn_type" not in given:
        raise click.UsageError("Give --conn-uri, --conn-json or --conn-type.")
    fields: dict[str, Any] = {}
    if uri:
        fields = connection_text.from_uri(uri)
    elif text:
        try:
            fields = connection_text.from_json(json.loads(text), "--conn-json")
        except ValueError as error:
            raise UserError(f"--conn-json is not JSON: {error}") from error
    for name, value in given.items():
        fields["conn_type" if name == "conn_type" else name.removeprefix("conn_")] = value
    if "conn_extra" in given:
        _check_extra(given["conn_extra"])
    return fields


def _check_extra(extra: str) -> None:
    try:
        data = json.loads(extra)
    except ValueError as error:
        raise UserError(f"--conn-extra is not JSON: {error}") from error
    if not isinstance(data, dict):
        raise UserError('--conn-extra must be a JSON object: {"key": "value"}')


@connections.command()
@click.argument("conn_id")
@output_option
def get(conn_id: str, output: str) -> None:
    """Show a connection with its password."""
    wiring = wire()
    with wiring.database.read() as connection:
        fields = stored.get(connection, conn_id, wiring.cipher)
        if fields is None:
            raise _unknown(conn_id, stored.conn_ids(connection))
    ordered = {name: fields[name] for name in COLUMNS}
    show_one({**ordered, "get_uri": connection_text.to_uri(fields)}, output=output)


@connections.command("list")
@click.option("--show-values", is_flag=True, help="Show passwords and secret extras as well.")
@click.option("--hide-sensitive", is_flag=True, help="Mask them (the default).")
@output_option
def list_(show_values: bool, hide_sensitive: bool, output: str) -> None:
    """List the connections."""
    rows = list(_all(wire()).values())
    if not show_values or hide_sensitive:
        rows = [_masked(row) for row in rows]
    show(rows, columns=COLUMNS, output=output, empty="No connections.")


@connections.command()
@click.argument("conn_id")
def delete(conn_id: str) -> None:
    """Delete a connection."""
    wiring = wire()
    with wiring.database.write() as connection:
        known = stored.conn_ids(connection)
        if conn_id not in known:
            raise _unknown(conn_id, known)
        stored.delete(connection, conn_id)
    bells.ring(wiring.database, "answers")
    click.echo(f"Connection {conn_id} deleted.")


@connections.command("import")
@click.argument("file", type=click.Path(dir_okay=False))
@click.option("--overwrite", is_flag=True, help="Replace connections that are there already.")
def import_(file: str, overwrite: bool) -> None:
    """Add connections from a file: an object of conn_id and URI or fields."""
    wiring = wire()
    given = {
        conn_id: connection_text.from_json(data, f"{file}: {conn_id}")
        for conn_id, data in files.read(file, files.form_of(file)).items()
    }
    with wiring.database.write() as connection:
        there = set() if overwrite else set(stored.conn_ids(connection)) & set(given)
        for conn_id, fields in given.items():
            if conn_id not in there:
                stored.upsert(connection, {"conn_id": conn_id, **fields}, wiring.cipher)
    bells.ring(wiring.database, "answers")
    click.echo(f"{len(given) - len(there)} of {len(given)} connections imported.")
    if there:
        say(f"There already (--overwrite replaces them): {', '.join(sorted(there))}.")


@connections.command()
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@click.option(
    "--file-format",
    "--format",
    type=click.Choice(("json", "yaml", "env")),
    help="Form of the file; by its ending if left out.",
)
@click.option(
    "--serialization-format",
    type=click.Choice(("json", "uri")),
    help="Form of each connection; uri for env, else json.",
)
def export(file: str, file_format: str | None, serialization_format: str | None) -> None:
    """Write all connections, passwords included, to a file, or to stdout for `-`."""
    form = files.form_of(file, file_format)
    as_uri = (serialization_format or ("uri" if form == "env" else "json")) == "uri"
    data: dict[str, Any] = {}
    for conn_id, fields in _all(wire()).items():
        if as_uri:
            data[conn_id] = connection_text.to_uri(fields)
        else:
            parts = {name: fields[name] for name in connection_text.NAMES}
            data[conn_id] = json.dumps(parts) if form == "env" else parts
    files.write(file, data, form)
    if file != files.STDOUT:
        say(f"{len(data)} connections written to {file}.")


def _all(wiring: Wiring) -> dict[str, dict[str, Any]]:
    with wiring.database.read() as connection:
        return {
            conn_id: stored.get(connection, conn_id, wiring.cipher) or {}
            for conn_id in stored.conn_ids(connection)
        }


def _masked(row: dict[str, Any]) -> dict[str, Any]:
    masked = {**row, "password": MASK if row["password"] else row["password"]}
    try:
        masked["extra"] = json.dumps(mask(json.loads(row["extra"]))) if row["extra"] else None
    except ValueError:
        masked["extra"] = MASK
    return masked


def _unknown(conn_id: str, known: list[str]) -> NotFound:
    return NotFound(f"there is no connection {conn_id!r}{did_you_mean(conn_id, known)}")

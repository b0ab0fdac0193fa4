"""`tradewind variables ...`."""

import json
from typing import Any

import click

from tradewind.cli import files
from tradewind.cli.failures import say
from tradewind.cli.finding import did_you_mean
from tradewind.cli.lazy import LazyGroup
from tradewind.cli.output import output_option, show
from tradewind.cli.wiring import wire
from tradewind.model.errors import NotFound, UserError
from tradewind.model.secret_names import MASK, is_secret
from tradewind.storage import bells
from tradewind.storage import variables as stored
from tradewind.storage.listings import variables as listing
from tradewind.storage.listings.variables import VariableFilters


@click.group(cls=LazyGroup)
def variables() -> None:
    """Manage variables."""


@variables.command("list")
@click.option("--show-values", is_flag=True, help="Show the values as well.")
@click.option("--hide-sensitive", is_flag=True, help="Mask values that look like secrets.")
@output_option
def list_(show_values: bool, hide_sensitive: bool, output: str) -> None:
    """List the variables."""
    wiring = wire()
    with wiring.database.read() as connection:
        rows, _ = listing.list_variables(connection, VariableFilters(), cipher=wiring.cipher)
    columns = ("key", "value", "description") if show_values else ("key", "description")
    listed = [
        {
            "key": row.key,
            "value": MASK if hide_sensitive and is_secret(row.key) else row.value,
            "description": row.description,
        }
        for row in rows
    ]
    show(listed, columns=columns, output=output, empty="No variables.")


@variables.command()
@click.argument("key")
@click.option("-d", "--default", help="What to print if there is no such variable.")
@click.option("-j", "--json", "as_json", is_flag=True, help="Read the value as JSON.")
def get(key: str, default: str | None, as_json: bool) -> None:
    """Print a variable's value."""
    wiring = wire()
    with wiring.database.read() as connection:
        value = stored.get(connection, key, wiring.cipher)
        if value is None and default is None:
            hint = did_you_mean(key, stored.keys(connection))
            raise NotFound(f"there is no variable {key!r}{hint}")
    if value is None:
        click.echo(default)
        return
    click.echo(json.dumps(_json(key, value), indent=2) if as_json else value)


@variables.command("set")
@click.argument("key")
@click.argument("value")
@click.option("--description", help="What it is for.")
@click.option("-j", "--json", "as_json", is_flag=True, help="Take the value as JSON.")
def set_(key: str, value: str, description: str | None, as_json: bool) -> None:
    """Make a variable or change its value."""
    wiring = wire()
    text = json.dumps(_json(key, value)) if as_json else value
    with wiring.database.write() as connection:
        stored.upsert(connection, key, text, description=description, cipher=wiring.cipher)
    bells.ring(wiring.database, "answers")
    click.echo(f"Variable {key} set.")


@variables.command()
@click.argument("key")
def delete(key: str) -> None:
    """Delete a variable."""
    wiring = wire()
    with wiring.database.write() as connection:
        if stored.get(connection, key, wiring.cipher) is None:
            hint = did_you_mean(key, stored.keys(connection))
            raise NotFound(f"there is no variable {key!r}{hint}")
        stored.delete(connection, key)
    bells.ring(wiring.database, "answers")
    click.echo(f"Variable {key} deleted.")


@variables.command("import")
@click.argument("file", type=click.Path(dir_okay=False))
@click.option(
    "-a",
    "--action-on-existing-key",
    type=click.Choice(("overwrite", "fail", "skip")),
    default="overwrite",
    show_default=True,
    help="What to do about a variable that is there already.",
)
def import_(file: str, action_on_existing_key: str) -> None:
    """Make variables from a file: an object of keys and values."""
    wiring = wire()
    given = files.read(file, files.form_of(file))
    with wiring.database.write() as connection:
        there = set(stored.keys(connection)) & set(given)
        if there and action_on_existing_key == "fail":
            raise UserError(f"there already: {', '.join(sorted(there))}; nothing was imported")
        taken = {
            key: value
            for key, value in given.items()
            if key not in there or action_on_existing_key == "overwrite"
        }
        for key, value in taken.items():
            text, description = _unpacked(value)
            stored.upsert(connection, key, text, description=description, cipher=wiring.cipher)
    bells.ring(wiring.database, "answers")
    click.echo(f"{len(taken)} of {len(given)} variables imported.")


@variables.command()
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
def export(file: str) -> None:
    """Write all variables to a file, or to stdout for `-`."""
    wiring = wire()
    form = files.form_of(file)
    with wiring.database.read() as connection:
        rows, _ = listing.list_variables(connection, VariableFilters(), cipher=wiring.cipher)
    if form == "env":
        data: dict[str, Any] = {row.key: row.value for row in rows}
    else:
        data = {row.key: _packed(row.value, row.description) for row in rows}
    files.write(file, data, form)
    if file != files.STDOUT:
        say(f"{len(rows)} variables written to {file}.")


def _json(key: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise UserError(f"the value of {key!r} is not JSON: {error}") from error


def _packed(value: str, description: str | None) -> Any:
    """A value that is JSON as itself; beside its description if it has one."""
    try:
        data = json.loads(value)
    except ValueError:
        data = value
    return {"value": data, "description": description} if description else data


def _unpacked(data: Any) -> tuple[str, str | None]:
    if isinstance(data, dict) and set(data) == {"value", "description"}:
        return _unpacked(data["value"])[0], data["description"]
    return (data if isinstance(data, str) else json.dumps(data)), None

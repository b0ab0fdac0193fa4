"""`tradewind providers hooks|links|...`: what the installed providers say they bring.

Rows are made of the providers' own descriptions; only `hooks` imports more of them, in a child process.
"""

import sys
from collections.abc import Iterator
from typing import Any

import click

from tradewind.cli.failures import say
from tradewind.cli.lazy import Command
from tradewind.cli.output import Row, output_option, show
from tradewind.config.airflow_package import check_airflow_package
from tradewind.loading.providers import Provider, hooks_of, installed_providers
from tradewind.model.errors import EnvironmentFailure

HOOK_COLUMNS = (
    "connection_type",
    "class",
    "conn_id_attribute_name",
    "package_name",
    "hook_name",
)
WITHOUT_PROVIDER = (("generic", "Generic"), ("email", "Email"))
"""Connection types that need no provider, and their names."""


@click.command(cls=Command)
@output_option
def hooks(output: str) -> None:
    """List connection types and their hooks.

    A hook that cannot be imported is listed too, and the reason is said on stderr.
    """
    found = hooks_of(_installed())
    rows: list[Row] = [
        {"connection_type": kind, "hook_name": name} for kind, name in WITHOUT_PROVIDER
    ]
    rows += [
        {
            "connection_type": hook.connection_type,
            "class": hook.class_path,
            "conn_id_attribute_name": hook.conn_name_attr,
            "package_name": hook.package_name,
            "hook_name": hook.hook_name,
        }
        for hook in found
    ]
    show(rows, columns=HOOK_COLUMNS, output=output)
    for hook in found:
        if hook.error:
            say(f"{hook.class_path}: {hook.error}")


@click.command(cls=Command)
@output_option
def triggers(output: str) -> None:
    """List the triggers of providers, by module."""
    rows = [
        {
            "package_name": provider.package_name,
            "class": module,
            "integration_name": entry["integration-name"],
        }
        for provider in _installed()
        for entry in provider.info.get("triggers", ())
        for module in entry["python-modules"]
    ]
    show(rows, columns=("package_name", "class", "integration_name"), output=output)


@click.command(cls=Command)
@output_option
def widgets(output: str) -> None:
    """List the fields that providers add to the form of a connection."""
    rows = [
        {
            "connection_parameter_name": f"extra__{entry['connection-type']}__{field}",
            "class": entry["hook-class-name"],
            "package_name": provider.package_name,
            "field_type": form.get("schema", {}).get("type", "unknown"),
        }
        for provider, entry in _connection_types()
        for field, form in entry.get("conn-fields", {}).items()
    ]
    rows.sort(key=lambda row: row["connection_parameter_name"])
    columns = ("connection_parameter_name", "class", "package_name", "field_type")
    show(rows, columns=columns, output=output)


@click.command(cls=Command)
@output_option
def behaviours(output: str) -> None:
    """List the connection types whose form hides, renames or explains fields."""
    kinds = sorted(
        entry["connection-type"]
        for _, entry in _connection_types()
        if entry.get("ui-field-behaviour")
    )
    show(
        [{"field_behaviours": kind} for kind in kinds], columns=("field_behaviours",), output=output
    )


@click.command(cls=Command)
@output_option
def configs(output: str) -> None:
    """List the options that providers bring; JSON and YAML have all that they say of them."""
    found = [each for each in _installed() if each.info.get("config")]
    if output in ("json", "yaml"):
        wholes = [{"provider_config": [each.package_name, each.info["config"]]} for each in found]
        show(wholes, columns=("provider_config",), output=output)
        return
    rows = [
        {
            "package_name": provider.package_name,
            "section": section,
            "option": name,
            "default": option.get("default"),
        }
        for provider in found
        for section, content in provider.info["config"].items()
        for name, option in content["options"].items()
    ]
    show(rows, columns=("package_name", "section", "option", "default"), output=output)


@click.command("lazy-loaded", cls=Command)
def lazy_loaded() -> None:
    """Check that commands import no provider: exit 1 if this one did."""
    loaded = [name for name in sys.modules if name.startswith("airflow.providers.")]
    if loaded:
        raise EnvironmentFailure(f"this command has imported {', '.join(sorted(loaded))}")
    click.echo("All ok. No provider was imported.")


def _classes(command: str, key: str, column: str, help: str) -> click.Command:
    """A command that lists the class paths under one key of the descriptions."""

    @click.command(command, cls=Command, help=help)
    @output_option
    def listed(output: str) -> None:
        paths = sorted(path for each in _installed() for path in each.info.get(key, ()))
        show([{column: path} for path in paths], columns=(column,), output=output)

    return listed


auth_managers = _classes(
    "auth-managers", "auth-managers", "auth_managers_module", "List the auth managers of providers."
)
executors = _classes(
    "executors", "executors", "executor_class_names", "List the executors of providers."
)
links = _classes(
    "links", "extra-links", "extra_link_class_name", "List the links that providers add to tasks."
)
logging = _classes(
    "logging", "logging", "logging_class_name", "List the log handlers of providers."
)
notifications = _classes(
    "notifications",
    "notifications",
    "notification_class_name",
    "List the notifiers of providers.",
)
queues = _classes("queues", "queues", "queue_class_names", "List the message queues of providers.")
secrets = _classes(
    "secrets",
    "secrets-backends",
    "secrets_backend_class_name",
    "List the secrets backends of providers.",
)


def _installed() -> list[Provider]:
    """Those that can be read; of the others the reason is said."""
    check_airflow_package()
    found = installed_providers()
    for each in found:
        if each.error:
            say(f"{each.package_name}: {each.error}")
    return [each for each in found if not each.error]


def _connection_types() -> Iterator[tuple[Provider, dict[str, Any]]]:
    for provider in _installed():
        for entry in provider.info.get("connection-types", ()):
            yield provider, entry

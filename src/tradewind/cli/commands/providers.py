"""`tradewind providers ...`."""

from pathlib import Path

import click

from tradewind.cli.failures import say
from tradewind.cli.finding import did_you_mean
from tradewind.cli.lazy import Lazy, LazyGroup
from tradewind.cli.output import output_option, show, show_one
from tradewind.cli.providers.installing import install as install_distributions
from tradewind.cli.providers.names import distribution, requirement, short
from tradewind.config.airflow_package import check_airflow_package
from tradewind.loading.providers import Provider, check_provider, installed_providers
from tradewind.model.errors import NotFound

COLUMNS = ("package_name", "version", "description")
CHECK_COLUMNS = (
    "package_name",
    "version",
    "modules",
    "hooks",
    "operators",
    "sensors",
    "triggers",
    "connection_types",
    "optional",
    "failures",
)
NONE_HERE = "No providers are installed. `tradewind providers install http` brings one."


_BROUGHT = "tradewind.cli.commands.providers_brought"
TABLE = {
    "auth-managers": Lazy(f"{_BROUGHT}:auth_managers", "List the auth managers of providers."),
    "behaviours": Lazy(
        f"{_BROUGHT}:behaviours",
        "List the connection types whose form hides, renames or explains fields.",
    ),
    "configs": Lazy(f"{_BROUGHT}:configs", "List the options that providers bring."),
    "executors": Lazy(f"{_BROUGHT}:executors", "List the executors of providers."),
    "hooks": Lazy(f"{_BROUGHT}:hooks", "List connection types and their hooks."),
    "lazy-loaded": Lazy(f"{_BROUGHT}:lazy_loaded", "Check that commands import no provider."),
    "links": Lazy(f"{_BROUGHT}:links", "List the links that providers add to tasks."),
    "logging": Lazy(f"{_BROUGHT}:logging", "List the log handlers of providers."),
    "notifications": Lazy(f"{_BROUGHT}:notifications", "List the notifiers of providers."),
    "queues": Lazy(f"{_BROUGHT}:queues", "List the message queues of providers."),
    "secrets": Lazy(f"{_BROUGHT}:secrets", "List the secrets backends of providers."),
    "triggers": Lazy(f"{_BROUGHT}:triggers", "List the triggers of providers."),
    "widgets": Lazy(
        f"{_BROUGHT}:widgets", "List the fields that providers add to the form of a connection."
    ),
}


@click.group(cls=LazyGroup, table=TABLE)
def providers() -> None:
    """Install and check provider packages, and see what they bring."""


@providers.command()
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@click.option("-U", "--upgrade", is_flag=True, help="Take the newest, also of what is installed.")
@click.option(
    "-c",
    "--constraint",
    "constraints",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of versions to keep to, as of pip.",
)
def install(names: tuple[str, ...], upgrade: bool, constraints: tuple[Path, ...]) -> None:
    """Install providers from the package index, without Apache Airflow.

    NAME is short (http, common.sql) or whole (apache-airflow-providers-http,
    airflow-provider-duckdb), with extras and versions if wanted: 'amazon[s3fs]>=9'. pip does the
    work, or uv where there is no pip, each with its own settings.
    """
    asked = [requirement(name) for name in names]
    install_distributions(asked, constraints=constraints, upgrade=upgrade)
    click.echo("Installed. See `tradewind providers list`.")


@providers.command("list")
@output_option
def list_(output: str) -> None:
    """List the installed providers."""
    rows = [
        {
            "package_name": each.package_name,
            "version": each.version,
            "description": each.description or each.error,
        }
        for each in _installed()
    ]
    show(rows, columns=COLUMNS, output=output, empty=NONE_HERE)


@providers.command()
@click.argument("provider_name")
@click.option("-f", "--full", is_flag=True, help="All that it says of itself.")
@output_option
def get(provider_name: str, full: bool, output: str) -> None:
    """Show one provider."""
    found = _find(provider_name)
    row = {
        "package_name": found.package_name,
        "version": found.version,
        "description": found.description or found.error,
    }
    show_one({**found.info, **row} if full else row, output=output)


@providers.command()
@click.argument("names", metavar="[NAME...]", nargs=-1)
@output_option
@click.pass_context
def check(context: click.Context, names: tuple[str, ...], output: str) -> None:
    """Import all that the providers bring; exit 1 if anything fails.

    A module that wants a package which its provider leaves to an extra is counted as optional.
    """
    chosen = [_find(name) for name in names] or _installed()
    results = [check_provider(each) for each in chosen]
    rows = [
        {
            "package_name": each.provider.package_name,
            "version": each.provider.version,
            "modules": each.modules,
            "hooks": _count(each.provider, "hooks"),
            "operators": _count(each.provider, "operators"),
            "sensors": _count(each.provider, "sensors"),
            "triggers": _count(each.provider, "triggers"),
            "connection_types": [
                kind["connection-type"] for kind in each.provider.info.get("connection-types", ())
            ],
            "optional": len(each.optional) if output in ("table", "plain") else each.optional,
            "failures": len(each.failed) if output in ("table", "plain") else each.failed,
        }
        for each in results
    ]
    show(rows, columns=CHECK_COLUMNS, output=output, empty=NONE_HERE)
    for each in results:
        for name, reason in each.optional.items():
            say(f"optional: {name} {reason}")
    for each in results:
        for name, reason in each.failed.items():
            say(f"failed: {name}: {reason}")
    if any(each.failed for each in results):
        context.exit(1)


def _installed() -> list[Provider]:
    check_airflow_package()
    return installed_providers()


def _find(name: str) -> Provider:
    found = {each.package_name: each for each in _installed()}
    whole = distribution(name)
    if whole not in found:
        known = [short(each) for each in found]
        raise NotFound(f"the provider {name!r} is not installed{did_you_mean(name, known)}")
    return found[whole]


def _count(provider: Provider, kind: str) -> int:
    """How many modules of a kind a provider names."""
    return sum(len(entry.get("python-modules", ())) for entry in provider.info.get(kind, ()))

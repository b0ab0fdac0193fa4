"""`tradewind config ...`."""

import dataclasses
import os
from collections.abc import Iterator
from typing import Any

import click

from tradewind.cli.failures import say
from tradewind.cli.finding import did_you_mean
from tradewind.cli.lazy import LazyGroup
from tradewind.cli.output import output_option, show
from tradewind.config.lint import lint
from tradewind.config.load import load_settings, origins
from tradewind.config.settings import Settings
from tradewind.model.errors import NotFound

HIDDEN = "< hidden >"


@click.group(cls=LazyGroup)
def config() -> None:
    """Show the configuration."""


@config.command("list")
@click.option("--section", help="Only this section.")
@click.option("-a", "--defaults", is_flag=True, help="Show the defaults in place of the values.")
@click.option("-d", "--include-descriptions", is_flag=True, help="Show what each option does.")
@click.option("-s", "--include-sources", is_flag=True, help="Show where each value comes from.")
@click.option("-V", "--include-env-vars", is_flag=True, help="Show each option's variable.")
@click.option("--show-values", is_flag=True, help="Show secrets as well.")
@click.option("--hide-sensitive", is_flag=True, help="Hide secrets (the default).")
@output_option
def list_(
    section: str | None,
    defaults: bool,
    include_descriptions: bool,
    include_sources: bool,
    include_env_vars: bool,
    show_values: bool,
    hide_sensitive: bool,
    output: str,
) -> None:
    """List every option with its value."""
    settings = load_settings()
    rows = list(_options(settings, reveal=show_values and not hide_sensitive))
    if section is not None:
        rows = [row for row in rows if row["section"] == section]
        if not rows:
            raise NotFound(f"there is no section {section!r}: {', '.join(_sections(settings))}")
    found = origins() if include_sources else {}
    for row in rows:
        row["source"] = found.get(f"{row['section']}.{row['option']}")
        if defaults:
            row["value"] = row["default"]
    columns = ["section", "option", "value"]
    columns += ["source"] * include_sources
    columns += ["variable"] * include_env_vars
    columns += ["description"] * include_descriptions
    show(rows, columns=columns, output=output)


@config.command("get-value")
@click.argument("section")
@click.argument("option")
def get_value(section: str, option: str) -> None:
    """Print the value of one option."""
    settings = load_settings()
    if section not in _sections(settings):
        sections = _sections(settings)
        hint = did_you_mean(section, sections) or f": there is {', '.join(sections)}"
        raise NotFound(f"there is no section {section!r}{hint}")
    for row in _options(settings, reveal=True):
        if (row["section"], row["option"]) == (section, option):
            click.echo("" if row["value"] is None else row["value"])
            return
    known = [row["option"] for row in _options(settings) if row["section"] == section]
    hint = did_you_mean(option, known) or f": the section has {', '.join(known)}"
    raise NotFound(f"there is no option {section}.{option}{hint}")


@config.command("lint")
@output_option
def lint_(output: str) -> None:
    """List what airflow.cfg and AIRFLOW__* variables set that is unknown here or renamed.

    Exits 1 if there is anything.
    """
    remarks = [dataclasses.asdict(remark) for remark in lint(os.environ)]
    if not remarks:
        say("Nothing to remark: every option that is set for Airflow counts here.")
        return
    show(remarks, columns=["source", "option", "remark"], output=output)
    raise SystemExit(1)


def _sections(settings: Settings) -> list[str]:
    return [item.name for item in dataclasses.fields(settings) if item.name != "home"]


def _options(settings: Settings, *, reveal: bool = False) -> Iterator[dict[str, Any]]:
    for section in _sections(settings):
        options = getattr(settings, section)
        for option in dataclasses.fields(options):
            value = getattr(options, option.name)
            hidden = option.metadata["sensitive"] and not reveal and value
            yield {
                "section": section,
                "option": option.name,
                "value": HIDDEN if hidden else value,
                "default": option.default,
                "variable": f"TRADEWIND__{section}__{option.name}".upper(),
                "description": option.metadata["doc"],
            }

"""`python -m tradewind.cli.reference`: writes docs/reference/cli.md from the commands themselves."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from tradewind.cli.main import cli

TARGET = Path("docs/reference/cli.md")

_OPENING = """\
# Command line

<!-- Written by `python -m tradewind.cli.reference`; change the commands, not this page. -->

`tradewind COMMAND ...`, and `airflow COMMAND ...` with the package `tradewind-airflow`: the same
program, which then also takes the verbs of Airflow 1.10 and 2.x (`initdb`, `list_dags`,
`trigger_dag`, `webserver`, `dags backfill`, ...) and says on stderr what they are called today.

Exit codes: 0 done, 1 failed, 2 wrong usage. Every command takes `-h/--help`, and `-v/--verbose` to
log details to stderr. Colours are used on a terminal only, and not where `NO_COLOR` is set.
"""


def render() -> str:
    """The whole page."""
    root = click.Context(cli, info_name="tradewind", help_option_names=["-h", "--help"])
    return "\n".join([_OPENING, *_group(cli, root, 2)])


def _group(group: click.Group, context: click.Context, level: int) -> Iterator[str]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        inner = click.Context(command, info_name=name, parent=context)
        yield f"{'#' * level} {inner.command_path}\n"
        if isinstance(command, click.Group):
            yield f"{_prose(command)}\n"
            yield from _group(command, inner, level + 1)
        else:
            yield from _command(command, inner)


def _command(command: click.Command, context: click.Context) -> Iterator[str]:
    usage = " ".join(command.collect_usage_pieces(context))
    yield f"`{context.command_path} {usage}`\n"
    yield f"{_prose(command)}\n"
    records = []
    for parameter in command.get_params(context):
        hidden = {"-h", "-v"} & set(parameter.opts)
        shown = not hidden and isinstance(parameter, click.Option)
        record = parameter.get_help_record(context) if shown else None
        if record is not None:
            name, told = (text.replace("|", " or ") for text in record)
            records.append(f"| `{name}` | {' '.join(told.split())} |")
    if records:
        yield "\n".join(["| option | |", "|---|---|", *records]) + "\n"


def _prose(command: click.Command) -> str:
    lines = (command.help or "").splitlines()
    return "\n".join(line.strip() for line in lines)


if __name__ == "__main__":
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(render(), encoding="utf-8")
    click.echo(f"{TARGET} written.", file=sys.stderr)

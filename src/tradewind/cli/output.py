"""The one place that prints listings: as a table, JSON, YAML or plain columns."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum
from itertools import zip_longest
from typing import IO, Any, TypeVar

import click
import yaml

from tradewind.model.states import TaskState

Row = Mapping[str, Any]
_F = TypeVar("_F", bound=Callable[..., Any])

FORMATS = ("table", "json", "yaml", "plain")
PADDED_MOST = 100
"""The widest a column gets where there is no terminal whose width counts."""
RULE_MOST = 120
WHOLE_MOST = 36
"""A column this narrow is not broken on a terminal: moments, states, most ids."""
GAP = 3
"""Columns between two cells, rules and padding included."""
SHARED_IDS = ("dag_id", "run_id")

STYLES: dict[str, str] = {
    TaskState.NONE: "dim",
    TaskState.SCHEDULED: "dim",
    TaskState.QUEUED: "dim",
    TaskState.RUNNING: "blue",
    TaskState.RESTARTING: "blue",
    TaskState.SUCCESS: "green",
    TaskState.FAILED: "bold red",
    TaskState.UPSTREAM_FAILED: "red",
    TaskState.UP_FOR_RETRY: "yellow",
    TaskState.UP_FOR_RESCHEDULE: "magenta",
    TaskState.DEFERRED: "magenta",
    TaskState.AWAITING_INPUT: "magenta",
    TaskState.SKIPPED: "dim",
    TaskState.REMOVED: "dim",
}
"""How a state looks on a terminal; the word itself is always there too."""

MARKS: dict[str, str] = {
    TaskState.NONE: "○",
    TaskState.SCHEDULED: "◔",
    TaskState.QUEUED: "◑",
    TaskState.RUNNING: "●",
    TaskState.RESTARTING: "●",
    TaskState.SUCCESS: "✔",
    TaskState.FAILED: "✘",
    TaskState.UPSTREAM_FAILED: "✗",
    TaskState.UP_FOR_RETRY: "↻",
    TaskState.UP_FOR_RESCHEDULE: "‖",
    TaskState.DEFERRED: "‖",
    TaskState.AWAITING_INPUT: "‖",
    TaskState.SKIPPED: "»",
    TaskState.REMOVED: "⋯",
}
"""A shape for each state, for those who see no colours."""


def output_option(command: _F) -> _F:
    """Give a command `-o/--output`; it arrives as the argument `output`."""
    return click.option(
        "-o",
        "--output",
        type=click.Choice(FORMATS),
        default="table",
        show_default=True,
        help="Form of the output.",
    )(command)


def columns_option(default: Sequence[str], *more: str) -> Callable[[_F], _F]:
    """Give a listing `--columns`, of `default` and `more`; it arrives as a tuple of names."""
    known = (*default, *more)

    def split(_: click.Context, __: click.Parameter, value: str) -> tuple[str, ...]:
        names = tuple(name.strip() for name in value.split(",") if name.strip())
        unknown = [name for name in names if name not in known]
        if unknown:
            raise click.BadParameter(f"{unknown[0]!r} is none of {', '.join(known)}.")
        return names

    return click.option(
        "--columns",
        default=",".join(default),
        callback=split,
        help=f"Columns to show, with commas between, of {', '.join(known)}.",
    )


def show(rows: Iterable[Row], *, columns: Sequence[str], output: str, empty: str = "") -> None:
    """Print a listing. `empty` is what a table says when there is nothing in it."""
    rows = list(rows)
    if rows and output == "table" and sys.stdout.isatty():
        _show_on_terminal(rows, columns)
        return
    picked = [{name: _plain(row.get(name)) for name in columns} for row in rows]
    if output == "json":
        click.echo(json.dumps(picked, indent=2, ensure_ascii=False))
    elif output == "yaml":
        click.echo(yaml.safe_dump(picked, sort_keys=False, allow_unicode=True), nl=False)
    elif not picked:
        click.echo(empty or "No data found", err=not empty and output == "plain")
    elif output == "plain":
        _show_plain(picked, columns)
    else:
        _show_table(picked, columns)


def show_one(row: Row, *, output: str) -> None:
    """Print one thing: a line per property, or one object in JSON and YAML."""
    if output == "json":
        click.echo(json.dumps({k: _plain(v) for k, v in row.items()}, indent=2, ensure_ascii=False))
    elif output == "yaml":
        data = {name: _plain(value) for name, value in row.items()}
        click.echo(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), nl=False)
    else:
        properties = [{"property": name, "value": value} for name, value in row.items()]
        show(properties, columns=("property", "value"), output=output)


def console(file: IO[str] | None = None) -> Any:
    """A rich Console, for terminals; what goes elsewhere is written without it."""
    from rich.console import Console  # noqa: PLC0415 - 60 ms that most commands do without

    return Console(file=file or sys.stdout, highlight=False)


def _plain(value: Any) -> Any:
    """`value` as JSON data."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)


def _text(value: Any) -> str:
    """`value` in a cell."""
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _show_plain(rows: Sequence[Row], columns: Sequence[str]) -> None:
    """Columns for programs that read lines: a row is one line, whatever is in it."""
    cells = [[_text(row[name]).replace("\n", "\\n") for name in columns] for row in rows]
    for line in _aligned([list(columns), *cells]):
        click.echo(line)


def _aligned(cells: Sequence[Sequence[str]]) -> Iterator[str]:
    """Lines with their columns below each other. A cell beyond PADDED_MOST moves only those that
    follow it in its own row."""
    columns = range(len(cells[0]))
    fitting = [[len(row[at]) for row in cells if len(row[at]) <= PADDED_MOST] for at in columns]
    widths = [max(lengths, default=0) for lengths in fitting]
    for row in cells:
        padded = [text.ljust(width) for text, width in zip(row, widths, strict=True)]
        yield "  ".join(padded).rstrip()


def _show_table(rows: Sequence[Row], columns: Sequence[str]) -> None:
    cells: list[list[str]] = []
    for row in rows:
        parts = [_text(row[name]).split("\n") for name in columns]
        cells += [list(line) for line in zip_longest(*parts, fillvalue="")]
    header, *lines = _aligned([list(columns), *cells])
    click.echo(header)
    click.echo("-" * min(RULE_MOST, max(map(len, (header, *lines)))))
    for line in lines:
        click.echo(line)


def _show_on_terminal(rows: Sequence[Row], columns: Sequence[str]) -> None:
    """A table for eyes: moments to the second, in UTC; an id that all rows share stands above."""
    from rich import box  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    shared = [
        name
        for name in columns
        if name in SHARED_IDS and len(rows) > 1 and len({row.get(name) for row in rows}) == 1
    ]
    title = "  ".join(f"{name} {rows[0].get(name)}" for name in shared)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    table.title, table.title_justify, table.title_style = title or None, "left", "dim"
    shown = [name for name in columns if name not in shared]
    cells = [[_for_eyes(row.get(name)) for name in shown] for row in rows]
    screen = console()
    lengths = [max(map(len, column)) for column in zip(shown, *cells, strict=True)]
    whole = [length if length <= WHOLE_MOST else 0 for length in lengths]
    fits = sum(whole) + GAP * len(whole) <= screen.width
    for name, width in zip(shown, whole, strict=True):
        table.add_column(name, overflow="fold", min_width=width if fits else 0)
    for row_cells in cells:
        pairs = zip(shown, row_cells, strict=True)
        table.add_row(*(Text(value, style=_style(name, value)) for name, value in pairs))
    screen.print(table)


def _for_eyes(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    return _text(_plain(value))


def _style(column: str, value: Any) -> str:
    return STYLES.get(value, "") if column.endswith("state") and isinstance(value, str) else ""

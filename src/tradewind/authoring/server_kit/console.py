"""AirflowConsole: prints listings of a provider's commands in one of four forms."""

import inspect
import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

import yaml
from rich.box import ASCII_DOUBLE_HEAD
from rich.console import Console
from rich.table import Table

PIPED_WIDTH = 200
"""Columns where there is no terminal."""


class AirflowConsole(Console):
    """A console of rich for lists of dicts."""

    __module__ = "airflow.cli.simple_table"

    def __init__(self, show_header: bool = True, *args: Any, **kwargs: Any) -> None:
        if not sys.stdout.isatty():
            kwargs.setdefault("width", PIPED_WIDTH)
        super().__init__(*args, **kwargs)
        self.show_header = show_header

    def print_as(
        self,
        data: Sequence[Any],
        output: str,
        mapper: Callable[[Any], dict[str, Any]] | None = None,
    ) -> None:
        """Print rows as table, json, yaml or plain; `mapper` makes a dict of each."""
        forms: dict[str, Callable[[list[dict[str, Any]]], None]] = {
            "table": self.print_as_table,
            "json": self.print_as_json,
            "yaml": self.print_as_yaml,
            "plain": self.print_as_plain_table,
        }
        if output not in forms:
            raise ValueError(f"Unknown formatter: {output}. Allowed options: {list(forms)}")
        rows = [mapper(each) if mapper else each for each in data]
        if not all(isinstance(row, dict) for row in rows):
            raise ValueError("to print what is no dict, `mapper` must make one of it")
        joined = output == "table"
        forms[output]([{key: _cell(value, joined) for key, value in row.items()} for row in rows])

    def print_as_json(self, data: Any) -> None:
        """As JSON on one line."""
        self.print(json.dumps(data), soft_wrap=True, markup=False)

    def print_as_yaml(self, data: Any) -> None:
        """As YAML."""
        self.print(yaml.safe_dump(data), soft_wrap=True, markup=False)

    def print_as_table(self, data: list[dict[str, Any]]) -> None:
        """As a table."""
        if not data:
            self.print("No data found")
            return
        table = Table(
            *data[0], box=ASCII_DOUBLE_HEAD, show_edge=False, show_header=self.show_header
        )
        for row in data:
            table.add_row(*map(str, row.values()))
        self.print(table)

    def print_as_plain_table(self, data: list[dict[str, Any]]) -> None:
        """As columns that programs can split."""
        if not data:
            self.print("No data found")
            return
        lines = [list(data[0]), *([str(value) for value in row.values()] for row in data)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        for line in lines:
            cells = [cell.ljust(width) for cell, width in zip(line, widths, strict=True)]
            sys.stdout.write("  ".join(cells).rstrip() + "\n")


def _cell(value: Any, joined: bool) -> Any:
    if isinstance(value, list | tuple):
        cells = [_cell(item, joined) for item in value]
        return ",".join(map(str, cells)) if joined else cells
    if isinstance(value, dict) and not joined:
        return {key: _cell(item, joined) for key, item in value.items()}
    if inspect.isclass(value):
        return value.__name__
    return value if value is None else str(value)

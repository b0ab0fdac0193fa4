"""Commands as data, which provider packages and auth managers describe theirs with.

`ActionCommand` and `GroupCommand` become parsers of argparse by `add_command`.
"""

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from tradewind.authoring import timezone
from tradewind.authoring.provider_kit.class_paths import import_string

_HOME = "airflow.cli.cli_config"


class Arg:
    """An argument of a command: its flags, and what argparse is told of it."""

    __module__ = _HOME

    def __init__(self, flags: tuple[str, ...] = (), help: str | None = None, **kwargs: Any) -> None:
        """The keywords are those of argparse's `add_argument`."""
        self.flags = flags
        self.kwargs = {"help": help, **kwargs} if help is not None else kwargs

    def add_to_parser(self, parser: argparse.ArgumentParser) -> None:
        """Give the parser this argument. One whose metavar is DIRPATH takes folders that exist."""
        kwargs = self.kwargs
        if kwargs.get("metavar") == "DIRPATH" and "type" not in kwargs:
            kwargs = {**kwargs, "type": _folder}
        parser.add_argument(*self.flags, **kwargs)


class ActionCommand(NamedTuple):
    """A command that does something."""

    name: str
    help: str
    func: Callable[..., Any]
    args: Iterable[Arg]
    description: str | None = None
    epilog: str | None = None
    hide: bool = False


class GroupCommand(NamedTuple):
    """A command that holds others."""

    name: str
    help: str
    subcommands: Iterable[Any]
    description: str | None = None
    epilog: str | None = None


CLICommand = ActionCommand | GroupCommand
ActionCommand.__module__ = GroupCommand.__module__ = _HOME


class DefaultHelpParser(argparse.ArgumentParser):
    """A parser that shows the whole help when it is used wrongly; exits 2."""

    __module__ = _HOME

    def error(self, message: str) -> Any:
        """Show the help and exit."""
        self.print_help()
        self.exit(2, f"\n{self.prog} command error: {message}, see help above.\n")


class AirflowHelpFormatter(argparse.RawTextHelpFormatter):
    """Help with the lines that it was written with."""

    __module__ = "airflow.cli.cli_parser"


def add_command(subparsers: Any, sub: CLICommand) -> None:
    """Put a command, and those below it, into argparse's subparsers."""
    shown = {} if isinstance(sub, ActionCommand) and sub.hide else {"help": sub.help}
    parser: argparse.ArgumentParser = subparsers.add_parser(
        sub.name,
        description=sub.description or sub.help,
        epilog=sub.epilog,
        formatter_class=AirflowHelpFormatter,
        **shown,
    )
    if isinstance(sub, GroupCommand):
        below = parser.add_subparsers(dest="subcommand", metavar="COMMAND", required=True)
        for command in sorted(sub.subcommands, key=lambda each: each.name):
            add_command(below, command)
        return
    for argument in sorted(sub.args, key=_place):
        argument.add_to_parser(parser)
    parser.set_defaults(func=sub.func)


def lazy_load_command(import_path: str) -> Callable[..., Any]:
    """A command's function that is imported when it is called."""

    def command(*args: Any, **kwargs: Any) -> Any:
        return import_string(import_path)(*args, **kwargs)

    command.__name__ = import_path.rpartition(".")[2]
    return command


def positive_int(*, allow_zero: bool) -> Callable[[str], int]:
    """The type of an argument that is a number above 0, or 0 too."""

    def number(value: str) -> int:
        try:
            found = int(value)
        except ValueError:
            found = -1
        if found < 0 or (found == 0 and not allow_zero):
            raise argparse.ArgumentTypeError(f"invalid positive int value: {value!r}")
        return found

    return number


def string_list_type(val: str) -> list[str]:
    """The type of an argument that is a list with commas."""
    return [word.strip() for word in val.split(",")]


def string_lower_type(val: str | None) -> str | None:
    """The type of an argument whose case does not matter."""
    return val.strip().lower() if val else None


def _place(argument: Arg) -> tuple[bool, str]:
    """Positional ones first, as they stand; then options by their long name."""
    option = argument.flags[0].startswith("-")
    return option, argument.flags[:2][-1].lower() if option else ""


def _folder(text: str) -> str:
    if not Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"The directory '{text}' does not exist!")
    return text


def _switch(*flags: str, help: str) -> Arg:
    return Arg(flags, help, action="store_true", default=False)


ARG_DAG_ID = Arg(("dag_id",), "The DAG's id")
ARG_TASK_ID = Arg(("task_id",), "The task's id")
ARG_LOGICAL_DATE = Arg(("-l", "--logical-date"), "The run's logical date", type=timezone.parse)
ARG_BUNDLE_NAME = Arg(
    ("-B", "--bundle-name"), "A bundle of DAG files; may be said again", type=str, action="append"
)
ARG_OUTPUT = Arg(
    ("-o", "--output"),
    "Form of the output",
    metavar="(table, json, yaml, plain)",
    choices=("table", "json", "yaml", "plain"),
    default="table",
)
ARG_OUTPUT_PATH = Arg(
    ("-o", "--output-path"), "Where the YAML files go", type=str, default=str(Path.cwd())
)
ARG_VERBOSE = _switch("-v", "--verbose", help="Say more")
ARG_YES = _switch("-y", "--yes", help="Do not ask")
ARG_PID = Arg(("--pid",), "A file for the process id", nargs="?")
ARG_DAEMON = _switch("-D", "--daemon", help="Run in the background")
ARG_STDOUT = Arg(("--stdout",), "A file for what is printed")
ARG_STDERR = Arg(("--stderr",), "A file for what is printed to stderr")
ARG_LOG_FILE = Arg(("-l", "--log-file"), "The log file")
ARG_SKIP_SERVE_LOGS = _switch("-s", "--skip-serve-logs", help="Do not serve logs beside the worker")
ARG_DB_VERSION__UPGRADE = Arg(("-n", "--to-version"), "The version to migrate to")
ARG_DB_REVISION__UPGRADE = Arg(("-r", "--to-revision"), "The last migration to run")
ARG_DB_VERSION__DOWNGRADE = Arg(("-n", "--to-version"), "The version to go back to")
ARG_DB_REVISION__DOWNGRADE = Arg(("-r", "--to-revision"), "The migration to go back to")
ARG_DB_FROM_VERSION = Arg(("--from-version",), "Where SQL begins, with --show-sql-only")
ARG_DB_FROM_REVISION = Arg(("--from-revision",), "The same, as a migration")
ARG_DB_SQL_ONLY = _switch("-s", "--show-sql-only", help="Only print the SQL")
ARG_DB_SKIP_INIT = _switch("-s", "--skip-init", help="Remove the tables and make none")
ARG_DB_USE_MIGRATION_FILES = _switch(
    "-m", "--use-migration-files", help="Make the tables by running all migrations"
)

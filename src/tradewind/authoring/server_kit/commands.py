"""What the commands of provider packages are made of."""

import functools
import logging
import os
import sys
import warnings
from argparse import Namespace
from collections.abc import Callable, Collection
from typing import IO, Any, TypeVar

from tradewind.authoring import configuration
from tradewind.authoring.server_kit.refusals import refuse, refused

F = TypeVar("F", bound=Callable[..., Any])


def run_command_with_daemon_option(
    *, args: Namespace, process_name: str, callback: Callable[[], Any], **_: Any
) -> None:
    """Call `callback` in this process. Raises NotHere for `--daemon`."""
    if args.daemon:
        refuse(f"--daemon of {process_name}", "leave it out and run the command as a service")
    callback()


def action_cli(func: F | None = None, check_db: bool = True) -> Any:
    """Marks the function of a command, which is left as it is."""
    return func if func is not None else lambda decorated: decorated


def suppress_logs_and_warning(f: F) -> F:
    """Keeps a command quiet, unless its first argument has `verbose` set."""

    @functools.wraps(f)
    def quiet(*args: Any, **kwargs: Any) -> Any:
        if getattr(args[0], "verbose", False):
            return f(*args, **kwargs)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            before = logging.root.manager.disable
            logging.disable(logging.CRITICAL)
            try:
                return f(*args, **kwargs)
            finally:
                logging.disable(before)

    return quiet  # type: ignore[return-value]


def providers_configuration_loaded(func: F) -> F:
    """The function itself: options of provider packages are looked up when they are asked for."""
    return func


def setup_locations(
    process: str,
    pid: str | None = None,
    stdout: str | None = None,
    stderr: str | None = None,
    log: str | None = None,
) -> tuple[str, str, str, str]:
    """Files for a process: its id, stdout, stderr and log; in the home folder unless they are given."""
    stem = str(configuration.current().home / f"airflow-{process}")
    return (
        os.path.abspath(pid) if pid else f"{stem}.pid",  # noqa: PTH100 - not following links
        stdout or f"{stem}.out",
        stderr or f"{stem}.err",
        log or f"{stem}.log",
    )


def print_export_output(command_type: str, exported_items: Collection[Any], file: IO[str]) -> None:
    """Say how many were written; on stderr if they went to stdout themselves."""
    said = f"{len(exported_items)} {command_type} successfully exported"
    if file is sys.stdout or file.fileno() == sys.stdout.fileno():
        sys.stderr.write(f"\n{said}.\n")
    else:
        sys.stdout.write(f"{said} to {file.name}.\n")


get_bagged_dag = refused(
    "airflow.utils.cli", "get_bagged_dag", "airflow.models.DagBag reads DAG files"
)
_MIGRATING = "tables of provider packages have no place in its database"
run_db_migrate_command = refused(
    "airflow.cli.commands.db_command", "run_db_migrate_command", _MIGRATING
)
run_db_downgrade_command = refused(
    "airflow.cli.commands.db_command", "run_db_downgrade_command", _MIGRATING
)

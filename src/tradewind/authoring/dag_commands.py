"""`dag.cli()`: a DAG file that is run as a program does what Airflow 1.10 let it do."""

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

COMMANDS = {
    "list_tasks": ("tasks", "list"),
    "test": ("tasks", "test"),
    "backfill": ("backfill",),
    "pause": ("dags", "pause"),
    "unpause": ("dags", "unpause"),
    "list_dag_runs": ("dags", "list-runs"),
}
"""The commands of such a program, as `tradewind` spells them before the DAG's id."""
_READS_THE_FILE = frozenset({"test"})


def arguments(dag_id: str, fileloc: str, given: Sequence[str]) -> list[str]:
    """What `tradewind` is called with. Raises SystemExit with a message for another command."""
    name, *rest = given or ("",)
    if name not in COMMANDS:
        said = f"there is no command {name!r}" if name else "say what to do with the DAG"
        raise SystemExit(f"{said}: {', '.join(COMMANDS)}, each with its options")
    file = ["-f", fileloc] if name in _READS_THE_FILE else []
    return [*COMMANDS[name], dag_id, *rest, *file]


def run(dag_id: str, fileloc: str) -> NoReturn:
    """Become the command that the program's arguments ask for."""
    asked = arguments(dag_id, fileloc, sys.argv[1:])
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "tradewind.cli", *asked])  # noqa: S606

"""`tradewind dags ...`: the table of its commands."""

import click

from tradewind.cli.lazy import Lazy, LazyGroup

_HERE = "tradewind.cli.commands"

TABLE = {
    "clear": Lazy(f"{_HERE}.tasks_clear:clear_runs", "Clear runs, so that their tasks run again."),
    "details": Lazy(f"{_HERE}.dags_list:details", "Show everything about a DAG."),
    "fork": Lazy(f"{_HERE}.dags_fork:fork", "Make a new run from a task on."),
    "list": Lazy(f"{_HERE}.dags_list:list_", "List the DAGs."),
    "list-import-errors": Lazy(
        f"{_HERE}.dags_list:list_import_errors", "List the DAG files that cannot be read."
    ),
    "list-runs": Lazy(f"{_HERE}.dags_runs:list_runs", "List the runs of a DAG."),
    "next-execution": Lazy(f"{_HERE}.dags_show:next_execution", "Show when a DAG runs next."),
    "pause": Lazy(f"{_HERE}.dags_runs:pause", "Pause a DAG."),
    "reserialize": Lazy(f"{_HERE}.dags_list:reserialize", "Read all DAG files again, now."),
    "show": Lazy(f"{_HERE}.dags_show:show_", "Show the tasks of a DAG and what they depend on."),
    "state": Lazy(f"{_HERE}.dags_runs:state", "Show the state of a run."),
    "test": Lazy(f"{_HERE}.dags_test:test", "Run a DAG once in this terminal."),
    "trigger": Lazy(f"{_HERE}.dags_runs:trigger", "Make a run of a DAG now."),
    "unpause": Lazy(f"{_HERE}.dags_runs:unpause", "Let a paused DAG run again."),
}


@click.group(cls=LazyGroup, table=TABLE)
def dags() -> None:
    """Show, test, trigger and pause DAGs."""

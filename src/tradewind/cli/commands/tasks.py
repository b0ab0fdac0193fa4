"""`tradewind tasks ...`: the table of its commands."""

import click

from tradewind.cli.lazy import Lazy, LazyGroup

_HERE = "tradewind.cli.commands"

TABLE = {
    "clear": Lazy(f"{_HERE}.tasks_clear:clear", "Clear task instances, so that they run again."),
    "list": Lazy(f"{_HERE}.tasks_list:list_", "List the tasks of a DAG."),
    "logs": Lazy(f"{_HERE}.tasks_logs:logs", "Show or follow the log of a task."),
    "mark": Lazy(f"{_HERE}.tasks_mark:mark", "Set task instances to success, failed or skipped."),
    "state": Lazy(f"{_HERE}.tasks_list:state", "Show the state of a task instance."),
    "states-for-dag-run": Lazy(
        f"{_HERE}.tasks_list:states_for_dag_run", "List the states of a run's tasks."
    ),
    "test": Lazy(f"{_HERE}.tasks_test:test", "Run one task once in this terminal."),
}


@click.group(cls=LazyGroup, table=TABLE)
def tasks() -> None:
    """Show, test, clear and mark tasks, and read their logs."""

"""get_parsing_context: which task a file is being loaded for, if for one alone.

A process that has loaded a file serves all its tasks here, so it is never for one alone; files that
make only the DAG they are asked for make all of them.
"""

from typing import NamedTuple


class AirflowParsingContext(NamedTuple):
    """A DAG and a task that alone are wanted; None where everything is."""

    dag_id: str | None
    task_id: str | None


AirflowParsingContext.__module__ = "airflow.sdk.definitions.context"


def get_parsing_context() -> AirflowParsingContext:
    """What is wanted of the file that is being loaded: everything."""
    return AirflowParsingContext(None, None)

"""get_parsing_context: which task a file is being loaded for, if for one alone.

A process that has loaded a file serves all its tasks here, so it is never for one alone; files that
make only the DAG they are asked for make all of them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple


class AirflowParsingContext(NamedTuple):
    """A DAG and a task that alone are wanted; None where everything is."""

    dag_id: str | None
    task_id: str | None


AirflowParsingContext.__module__ = "airflow.sdk.definitions.context"


_EVERYTHING = AirflowParsingContext(None, None)
_WANTED: ContextVar[AirflowParsingContext] = ContextVar("wanted")


def get_parsing_context() -> AirflowParsingContext:
    """What is wanted of the file that is being loaded: everything, unless somebody said otherwise."""
    return _WANTED.get(_EVERYTHING)


@contextmanager
def parsing_context(dag_id: str | None = None, task_id: str | None = None) -> Iterator[None]:
    """Say what is wanted: for those who load files themselves."""
    token = _WANTED.set(AirflowParsingContext(dag_id, task_id))
    try:
        yield
    finally:
        _WANTED.reset(token)

"""get_parsing_context: which task a file is being loaded for, if for one alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple


class AirflowParsingContext(NamedTuple):
    """The DAG and task that are about to run; None while all of a file's DAGs are wanted."""

    dag_id: str | None
    task_id: str | None


AirflowParsingContext.__module__ = "airflow.sdk.definitions.context"

_NOBODY = AirflowParsingContext(None, None)
_current: ContextVar[AirflowParsingContext] = ContextVar("parsing_context", default=_NOBODY)


def get_parsing_context() -> AirflowParsingContext:
    """For files that make many DAGs: make only the one that is asked for."""
    return _current.get()


@contextmanager
def parsing_for(dag_id: str | None = None, task_id: str | None = None) -> Iterator[None]:
    """Load files for one task within a `with`."""
    token = _current.set(AirflowParsingContext(dag_id, task_id))
    try:
        yield
    finally:
        _current.reset(token)

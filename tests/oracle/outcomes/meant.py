"""Where we mean to differ from Airflow's outcome: the rows of `docs/differences.md`.

A row is found by its cause, a task that Airflow left in a state we do not; what follows from that
in the same DAG is not compared.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from tests.oracle.outcomes.sketch import Group, Item, Job, Sketch
from tradewind.model.plan import TriggerRule

_EAGER = {TriggerRule.ONE_SUCCESS, TriggerRule.ONE_FAILED, TriggerRule.ONE_DONE}
_MIN_ONE = {TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS, TriggerRule.ALL_DONE_MIN_ONE_SUCCESS}


class Row(NamedTuple):
    """One meant difference."""

    issue: int
    """Airflow's own."""
    what: str
    concerns: Callable[[Job, bool], bool]
    """Whether a task, in a mapped group or not, may meet it."""


ROWS = (
    Row(
        27449,
        "a mapped task whose trigger rule is satisfied before what it is mapped over is there",
        lambda job, _: job.rule in _EAGER and job.over is not None,
    ),
    Row(
        39801,
        "a task in a mapped task group whose rule wants one success",
        lambda job, in_mapped_group: in_mapped_group and job.rule in _MIN_ONE,
    ),
)


def meant(sketch: Sketch, ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Row | None:
    """The row by which two outcomes differ; None if by no row."""
    for job, path, in_mapped_group in _jobs(sketch.items, "", in_mapped_group=False):
        for row in ROWS:
            if row.concerns(job, in_mapped_group) and any(
                path in other["tasks"]
                and other["tasks"][path] != ours["runs"][run_id]["tasks"].get(path)
                for run_id, other in theirs["runs"].items()
            ):
                return row
    return None


def _jobs(
    items: list[Item], prefix: str, *, in_mapped_group: bool
) -> Iterator[tuple[Job, str, bool]]:
    """Every task, its full id, and whether it is in a mapped group."""
    for item in items:
        path = prefix + item.name
        if isinstance(item, Group):
            inside = in_mapped_group or item.over is not None
            yield from _jobs(item.items, f"{path}.", in_mapped_group=inside)
        else:
            yield item, path, in_mapped_group

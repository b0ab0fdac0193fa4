"""Where our answer differs from Airflow's, and which differences are meant."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.oracle.cases import NEW, OLD

_OUTSIDE = (
    "a run that somebody asks for outside the DAG's own start_date and end_date has its tasks "
    "here; Airflow makes it without any"
)

MEANT: Mapping[tuple[str, str], tuple[str, tuple[str, ...]]] = {
    (OLD, "spring_daily"): (
        "at a time that the clock skips, 2.11.2 takes a run's own date for the one before it",
        ("run 3: prev_ds", "run 3: prev_ds_nodash", "run 3: prev_execution_date"),
    ),
    **{
        (version, case): (_OUTSIDE, ("manual run: shown",))
        for version in (OLD, NEW)
        for case in ("end_date", "end_date_within_a_day", "delta_end_date")
    },
}
"""(version, case) -> why, and what differs."""


def unused(version: str, case: str, ours: Mapping[str, Any], theirs: Any) -> set[str]:
    """Meant differences that are none any more."""
    _, meant = MEANT.get((version, case), ("", ()))
    return set(meant) - {what for what, _, _ in _all(ours, theirs)}


def differences(version: str, case: str, ours: Mapping[str, Any], theirs: Any) -> list[str]:
    """Every difference that is not meant, in words."""
    _, meant = MEANT.get((version, case), ("", ()))
    return [
        f"{what}: ours {mine!r}, Airflow {version} {other!r}"
        for what, mine, other in _all(ours, theirs)
        if what not in meant
    ]


def _all(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for name in ("catchup", "backfill"):
        if ours[name] != theirs[name]:
            yield name, ours[name], theirs[name]
    mine, others = ours["runs"], theirs["runs"]
    if len(mine) != len(others):
        yield "number of runs", len(mine), len(others)
    for number, (run, other) in enumerate(zip(mine, others, strict=False), 1):
        yield from _of_run(f"run {number}", run, other)
    yield from _of_run("manual run", ours["manual"], theirs["manual"])


def _of_run(
    where: str, ours: Mapping[str, Any], theirs: Mapping[str, Any]
) -> Iterator[tuple[str, Any, Any]]:
    for name in ours.keys() - {"shown"}:
        if ours[name] != theirs[name]:
            yield f"{where}: {name}", ours[name], theirs[name]
    mine, others = ours["shown"], theirs.get("shown")
    if others is None:
        return
    if bool(mine) != bool(others):
        yield f"{where}: shown", mine, others
        return
    for name in sorted(mine.keys() | others.keys()):
        if mine.get(name) != others.get(name):
            yield f"{where}: {name}", mine.get(name), others.get(name)

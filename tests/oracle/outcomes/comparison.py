"""Where our outcome of a random DAG differs from Airflow's, in words."""

from collections.abc import Iterator, Mapping
from typing import Any


def differences(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[str]:
    """Every difference between two outcomes of one DAG."""
    return list(_all(ours, theirs))


def _all(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Iterator[str]:
    if ours["under way"] != theirs["under way"]:
        yield f"under way: ours {ours['under way']}, Airflow {theirs['under way']}"
    mine, others = ours["runs"], theirs["runs"]
    if mine.keys() != others.keys():
        yield f"runs: ours {sorted(mine)}, Airflow {sorted(others)}"
    for run_id in sorted(mine.keys() & others.keys()):
        run, other = mine[run_id], others[run_id]
        if run["state"] != other["state"]:
            yield f"run {run_id}: ours {run['state']}, Airflow {other['state']}"
        for part in ("tasks", "xcoms"):
            for name in sorted(run[part].keys() | other[part].keys()):
                one, two = run[part].get(name, "-"), other[part].get(name, "-")
                if one != two:
                    yield f"run {run_id}, {part}, {name}: ours {one!r}, Airflow {two!r}"

"""Whether what the tasks wrote down, what the database says and who was killed agree."""

from collections.abc import Iterator

from tests.chaos.shape import Work
from tests.chaos.witness import Killed, Outside, Seen, Try

LOST = ("lost: ", "airflow.sdk.exceptions.AirflowTaskTerminated: terminated by SIGTERM")
"""How the reason of a try begins that was killed from outside, or stopped by a scheduler that had
to stop."""

DYING_NS = 2_000_000_000
"""How long after the kill of a supervisor its zygotes, and then their tasks, may take to die."""


def faults(
    tasks: list[Work], outside: Outside, tries: dict[str, list[Try]], kills: list[Killed]
) -> list[str]:
    """What is wrong, one line each; none if all is well."""
    found = []
    last = {name: of[-1] for name, of in tries.items() if of}
    for work in tasks:
        seen = outside.tries.get(work.name, {})
        found += [
            f"{work.name}: {fault}"
            for fault in (
                *_of_states(work, tries.get(work.name, []), last),
                *_of_starts(work, seen, tries.get(work.name, []), kills),
                *_of_order(work, seen, outside),
            )
        ]
    unknown = outside.tries.keys() - {work.name for work in tasks}
    return found + [f"{name}: no task of this DAG" for name in sorted(unknown)]


def _of_states(work: Work, tries: list[Try], last: dict[str, Try]) -> Iterator[str]:
    """Each try follows the one before it, and the last ended as it may."""
    if not tries:
        yield "the database does not know it"
        return
    final = tries[-1]
    numbers = [one.number for one in tries]
    if final.state == "upstream_failed":
        states = {last[name].state for name in work.upstream}
        if work.goes_on or not states & {"failed", "upstream_failed"}:
            yield f"upstream_failed below {states}"
        return
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"its tries are numbered {numbers}"
    if final.state not in ("success", "failed"):
        yield f"it ended as {final.state}"
    if final.number > work.retries + 1:
        yield f"try {final.number} of {work.retries + 1}"
    if final.state == "failed" and final.number != work.retries + 1:
        yield f"it failed with tries left: {final}"
    for one in tries:
        if one.state != "success" and not (one.reason or "").startswith(LOST):
            yield f"try {one.number} is {one.state} because of {one.reason!r}"


def _of_starts(
    work: Work, seen: dict[int, Seen], tries: list[Try], kills: list[Killed]
) -> Iterator[str]:
    """No try starts twice; each further one follows a kill; the one that succeeded ended."""
    known = {one.number: one for one in tries}
    for number, one in sorted(seen.items()):
        if len(one.starts) != 1:
            yield f"try {number} started {len(one.starts)} times"
        if len(one.ends) > 1:
            yield f"try {number} ended {len(one.ends)} times"
        if number not in known:
            yield f"try {number} ran, but the database does not know it"
        elif known[number].state == "success" and len(one.ends) != 1:
            yield f"try {number} is a success, but it has not ended"
        later = [clock for other in seen if other > number for clock in seen[other].starts]
        until = min(later, default=None)
        if one.ends and until is not None and until < one.ends[0]:
            yield f"a try began before try {number} had ended"
        if one.starts and number in known and known[number].state != "success":
            fatal = [kill for kill in kills if kill.concerns(one.pid)]
            if not any(_between(kill.clock, one.starts[0], until) for kill in fatal):
                yield f"try {number} was given up, but nobody killed it"
    if tries and tries[-1].state == "success" and tries[-1].number not in seen:
        yield "it is a success, but never ran"
    if work.retries == 0 and sum(len(one.starts) for one in seen.values()) > 1:
        yield "it has no retries and started twice"


def _between(clock: int, first: int, last: int | None) -> bool:
    return clock >= first - DYING_NS and (last is None or clock <= last)


def _of_order(work: Work, seen: dict[int, Seen], outside: Outside) -> Iterator[str]:
    """Nothing starts before what is upstream has come to its end."""
    starts = [clock for one in seen.values() for clock in one.starts]
    if not starts:
        return
    for name in work.upstream:
        clocks = [
            clock
            for one in outside.tries.get(name, {}).values()
            for clock in (*one.starts, *one.ends)
        ]
        if clocks and max(clocks) > min(starts):
            yield f"it started before {name} was over"

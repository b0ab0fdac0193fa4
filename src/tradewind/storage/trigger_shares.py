"""Which triggerer runs which trigger, worked out by each for itself: nothing is written.

The same triggers and triggerers give the same shares. When a triggerer comes or goes only its own
share moves. While two do not agree on who lives, a trigger may run twice: only its first word counts.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b

from tradewind.storage.components import Component


def share_of(
    me: Component, triggerers: Iterable[Component], triggers: Iterable[tuple[str, str | None]]
) -> list[str]:
    """The triggers, of (trigger, queue), that `me` is to run, in the order given."""
    everybody = sorted({one.id: one for one in (*triggerers, me)}.values(), key=lambda one: one.id)
    by_queue: dict[str | None, list[str]] = {}
    mine = []
    for trigger, queue in triggers:
        if queue not in by_queue:
            by_queue[queue] = [one.id for one in everybody if _serves(one, queue)]
        if _winner(trigger, by_queue[queue]) == me.id:
            mine.append(trigger)
    return mine


def runner_of(trigger: str, queue: str | None, triggerers: Iterable[Component]) -> str | None:
    """Id of the one of `triggerers` that runs a trigger; None if none of them serves its queue."""
    return _winner(trigger, [one.id for one in triggerers if _serves(one, queue)])


def _serves(one: Component, queue: str | None) -> bool:
    return queue in one.queues if one.queues else queue is None


def _winner(trigger: str, ids: Sequence[str]) -> str | None:
    if len(ids) < 2:
        return ids[0] if ids else None
    return max(ids, key=lambda one: blake2b(f"{trigger} {one}".encode(), digest_size=8).digest())

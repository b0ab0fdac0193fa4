"""Which DAGs wait for which assets, and what has been written since each made its last run of that."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tradewind.model.assets import AssetKey, AssetUpdate

Leaf = tuple[str, ...]
"""("asset", name, uri), ("name", name), ("uri", uri) or ("alias", name)."""


class AssetQueue:
    """What a DAG's schedule waits for, and which assets have been written since its last run."""

    __slots__ = ("condition", "updated")

    def __init__(self) -> None:
        self.condition: dict[str, Any] | None = None
        """An asset expression; None where the schedule waits for no asset."""
        self.updated: dict[AssetKey, datetime] = {}

    def leaves(self) -> set[Leaf]:
        """What the condition is made of."""
        return set() if self.condition is None else set(_leaves(self.condition))

    def note(self, key: AssetKey, at: datetime) -> None:
        """An asset was written."""
        self.updated[key] = at

    def forget(self, key: AssetKey, before: datetime | None) -> bool:
        """Take an asset as not written, if that was before a moment; whether it is."""
        if before is not None and self.updated[key] >= before:
            return False
        del self.updated[key]
        return True

    def drop_others(self, assets: "Assets") -> list[AssetKey]:
        """Forget the assets that the condition does not name; which they are."""
        wanted = self.leaves()
        others = [key for key in self.updated if not wanted.intersection(assets.leaves_of(key))]
        for key in others:
            del self.updated[key]
        return others

    def is_complete(self, assets: "Assets") -> bool:
        """Whether the condition holds."""
        if self.condition is None or not self.updated:
            return False
        there = {leaf for key in self.updated for leaf in assets.leaves_of(key)}
        return _holds(self.condition, there)


class Assets:
    """Which DAGs wait for which asset, which assets each alias stands for, and the last event."""

    def __init__(self) -> None:
        self.last_event_id = 0
        self._waiting: dict[Leaf, set[str]] = {}
        self._leaves: dict[str, set[Leaf]] = {}
        self._aliases: dict[AssetKey, set[str]] = {}

    def new_event_id(self) -> int:
        """The number of one more event."""
        self.last_event_id += 1
        return self.last_event_id

    def register(self, dag_id: str, leaves: set[Leaf]) -> None:
        """Note what a DAG waits for, instead of what it did before."""
        for leaf in self._leaves.pop(dag_id, ()):
            self._waiting[leaf].discard(dag_id)
        if leaves:
            self._leaves[dag_id] = leaves
        for leaf in leaves:
            self._waiting.setdefault(leaf, set()).add(dag_id)

    def associate(self, update: AssetUpdate) -> None:
        """The aliases of an update stand for its asset from now on."""
        for alias in update.aliases:
            self.stands_for(alias, update.key)

    def stands_for(self, alias: str, key: AssetKey) -> None:
        """An alias stands for an asset."""
        self._aliases.setdefault(key, set()).add(alias)

    def leaves_of(self, key: AssetKey) -> Iterator[Leaf]:
        """All that names an asset."""
        yield ("asset", *key)
        yield ("name", key.name)
        yield ("uri", key.uri)
        for alias in self._aliases.get(key, ()):
            yield ("alias", alias)

    def waiting_for(self, key: AssetKey) -> set[str]:
        """The DAGs that wait for an asset."""
        found = (self._waiting.get(leaf, ()) for leaf in self.leaves_of(key))
        return {dag_id for dag_ids in found for dag_id in dag_ids}


def _leaves(expression: dict[str, Any]) -> Iterator[Leaf]:
    ((kind, of),) = expression.items()
    if kind in ("all", "any"):
        for inner in of:
            yield from _leaves(inner)
    elif kind == "asset":
        yield ("asset", of["name"], of["uri"])
    elif kind == "alias":
        yield ("alias", of["name"])
    else:
        yield from of.items()


def _holds(expression: dict[str, Any], there: set[Leaf]) -> bool:
    ((kind, of),) = expression.items()
    if kind == "all":
        return all(_holds(inner, there) for inner in of)
    if kind == "any":
        return any(_holds(inner, there) for inner in of)
    return not there.isdisjoint(_leaves(expression))

"""Asset, AssetAlias, references to assets, and conditions made of them with `&` and `|`."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal, overload

from tradewind.authoring.assets.access import AssetAccessControl
from tradewind.authoring.assets.keys import AssetAliasUniqueKey, AssetUniqueKey
from tradewind.authoring.assets.uris import normalised

if TYPE_CHECKING:
    from tradewind.authoring.assets.watcher import AssetWatcher

_HOME = "airflow.sdk.definitions.asset"
_LENGTH_MAX = 1500
_RESERVED = ("self", "context")


class BaseAsset:
    """A condition on assets: one of them, or several joined by `&` and `|`."""

    __module__ = _HOME

    def __or__(self, other: object) -> "AssetAny":
        return AssetAny(self, other) if isinstance(other, BaseAsset) else NotImplemented

    def __and__(self, other: object) -> "AssetAll":
        return AssetAll(self, other) if isinstance(other, BaseAsset) else NotImplemented

    def as_expression(self) -> dict[str, Any]:
        """The condition as data."""
        raise NotImplementedError

    def leaves(self) -> Iterator["BaseAsset"]:
        """The assets, aliases and references in it, in order."""
        yield self

    def iter_assets(self) -> Iterator[tuple[AssetUniqueKey, "Asset"]]:
        """(key, asset) of every asset in it."""
        for leaf in self.leaves():
            if isinstance(leaf, Asset):
                yield AssetUniqueKey.from_asset(leaf), leaf

    def iter_asset_aliases(self) -> Iterator[tuple[AssetAliasUniqueKey, "AssetAlias"]]:
        """(key, alias) of every alias in it."""
        for leaf in self.leaves():
            if isinstance(leaf, AssetAlias):
                yield AssetAliasUniqueKey.from_asset_alias(leaf), leaf

    def iter_asset_refs(self) -> Iterator["AssetRef"]:
        """Every reference in it."""
        for leaf in self.leaves():
            if isinstance(leaf, AssetRef):
                yield leaf


class AssetRef(BaseAsset):
    """An asset that is defined elsewhere."""

    __module__ = _HOME


class AssetNameRef(AssetRef):
    """An asset by name."""

    __module__ = _HOME

    def __init__(self, name: str) -> None:
        self.name = name

    def as_expression(self) -> dict[str, Any]:
        return {"asset_ref": {"name": self.name}}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AssetNameRef) and self.name == other.name

    def __hash__(self) -> int:
        return hash((AssetNameRef, self.name))

    def __repr__(self) -> str:
        return f"AssetNameRef(name={self.name!r})"


class AssetUriRef(AssetRef):
    """An asset by URI."""

    __module__ = _HOME

    def __init__(self, uri: str) -> None:
        self.uri = uri

    def as_expression(self) -> dict[str, Any]:
        return {"asset_ref": {"uri": self.uri}}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AssetUriRef) and self.uri == other.uri

    def __hash__(self) -> int:
        return hash((AssetUriRef, self.uri))

    def __repr__(self) -> str:
        return f"AssetUriRef(uri={self.uri!r})"


class Asset(os.PathLike[str], BaseAsset):
    """Something that tasks read and write, by name and URI; either stands for the other."""

    __module__ = _HOME
    asset_type: ClassVar[str] = "asset"

    def __init__(
        self,
        name: str | None = None,
        uri: "str | os.PathLike[str] | None" = None,
        *,
        group: str | None = None,
        extra: dict[str, Any] | None = None,
        watchers: "list[AssetWatcher] | None" = None,
        access_control: AssetAccessControl | None = None,
    ) -> None:
        address = None if uri is None else str(uri)
        if name is None and address is None:
            raise TypeError("Asset() needs a name or a uri: write Asset('orders')")
        self.name: str = _checked(name if name is not None else address, "name of an asset")
        self.uri: str = normalised(
            _checked(address if address is not None else name, "uri of an asset", is_name=False)
        )
        self.group: str = group if group is not None else self.asset_type
        self.extra: dict[str, Any] = dict(extra or {})
        self.watchers: list[AssetWatcher] = list(watchers or ())
        self.access_control = access_control or AssetAccessControl()

    @staticmethod
    @overload
    def ref(*, name: str) -> AssetNameRef: ...
    @staticmethod
    @overload
    def ref(*, uri: str) -> AssetUriRef: ...
    @staticmethod
    def ref(*, name: str = "", uri: str = "") -> AssetRef:
        """A reference to an asset that another file defines."""
        if bool(name) == bool(uri):
            raise TypeError("Asset.ref() needs either name= or uri=")
        return AssetNameRef(name) if name else AssetUriRef(uri)

    @property
    def normalized_uri(self) -> str | None:
        """The URI, or None where it has no scheme."""
        return self.uri if ":" in self.uri else None

    def as_expression(self) -> dict[str, Any]:
        return {"asset": {"uri": self.uri, "name": self.name, "group": self.group}}

    def __fspath__(self) -> str:
        return self.uri

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Asset):
            return NotImplemented
        return self._facts() == other._facts()

    def __hash__(self) -> int:
        return hash((self.name, self.uri))

    def _facts(self) -> tuple[Any, ...]:
        return (
            self.name,
            self.uri,
            self.group,
            self.extra,
            self.watchers,
            self.access_control,
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}(name={self.name!r}, uri={self.uri!r})"


class Dataset(Asset):
    """An asset that is a set of data."""

    __module__ = _HOME
    asset_type = "dataset"


class Model(Asset):
    """An asset that is a model."""

    __module__ = _HOME
    asset_type = "model"


class AssetAlias(BaseAsset):
    """Stands for the assets that a task adds to it while it runs."""

    __module__ = _HOME

    def __init__(self, name: str, *, group: str = "asset") -> None:
        self.name: str = _checked(name, "name of an asset alias")
        self.group = group

    def as_expression(self) -> dict[str, Any]:
        return {"alias": {"name": self.name, "group": self.group}}

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, AssetAlias) and self.name == other.name and self.group == other.group
        )

    def __hash__(self) -> int:
        return hash((AssetAlias, self.name, self.group))

    def __repr__(self) -> str:
        return f"AssetAlias(name={self.name!r})"


class AssetBooleanCondition(BaseAsset):
    """Several conditions joined."""

    __module__ = _HOME
    joined_by: ClassVar[Literal["all", "any"]]

    def __init__(self, *objects: BaseAsset) -> None:
        for item in objects:
            if not isinstance(item, BaseAsset):
                raise TypeError(
                    f"{type(self).__name__} takes assets, aliases and conditions of them, "
                    f"not {item!r}"
                )
        self.objects: tuple[BaseAsset, ...] = tuple(
            inner
            for item in objects
            for inner in (item.objects if type(item) is type(self) else (item,))
        )

    def leaves(self) -> Iterator[BaseAsset]:
        for item in self.objects:
            yield from item.leaves()

    def as_expression(self) -> dict[str, Any]:
        return {self.joined_by: [item.as_expression() for item in self.objects]}

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.objects == other.objects

    def __hash__(self) -> int:
        return hash((self.joined_by, self.objects))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self.objects))})"


class AssetAny(AssetBooleanCondition):
    """Holds as soon as one of them does: `a | b`."""

    __module__ = _HOME
    joined_by = "any"


class AssetAll(AssetBooleanCondition):
    """Holds when all of them do: `a & b`."""

    __module__ = _HOME
    joined_by = "all"


def _checked(value: Any, what: str, *, is_name: bool = True) -> str:
    if not isinstance(value, str):
        raise TypeError(f"the {what} must be a string, not {value!r}")
    if not value or value.isspace():
        raise ValueError(f"the {what} must not be empty")
    if len(value) > _LENGTH_MAX:
        raise ValueError(f"the {what} has {len(value)} characters; at most {_LENGTH_MAX} go")
    if is_name and value in _RESERVED:
        raise ValueError(f"the {what} must not be {value!r}: tasks of @asset use that name")
    return value

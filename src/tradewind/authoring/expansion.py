"""What a task or group is expanded over: lists by argument, or a list of dicts.

Checks what may be expanded over; `compile` asks `as_spec` for the data.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tradewind.authoring.mapped_items import count_of, item_of
from tradewind.authoring.notset import NOTSET
from tradewind.authoring.xcom_arg import (
    XCOM_RETURN_KEY,
    ConcatXComArg,
    MapXComArg,
    PlainXComArg,
    ResolveMixin,
    XComArg,
    ZipXComArg,
    references_in,
)
from tradewind.model.constructs import Expansion, Source

if TYPE_CHECKING:
    from tradewind.authoring.operator import BaseOperator

_HOME = "airflow.sdk.definitions._internal.expandinput"


class DictOfListsExpandInput(ResolveMixin):
    """`expand(a=[...], b=[...])`: one for each combination, the last argument varies fastest."""

    __module__ = _HOME
    EXPAND_INPUT_TYPE = "dict-of-lists"

    def __init__(self, value: Mapping[str, Any]) -> None:
        self.value = dict(value)

    def iter_references(self) -> "Iterator[tuple[BaseOperator, str]]":
        for item in self.value.values():
            if isinstance(item, ResolveMixin):
                yield from item.iter_references()

    def resolve(self, context: Any) -> tuple[dict[str, Any], set[int]]:
        """This task instance's arguments, and the ids of those that are not to be rendered."""
        place = context["ti"].map_index
        kwargs: dict[str, Any] = {}
        for number, (name, value) in reversed(list(enumerate(self.value.items()))):
            own = place
            if number:
                place, own = divmod(place, count_of(value, context))
            kwargs[name] = item_of(value, own, context)
        resolved = {id(kwargs[name]) for name, item in self.value.items() if _is_resolved(item)}
        return kwargs, resolved

    def as_spec(self) -> Expansion:
        """The expansion as data."""
        return Expansion(
            arguments=tuple((name, source_of(item)) for name, item in self.value.items())
        )


class ListOfDictsExpandInput(ResolveMixin):
    """`expand_kwargs([...])`: one for each dict."""

    __module__ = _HOME
    EXPAND_INPUT_TYPE = "list-of-dicts"

    def __init__(self, value: "XComArg | Sequence[Any]") -> None:
        self.value = value

    def iter_references(self) -> "Iterator[tuple[BaseOperator, str]]":
        return references_in(self.value)

    def resolve(self, context: Any) -> tuple[dict[str, Any], set[int]]:
        """This task instance's arguments, and the ids of those that are not to be rendered.

        Raises ValueError for an item that is no dict with strings as keys.
        """
        item = item_of(self.value, context["ti"].map_index, context)
        is_resolved = _is_resolved(self.value)
        if isinstance(item, ResolveMixin):
            item, is_resolved = item.resolve(context), True
        if not isinstance(item, Mapping):
            raise ValueError(
                f"expand_kwargs() expects a list[dict], not list[{type(item).__name__}]"
            )
        if not all(isinstance(key, str) for key in item):
            raise ValueError("expand_kwargs() input dict keys must all be str")
        return dict(item), {id(value) for value in item.values()} if is_resolved else set()

    def as_spec(self) -> Expansion:
        """The expansion as data."""
        return Expansion(kwargs=source_of(self.value))


ExpandInput = DictOfListsExpandInput | ListOfDictsExpandInput


class MappedArgument(ResolveMixin):
    """In a mapped group: this group instance's item of an argument."""

    __module__ = _HOME

    def __init__(self, *, input: ExpandInput, key: str) -> None:
        self._input = input
        self._key = key

    def iter_references(self) -> "Iterator[tuple[BaseOperator, str]]":
        return self._input.iter_references()

    def resolve(self, context: Any) -> Any:
        """The item."""
        kwargs, _ = self._input.resolve(context)
        return kwargs[self._key]

    def __repr__(self) -> str:
        return f"MappedArgument({self._key!r})"


def _is_resolved(value: Any) -> bool:
    """Whether its items come from tasks, and so are no templates."""
    return isinstance(value, ResolveMixin)


def source_of(value: Any) -> Source:
    """Where items come from, as data."""
    if isinstance(value, PlainXComArg):
        return Source("xcom", task_id=value.operator.task_id, key=value.key)
    if isinstance(value, MapXComArg):
        return Source("map", of=(source_of(value.arg),))
    if isinstance(value, ZipXComArg):
        fills = value.fillvalue is not NOTSET
        return Source("zip", of=tuple(map(source_of, value.args)), fills=fills)
    if isinstance(value, ConcatXComArg):
        return Source("concat", of=tuple(map(source_of, value.args)))
    if isinstance(value, MappedArgument):
        return Source("group", key=value._key)
    references = tuple(
        Source("xcom", task_id=operator.task_id, key=key) for operator, key in references_in(value)
    )
    return Source("literal", length=len(value), of=references)


def check_mappable(owner: str, arguments: Mapping[str, Any]) -> None:
    """Raise for arguments of `owner`.expand() that have no items."""
    if not arguments:
        raise TypeError(f"no arguments to expand against: write {owner}expand(name=[...])")
    for name, value in arguments.items():
        if not isinstance(value, list | tuple | Mapping | XComArg | MappedArgument):
            raise ValueError(
                f"{owner}expand() got an unexpected type {type(value).__name__!r} for keyword "
                f"argument {name!r}: give a list, a dict or the output of a task"
            )
        check_return_value(value)


def check_kwargs(owner: str, value: Any) -> None:
    """Raise TypeError for what `owner`.expand_kwargs() cannot be given."""
    fits = isinstance(value, XComArg) or (
        isinstance(value, Sequence)
        and not isinstance(value, str)
        and all(isinstance(item, Mapping | XComArg) for item in value)
    )
    if not fits:
        raise TypeError(
            f"{owner}expand_kwargs() expected XComArg or list[dict], not {type(value).__name__}"
        )
    check_return_value(value)


def check_return_value(value: Any) -> None:
    """Raise ValueError for an XCom that is no task's return value."""
    if isinstance(value, PlainXComArg) and value.key != XCOM_RETURN_KEY:
        raise ValueError(
            f"cannot map over XCom with custom key {value.key!r} from {value.operator!r}: "
            "only what a task returns has items"
        )

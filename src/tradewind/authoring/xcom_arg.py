"""XComArg: the output a task will have, used as an argument of another task.

Putting one anywhere into a template field adds the dependency; it is resolved when that field is
rendered.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Any

from tradewind.authoring.errors import XComNotFound
from tradewind.authoring.lazy import LazyModule
from tradewind.authoring.mapped_items import Output, items_of
from tradewind.authoring.node import DAGNode, DependencyMixin
from tradewind.authoring.notset import NOTSET

if TYPE_CHECKING:
    from tradewind.authoring import lazy_sequence
    from tradewind.authoring.operator import BaseOperator
else:
    lazy_sequence = LazyModule("tradewind.authoring.lazy_sequence")

XCOM_RETURN_KEY = "return_value"


class ResolveMixin:
    """Something in a template field that turns into a value when the field is rendered."""

    __module__ = "airflow.sdk.definitions._internal.mixins"

    def resolve(self, context: Any) -> Any:
        """The value."""
        raise NotImplementedError

    def iter_references(self) -> "Iterator[tuple[BaseOperator, str]]":
        """The (task, key) pairs it reads."""
        return iter(())


class XComArg(ResolveMixin, DependencyMixin):
    """What one task pushed, or what is made of what several pushed; `XComArg(task, key)` makes the
    first."""

    __module__ = "airflow.sdk.definitions.xcom_arg"

    operator: "BaseOperator"
    key: str

    def __new__(cls, *args: Any, **kwargs: Any) -> "XComArg":
        return super().__new__(PlainXComArg if cls is XComArg else cls)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError(f"{type(self).__name__} has no constructor")

    def count_items(self, context: Any) -> int:
        """How many items those who are expanded over it get."""
        raise NotImplementedError

    def item(self, place: int, context: Any) -> Any:
        """One of them."""
        raise NotImplementedError

    @property
    def roots(self) -> Sequence["BaseOperator"]:
        return [operator for operator, _ in self.iter_references()]

    @property
    def leaves(self) -> Sequence["BaseOperator"]:
        return [operator for operator, _ in self.iter_references()]

    def map(self, f: Callable[[Any], Any]) -> "MapXComArg":
        """Each item handed through a function, in the task that uses it."""
        return MapXComArg(self, (f,))

    def zip(self, *others: "XComArg", fillvalue: Any = NOTSET) -> "ZipXComArg":
        """Tuples of the items of all; with a fillvalue as many as the longest has."""
        return ZipXComArg((self, *others), fillvalue=fillvalue)

    def concat(self, *others: "XComArg") -> "ConcatXComArg":
        """The items of all, one after the other."""
        return ConcatXComArg((self, *others))

    @classmethod
    def iter_xcom_references(cls, arg: Any) -> "Iterator[tuple[BaseOperator, str]]":
        """The (task, key) pairs of every XComArg in `arg`."""
        return references_in(arg)

    @classmethod
    def apply_upstream_relationship(cls, op: DependencyMixin, arg: Any) -> None:
        """Put the tasks of every XComArg in `arg` before `op`."""
        for operator, _ in references_in(arg):
            op.set_upstream(operator)


class PlainXComArg(XComArg):
    """A reference to the XCom `key` of a task."""

    __module__ = "airflow.sdk.definitions.xcom_arg"

    def __init__(self, operator: "BaseOperator", key: str = XCOM_RETURN_KEY) -> None:
        self.operator = operator
        self.key = key

    def __getitem__(self, item: str) -> "XComArg":
        if not isinstance(item, str):
            raise ValueError(
                f"the output of task {self.operator.task_id!r} can be indexed by an XCom key "
                f"(a string) only, not {item!r}"
            )
        return PlainXComArg(self.operator, item)

    def __iter__(self) -> Iterator[Any]:
        raise TypeError(
            f"the output of task {self.operator.task_id!r} is not there yet and cannot be "
            "iterated over: do that inside a task"
        )

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, PlainXComArg)
            and self.operator is other.operator
            and self.key == other.key
        )

    def __hash__(self) -> int:
        return hash((id(self.operator), self.key))

    @property
    def node_id(self) -> str:
        """The task's id, for messages."""
        return self.operator.task_id

    @property
    def is_setup(self) -> bool:
        """Whether the task is a setup task."""
        return self.operator.is_setup

    @property
    def is_teardown(self) -> bool:
        """Whether the task is a teardown task."""
        return self.operator.is_teardown

    @property
    def on_failure_fail_dagrun(self) -> bool:
        """Whether the run fails with this teardown task."""
        return self.operator.on_failure_fail_dagrun

    def as_setup(self) -> "XComArg":
        """Make the task a setup task."""
        self.operator.as_setup()
        return self

    def as_teardown(self, *, setups: Any = None, on_failure_fail_dagrun: bool = False) -> "XComArg":
        """Make the task a teardown task."""
        self.operator.as_teardown(setups=setups, on_failure_fail_dagrun=on_failure_fail_dagrun)
        return self

    def __enter__(self) -> Any:
        return self.operator.__enter__()

    def __exit__(self, *exception: object) -> None:
        self.operator.__exit__(*exception)

    def iter_references(self) -> "Iterator[tuple[BaseOperator, str]]":
        yield self.operator, self.key

    def map(self, f: Callable[[Any], Any]) -> "MapXComArg":
        _check_is_return_value(self, "map")
        return super().map(f)

    def zip(self, *others: XComArg, fillvalue: Any = NOTSET) -> "ZipXComArg":
        _check_is_return_value(self, "zip")
        return super().zip(*others, fillvalue=fillvalue)

    def concat(self, *others: XComArg) -> "ConcatXComArg":
        _check_is_return_value(self, "concat")
        return super().concat(*others)

    def resolve(self, context: Any) -> Any:
        """The value; of a mapped task all values. Raises XComNotFound where the task pushed no
        such key."""
        task_id, ti = self.operator.task_id, context["ti"]
        indexes: Any = NOTSET
        group = mapped_group_of(self.operator)
        if self.operator.is_mapped or (group is not None and group is not mapped_group_of(ti.task)):
            values = lazy_sequence.LazyXComSequence(ti.dag_id, ti.run_id, task_id, self.key)
            return values if group is None else list(values)
        if group is not None:
            indexes = ti.map_index
        value = ti.xcom_pull(task_ids=task_id, key=self.key, default=NOTSET, map_indexes=indexes)
        if value is not NOTSET:
            return value
        if self.key == XCOM_RETURN_KEY or self.operator.multiple_outputs:
            return None
        raise XComNotFound(ti.dag_id, task_id, self.key)

    def count_items(self, context: Any) -> int:
        return Output(context["ti"], self.operator.task_id, self.key).count()

    def item(self, place: int, context: Any) -> Any:
        return Output(context["ti"], self.operator.task_id, self.key).item(place)

    def __str__(self) -> str:
        key = "" if self.key == XCOM_RETURN_KEY else f", key={self.key!r}"
        return (
            "{{ task_instance.xcom_pull("
            f"task_ids={self.operator.task_id!r}, dag_id={self.operator.dag_id!r}{key}) }}}}"
        )

    def __repr__(self) -> str:
        return f"XComArg({self.operator!r}, key={self.key!r})"


class MapXComArg(XComArg):
    """The items of another, each handed through functions."""

    __module__ = "airflow.sdk.definitions.xcom_arg"

    def __init__(self, arg: XComArg, callables: Sequence[Callable[[Any], Any]]) -> None:
        for function in callables:
            if hasattr(function, "operator_class") and hasattr(function, "expand"):
                raise ValueError("map() argument must be a plain function, not a @task operator")
            if not callable(function):
                raise TypeError(f"map() takes a function of one item, not {function!r}")
        self.arg = arg
        self.callables = tuple(callables)

    def map(self, f: Callable[[Any], Any]) -> "MapXComArg":
        return MapXComArg(self.arg, (*self.callables, f))

    def iter_references(self) -> "Iterator[tuple[BaseOperator, str]]":
        return self.arg.iter_references()

    def resolve(self, context: Any) -> Any:
        """The items as a list."""
        return [self._through(item) for item in items_of(self.arg.resolve(context))]

    def count_items(self, context: Any) -> int:
        return self.arg.count_items(context)

    def item(self, place: int, context: Any) -> Any:
        return self._through(self.arg.item(place, context))

    def _through(self, item: Any) -> Any:
        for function in self.callables:
            item = function(item)
        return item

    def __repr__(self) -> str:
        return f"{self.arg!r}" + ".map(<function>)" * len(self.callables)


class ZipXComArg(XComArg):
    """Tuples of the items of several."""

    __module__ = "airflow.sdk.definitions.xcom_arg"

    def __init__(self, args: Sequence[XComArg], *, fillvalue: Any = NOTSET) -> None:
        self.args = _checked_parts(args, "zip")
        self.fillvalue = fillvalue

    def iter_references(self) -> "Iterator[tuple[BaseOperator, str]]":
        return chain.from_iterable(arg.iter_references() for arg in self.args)

    def resolve(self, context: Any) -> Any:
        """The tuples as a list."""
        parts = [items_of(arg.resolve(context)) for arg in self.args]
        if self.fillvalue is NOTSET:
            return list(zip(*parts, strict=False))
        return list(zip_longest(*parts, fillvalue=self.fillvalue))

    def count_items(self, context: Any) -> int:
        counts = [arg.count_items(context) for arg in self.args]
        return min(counts) if self.fillvalue is NOTSET else max(counts)

    def item(self, place: int, context: Any) -> Any:
        if self.fillvalue is NOTSET:
            return tuple(arg.item(place, context) for arg in self.args)
        return tuple(
            arg.item(place, context) if place < arg.count_items(context) else self.fillvalue
            for arg in self.args
        )

    def __repr__(self) -> str:
        first, *others = map(repr, self.args)
        return f"{first}.zip({', '.join(others)})"


class ConcatXComArg(XComArg):
    """The items of several, one after the other."""

    __module__ = "airflow.sdk.definitions.xcom_arg"

    def __init__(self, args: Sequence[XComArg]) -> None:
        self.args = _checked_parts(args, "concat")

    def concat(self, *others: XComArg) -> "ConcatXComArg":
        return ConcatXComArg((*self.args, *others))

    def iter_references(self) -> "Iterator[tuple[BaseOperator, str]]":
        return chain.from_iterable(arg.iter_references() for arg in self.args)

    def resolve(self, context: Any) -> Any:
        """The items as a list."""
        return [item for arg in self.args for item in items_of(arg.resolve(context))]

    def count_items(self, context: Any) -> int:
        return sum(arg.count_items(context) for arg in self.args)

    def item(self, place: int, context: Any) -> Any:
        for arg in self.args:
            count = arg.count_items(context)
            if place < count:
                return arg.item(place, context)
            place -= count
        raise IndexError(place)

    def __repr__(self) -> str:
        first, *others = map(repr, self.args)
        return f"{first}.concat({', '.join(others)})"


def _check_is_return_value(arg: PlainXComArg, what: str) -> None:
    if arg.key != XCOM_RETURN_KEY:
        raise ValueError(
            f"cannot {what} the XCom {arg.key!r} of task {arg.operator.task_id!r}: "
            "only what a task returns has items to go through (cannot map against non-return XCom)"
        )


def _checked_parts(args: Sequence[XComArg], what: str) -> tuple[XComArg, ...]:
    for arg in args:
        if not isinstance(arg, XComArg):
            raise TypeError(f"{what}() takes outputs of tasks, not {arg!r}")
    return tuple(args)


def mapped_group_of(task: Any) -> Any:
    """The expanded group around a task, if there is one."""
    group = getattr(task, "task_group", None)
    return None if group is None else next(iter(group.iter_mapped_task_groups()), None)


def references_in(value: Any) -> "Iterator[tuple[BaseOperator, str]]":
    """The (task, key) pairs in `value`: in lists, tuples, sets, dicts and objects with
    template_fields."""
    if isinstance(value, ResolveMixin):
        yield from value.iter_references()
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from references_in(item)
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from references_in(item)
    elif hasattr(value, "template_fields") and not isinstance(value, DAGNode | type):
        for field in value.template_fields:
            yield from references_in(getattr(value, field, None))

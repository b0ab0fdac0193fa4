"""XComArg: the output a task will have, used as an argument of another task.

Putting one anywhere into a template field adds the dependency; it is resolved when that field is
rendered.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tradewind.authoring.errors import XComNotFound
from tradewind.authoring.node import DAGNode, DependencyMixin
from tradewind.authoring.notset import NOTSET

if TYPE_CHECKING:
    from tradewind.authoring.operator import BaseOperator

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
        return XComArg(self.operator, item)

    def __iter__(self) -> Iterator[Any]:
        raise TypeError(
            f"the output of task {self.operator.task_id!r} is not there yet and cannot be "
            "iterated over: do that inside a task"
        )

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, XComArg) and self.operator is other.operator and self.key == other.key
        )

    def __hash__(self) -> int:
        return hash((id(self.operator), self.key))

    @property
    def roots(self) -> Sequence["BaseOperator"]:
        return [self.operator]

    @property
    def leaves(self) -> Sequence["BaseOperator"]:
        return [self.operator]

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

    def iter_references(self) -> "Iterator[tuple[BaseOperator, str]]":
        yield self.operator, self.key

    def resolve(self, context: Any) -> Any:
        """The value. Raises XComNotFound where the task pushed no such key."""
        task_id = self.operator.task_id
        value = context["ti"].xcom_pull(task_ids=task_id, key=self.key, default=NOTSET)
        if value is not NOTSET:
            return value
        if self.key == XCOM_RETURN_KEY or self.operator.multiple_outputs:
            return None
        raise XComNotFound(context["ti"].dag_id, task_id, self.key)

    def __str__(self) -> str:
        key = "" if self.key == XCOM_RETURN_KEY else f", key={self.key!r}"
        return (
            "{{ task_instance.xcom_pull("
            f"task_ids={self.operator.task_id!r}, dag_id={self.operator.dag_id!r}{key}) }}}}"
        )

    def __repr__(self) -> str:
        return f"XComArg({self.operator!r}, key={self.key!r})"

    @classmethod
    def iter_xcom_references(cls, arg: Any) -> "Iterator[tuple[BaseOperator, str]]":
        """The (task, key) pairs of every XComArg in `arg`."""
        for reference in references_in(arg):
            yield reference.operator, reference.key


PlainXComArg = XComArg


def references_in(value: Any) -> Iterator[XComArg]:
    """Every XComArg in `value`: in lists, tuples, sets, dicts and objects with template_fields."""
    if isinstance(value, XComArg):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from references_in(item)
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from references_in(item)
    elif hasattr(value, "template_fields") and not isinstance(value, DAGNode | type):
        for field in value.template_fields:
            yield from references_in(getattr(value, field, None))

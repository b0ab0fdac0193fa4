"""What a task must return that others are expanded over: checked in its own process."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tradewind.authoring import configuration
from tradewind.authoring.errors import UnmappableXComTypePushed, XComForMappingNotPushed

if TYPE_CHECKING:
    from tradewind.authoring.operator import BaseOperator


class UnmappableXComLengthPushed(ValueError):
    """A task returned more items than a task may be expanded over."""

    def __init__(self, length: int, most: int) -> None:
        super().__init__(
            f"unmappable return value length: {length} > {most}; "
            "return fewer items, or raise max_map_length in section [core]"
        )


def length_of(task: "BaseOperator", map_index: int, result: Any) -> int | None:
    """How many items `result` gives to those who are expanded over it; None if nobody is.

    Of a mapped task instance that is the value itself, one item. Raises what Airflow raises for a
    value without items, or with too many.
    """
    if not feeds_a_mapping(task):
        return None
    value = result if task.do_xcom_push else None
    if map_index >= 0:
        return None if value is None else 1
    if value is None:
        raise XComForMappingNotPushed
    if not isinstance(value, Sequence | dict) or isinstance(value, str | bytes | bytearray):
        raise UnmappableXComTypePushed(value)
    most = configuration.current().core.max_map_length
    if len(value) > most:
        raise UnmappableXComLengthPushed(len(value), most)
    return len(value)


def feeds_a_mapping(task: "BaseOperator") -> bool:
    """Whether a task or group is expanded over what `task` returns."""
    return any(
        source.task_id == task.task_id
        for after in task.downstream_list
        for expand_input in _expansions(after)
        for source, _ in expand_input.iter_references()
    )


def _expansions(task: Any) -> list[Any]:
    """What a task, and the groups around it, are expanded over."""
    own = getattr(task, "expand_input", None)
    groups = () if task.task_group is None else task.task_group.iter_mapped_task_groups()
    found = [group.expand_input for group in groups]
    return found if own is None else [own, *found]

"""What a task pushes: checked, split where it has multiple_outputs, as JSON data."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tradewind.authoring import serde
from tradewind.authoring.errors import AirflowException
from tradewind.authoring.xcom_arg import XCOM_RETURN_KEY

if TYPE_CHECKING:
    from tradewind.authoring.operator import BaseOperator

KEY_LENGTH_MAX = 512


class UnserialisableXCom(AirflowException, TypeError):
    """A value that cannot be handed to another task."""


def of_result(task: "BaseOperator", result: Any) -> tuple[tuple[str, Any], ...]:
    """(key, JSON data) of what `execute` returned; none for None or without do_xcom_push.

    Raises UnserialisableXCom, also where multiple_outputs got no dict.
    """
    if result is None or not task.do_xcom_push:
        return ()
    split = _split_outputs(result, task.task_id) if task.multiple_outputs else []
    return tuple(
        (key, as_data(task.task_id, key, value))
        for key, value in [*split, (XCOM_RETURN_KEY, result)]
    )


def as_data(task_id: str, key: str, value: Any) -> Any:
    """`value` as JSON data. Raises UnserialisableXCom naming task, key, type and the way out, and
    ValueError for a key that is too long.
    """
    if len(key) > KEY_LENGTH_MAX:
        raise ValueError(
            f"task {task_id!r}: the key of an XCom has at most {KEY_LENGTH_MAX} characters, "
            f"{key[:40] + '...'!r} has {len(key)}"
        )
    what = "return value" if key == XCOM_RETURN_KEY else f"XCom {key!r}"
    try:
        return serde.serialize(value, what)
    except serde.NotSerialisable as error:
        raise UnserialisableXCom(
            f"task {task_id!r}: {error}; return JSON data (text, numbers, lists, dicts, dates), "
            "or store the value elsewhere and return its path or key"
        ) from None


def _split_outputs(value: Any, task_id: str) -> list[tuple[str, Any]]:
    """The XComs beside the return value of a task with multiple_outputs."""
    if value is None:
        return []
    if not isinstance(value, Mapping):
        raise UnserialisableXCom(
            f"task {task_id!r} has multiple_outputs, so it must return a dict, "
            f"not {type(value).__name__}"
        )
    for key in value:
        if not isinstance(key, str):
            raise UnserialisableXCom(
                f"task {task_id!r} has multiple_outputs, so the keys of the dict it returns must "
                f"be strings, not {key!r}"
            )
    return [(key, item) for key, item in value.items() if key != XCOM_RETURN_KEY]

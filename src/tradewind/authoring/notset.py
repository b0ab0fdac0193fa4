"""The value of an argument that was not given, where None means something."""

from typing import Any, Final, TypeGuard, TypeVar

T = TypeVar("T")


class ArgNotSet:
    """Type of NOTSET."""

    __module__ = "airflow.serialization.definitions.notset"

    def __repr__(self) -> str:
        return "NOTSET"

    def __bool__(self) -> bool:
        return False

    def __copy__(self) -> "ArgNotSet":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "ArgNotSet":
        return self


NOTSET: Final = ArgNotSet()


class SetDuringExecution(ArgNotSet):
    """Type of SET_DURING_EXECUTION."""

    __module__ = "airflow.sdk.definitions._internal.types"

    def __repr__(self) -> str:
        return "SET_DURING_EXECUTION"

    @staticmethod
    def serialize() -> str:
        """How a Plan shows it."""
        return "DYNAMIC (set during execution)"


SET_DURING_EXECUTION: Final = SetDuringExecution()
"""The value of an argument that the operator fills in while it runs."""


def is_arg_set(value: T | ArgNotSet) -> TypeGuard[T]:
    """Whether an argument was given."""
    return not isinstance(value, ArgNotSet)

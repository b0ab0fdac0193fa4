"""BaseOperatorLink: a link beside a task, to the page of an outside system."""

from typing import Any, ClassVar


class BaseOperatorLink:
    """Subclasses name the link and work out its address."""

    __module__ = "airflow.sdk.bases.operatorlink"

    operators: ClassVar[list[type[Any]]] = []
    """Operator classes it is added to when a plugin brings it."""

    @property
    def name(self) -> str:
        """What the link says."""
        raise NotImplementedError(f"{type(self).__name__} has no name")

    @property
    def xcom_key(self) -> str:
        """The XCom that keeps the address."""
        return f"_link_{type(self).__name__}"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """The address for one task instance."""
        raise NotImplementedError(f"{type(self).__name__} has no get_link method")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(other) == vars(self)

    def __hash__(self) -> int:
        return hash(type(self))

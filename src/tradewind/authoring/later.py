"""What is said of that which a later version will do."""

from typing import Any


def later_feature(name: str) -> str:
    """What is said of a name that this version does not have."""
    return f"{name} is not available in this version of Tradewind"


class Unavailable:
    """Stands in the context for what a later version fills in; any use of it says so."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise NotImplementedError(later_feature(self._name))

    def __getitem__(self, key: Any) -> Any:
        raise NotImplementedError(later_feature(self._name))

"""Constructs that load today and run in a later version: they compile, and a run is refused.

Never a silent wrong meaning: such a task carries the feature's name in `unsupported`.
"""

from typing import Any

from tradewind.authoring.default_args import known_arguments
from tradewind.authoring.operator import BaseOperator


def later_feature(name: str) -> str:
    """What is said of a name that this version does not have."""
    return f"{name} is not available in this version of Tradewind"


class LaterTask(BaseOperator):
    """Stands for a task of `operator_class` that uses `feature`."""

    template_fields = ("arguments",)

    def __init__(
        self,
        *,
        operator_class: type[BaseOperator],
        arguments: dict[str, Any],
        feature: str,
        **kwargs: Any,
    ) -> None:
        self.arguments = arguments
        self.stands_for = operator_class
        self.unsupported = (feature,)
        super().__init__(**kwargs)

    @property
    def operator_name(self) -> str:
        return self.stands_for.custom_operator_name or self.stands_for.__name__

    @property
    def is_mapped(self) -> bool:
        return True

    def execute(self, context: Any) -> Any:
        """It never comes so far: core refuses the run."""
        raise NotImplementedError(later_feature(self.unsupported[0]))


class OperatorPartial:
    """What `Operator.partial(...)` gives: `.expand(...)` makes the task."""

    def __init__(self, operator_class: type[BaseOperator], kwargs: dict[str, Any]) -> None:
        self.operator_class = operator_class
        self.kwargs = kwargs

    def expand(self, **mapped: Any) -> LaterTask:
        """One task instance per item: loads, and cannot be run yet."""
        if not mapped:
            raise TypeError("no arguments to expand against: write expand(name=[...])")
        return self._later(mapped)

    def expand_kwargs(self, kwargs: Any, *, strict: bool = True) -> LaterTask:
        """One task instance per dict: loads, and cannot be run yet."""
        return self._later({"expand_kwargs": kwargs})

    def _later(self, mapped: dict[str, Any]) -> LaterTask:
        of_every_task = known_arguments(BaseOperator)
        own = {name: value for name, value in self.kwargs.items() if name not in of_every_task}
        return LaterTask(
            operator_class=self.operator_class,
            arguments={**own, **mapped},
            feature="dynamic task mapping",
            **{name: value for name, value in self.kwargs.items() if name in of_every_task},
        )

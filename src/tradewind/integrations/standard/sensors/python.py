"""PythonSensor: waits until a function returns something true."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from tradewind.authoring import callables, profile
from tradewind.authoring.sensor import BaseSensorOperator, PokeReturnValue


class PythonSensor(BaseSensorOperator):
    """Over when `python_callable(*op_args, **op_kwargs)` returns true or PokeReturnValue(True)."""

    __module__ = "airflow.providers.standard.sensors.python"

    template_fields: Collection[str] = ("templates_dict", "op_args", "op_kwargs")
    shallow_copy_attrs: Sequence[str] = ("python_callable", "op_kwargs")

    def __init__(
        self,
        *,
        python_callable: Callable[..., Any],
        op_args: Collection[Any] | None = None,
        op_kwargs: Mapping[str, Any] | None = None,
        templates_dict: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        if "provide_context" in kwargs:
            profile.report(f"passes provide_context to {type(self).__name__}")
            del kwargs["provide_context"]
        super().__init__(**kwargs)
        self.python_callable = python_callable
        self.op_args = op_args or ()
        self.op_kwargs = op_kwargs or {}
        self.templates_dict = templates_dict

    def poke(self, context: Any) -> bool | PokeReturnValue:
        """Call the function once."""
        around = callables.with_more(context, templates_dict=self.templates_dict)
        found = callables.call(self.python_callable, self.op_args, self.op_kwargs, around)
        return found if isinstance(found, PokeReturnValue) else bool(found)

"""PythonOperator, which calls a function, and those that go on by what it returns.

Served where the reference has them, in `operators.python`.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, ClassVar

from tradewind.authoring import callables, profile
from tradewind.authoring.branching import BaseBranchOperator
from tradewind.authoring.operator import BaseOperator
from tradewind.authoring.skipping import SkipMixin, answering

_MODULE = "airflow.providers.standard.operators.python"


class PythonOperator(BaseOperator):
    """Calls `python_callable(*op_args, **op_kwargs)`; the context is passed by parameter name."""

    __module__ = _MODULE

    template_fields: Collection[str] = ("templates_dict", "op_args", "op_kwargs")
    template_fields_renderers: ClassVar[dict[str, str]] = {
        "templates_dict": "json",
        "op_args": "py",
        "op_kwargs": "py",
    }
    ui_color = "#ffefeb"
    shallow_copy_attrs: Sequence[str] = ("python_callable", "op_kwargs")

    def __init__(
        self,
        *,
        python_callable: Callable[..., Any],
        op_args: Collection[Any] | None = None,
        op_kwargs: Mapping[str, Any] | None = None,
        templates_dict: dict[str, Any] | None = None,
        templates_exts: Sequence[str] | None = None,
        show_return_value_in_logs: bool = True,
        **kwargs: Any,
    ) -> None:
        if "provide_context" in kwargs:
            profile.report(f"passes provide_context to {type(self).__name__}")
            del kwargs["provide_context"]
        if not callable(python_callable):
            raise TypeError(
                f"{type(self).__name__} {kwargs.get('task_id')!r}: python_callable must be a "
                f"function, not {python_callable!r}; write the function's name without calling it"
            )
        super().__init__(**kwargs)
        self.python_callable = python_callable
        self.op_args = op_args or ()
        self.op_kwargs = op_kwargs or {}
        self.templates_dict = templates_dict
        self.show_return_value_in_logs = show_return_value_in_logs
        if templates_exts:
            self.template_ext = tuple(templates_exts)

    def execute(self, context: Any) -> Any:
        """Call the function; what it returns is the result."""
        around = callables.with_more(context, templates_dict=self.templates_dict)
        result = callables.call(self.python_callable, self.op_args, self.op_kwargs, around)
        if self.show_return_value_in_logs:
            self.log.info("Done. Returned value was: %s", result)
        else:
            self.log.info("Done. Returned value not shown")
        return result


class BranchPythonOperator(BaseBranchOperator, PythonOperator):
    """Follows the tasks or groups whose ids the function returns."""

    __module__ = _MODULE

    def choose_branch(self, context: Any) -> str | Iterable[str] | None:
        """What the function returns."""
        chosen: str | Iterable[str] | None = PythonOperator.execute(self, context)
        return chosen


class ShortCircuitOperator(PythonOperator, SkipMixin):
    """Goes on where the function returns something true, else skips what is downstream.

    Without `ignore_downstream_trigger_rules` only what is directly downstream is skipped.
    """

    __module__ = _MODULE

    def __init__(self, *, ignore_downstream_trigger_rules: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.ignore_downstream_trigger_rules = ignore_downstream_trigger_rules

    def execute(self, context: Any) -> Any:
        """Ask the function; a teardown task is never skipped."""
        answer = super().execute(context)
        self.log.info("Condition result is %s", answer)
        if answer:
            return answer
        far = self.ignore_downstream_trigger_rules is True
        after = self.get_flat_relatives() if far else self.get_direct_relatives()
        with answering(answer):
            self.skip(context["ti"], [task for task in after if not task.is_teardown])
        return answer

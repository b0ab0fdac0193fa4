"""@task: a function that becomes a task when it is called within a DAG."""

import functools
import inspect
import re
import textwrap
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from tradewind.authoring import callables, profile
from tradewind.authoring.callables import CONTEXT_KEYS
from tradewind.authoring.default_args import merged
from tradewind.authoring.expansion import (
    DictOfListsExpandInput,
    ExpandInput,
    ListOfDictsExpandInput,
    check_kwargs,
    check_mappable,
)
from tradewind.authoring.lazy import LazyModule
from tradewind.authoring.operator import BaseOperator
from tradewind.authoring.operator_arguments import checked
from tradewind.authoring.scopes import TaskGroupContext
from tradewind.authoring.task_functions import (
    check_binding,
    check_context_parameters,
    check_no_method,
    from_default_args,
    returns_mapping,
    unique_task_id,
)
from tradewind.authoring.xcom_arg import XComArg

if TYPE_CHECKING:
    from tradewind.authoring import conditions, mapping, task_kinds
else:
    conditions = LazyModule("tradewind.authoring.conditions")
    mapping = LazyModule("tradewind.authoring.mapping")
    task_kinds = LazyModule("tradewind.authoring.task_kinds")


class DecoratedOperator(BaseOperator):
    """A task made from a function; subclasses say what is done with it."""

    __module__ = "airflow.sdk.bases.decorator"

    template_fields: Collection[str] = ("op_args", "op_kwargs")
    template_fields_renderers: ClassVar[dict[str, str]] = {"op_args": "py", "op_kwargs": "py"}
    shallow_copy_attrs: Sequence[str] = ("python_callable",)

    def __init__(
        self,
        *,
        python_callable: Callable[..., Any],
        task_id: str,
        op_args: Collection[Any] | None = None,
        op_kwargs: Mapping[str, Any] | None = None,
        kwargs_to_upstream: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self.python_callable = python_callable
        self.op_args: Collection[Any] = tuple(op_args or ())
        self.op_kwargs: Mapping[str, Any] = {
            **from_default_args(python_callable, self.op_args, self.default_args),
            **(op_kwargs or {}),
        }
        check_binding(python_callable, self.op_args, self.op_kwargs)
        super().__init__(
            task_id=unique_task_id(task_id, kwargs.get("dag"), kwargs.get("task_group")),
            **(kwargs_to_upstream or {}),
            **kwargs,
        )

    def get_python_source(self) -> str:
        """The function's source without its decorators."""
        source = textwrap.dedent(inspect.getsource(self.python_callable))
        return re.sub(r"\A(?:@[^\n]*\n)+(?=(?:async )?def )", "", source)


class PythonDecoratedOperator(DecoratedOperator):
    """What a plain @task makes."""

    __module__ = "airflow.providers.standard.decorators.python"
    __qualname__ = "_PythonDecoratedOperator"

    custom_operator_name = "@task"
    template_fields: Collection[str] = ("templates_dict", "op_args", "op_kwargs")
    template_fields_renderers: ClassVar[dict[str, str]] = {
        "templates_dict": "json",
        "op_args": "py",
        "op_kwargs": "py",
    }
    ui_color = "#ffefeb"

    def __init__(
        self,
        *,
        templates_dict: dict[str, Any] | None = None,
        templates_exts: Sequence[str] | None = None,
        show_return_value_in_logs: bool = True,
        **kwargs: Any,
    ) -> None:
        self.templates_dict = templates_dict
        self.show_return_value_in_logs = show_return_value_in_logs
        if templates_exts:
            self.template_ext = tuple(templates_exts)
        super().__init__(**kwargs)

    def execute(self, context: Any) -> Any:
        """Call the function."""
        around = callables.with_more(context, templates_dict=self.templates_dict)
        result = callables.call(self.python_callable, self.op_args, self.op_kwargs, around)
        if self.show_return_value_in_logs:
            self.log.info("Done. Returned value was: %s", result)
        else:
            self.log.info("Done. Returned value not shown")
        return result


PythonDecoratedOperator.__name__ = "_PythonDecoratedOperator"


class TaskDecorator:
    """What `@task` makes of a function: call it to make a task."""

    __module__ = "airflow.sdk.bases.decorator"

    is_setup = False
    is_teardown = False
    on_failure_fail_dagrun = False
    returns_dag_result = False

    def __init__(
        self,
        function: Callable[..., Any],
        operator_class: type[DecoratedOperator],
        kwargs: dict[str, Any],
        multiple_outputs: bool | None,
        fixed: Mapping[str, Any] | None = None,
    ) -> None:
        self.function = function
        self.operator_class = operator_class
        self.multiple_outputs = multiple_outputs
        self.fixed = dict(fixed or {})
        self.kwargs = {"task_id": function.__name__, **kwargs}
        self.on_failure_fail_dagrun = self.kwargs.pop("on_failure_fail_dagrun", False)
        if not isinstance(self.kwargs["task_id"], str):
            raise TypeError(f"@task: task_id must be a string, not {self.kwargs['task_id']!r}")
        given = {name: value for name, value in self.kwargs.items() if value is not None}
        checked(f"@task {self.kwargs['task_id']!r}", given)
        check_no_method(function)
        check_context_parameters(function)
        functools.update_wrapper(self, function)

    def __call__(self, *args: Any, **kwargs: Any) -> XComArg:
        return self._finished(
            self.operator_class(
                python_callable=self.function,
                op_args=args,
                op_kwargs=kwargs,
                multiple_outputs=self._outputs(),
                **self._documented(),
            )
        )

    def override(self, **kwargs: Any) -> "TaskDecorator":
        """The same function with other arguments for its task."""
        outputs = kwargs.pop("multiple_outputs", self.multiple_outputs)
        return self._copy(kwargs={**self.kwargs, **kwargs}, multiple_outputs=outputs)

    def partial(self, **kwargs: Any) -> "TaskDecorator":
        """Fix arguments of the function; `.expand(...)` follows. Raises TypeError, ValueError."""
        self._check_names("partial", kwargs)
        for name in kwargs:
            if name in self.fixed:
                raise TypeError(f"{self._called('partial')}: duplicate partial argument: {name}")
        return self._copy(fixed={**self.fixed, **kwargs})

    def expand(self, **mapped: Any) -> XComArg:
        """One task instance for each combination of the arguments' items."""
        check_mappable("", mapped)
        self._check_names("expand", mapped)
        for name in mapped:
            if name in self.fixed:
                raise TypeError(f"{self._called('expand')}: {name!r} is given to partial() already")
        usual = from_default_args(self.function, (), merged(self.kwargs))
        check_binding(self.function, (), {**usual, **self.fixed, **mapped})
        return self._mapped(DictOfListsExpandInput(mapped))

    def expand_kwargs(self, kwargs: Any, *, strict: bool = True) -> XComArg:
        """One task instance for each dict of arguments."""
        check_kwargs("", kwargs)
        for item in kwargs if isinstance(kwargs, list | tuple) else ():
            if isinstance(item, Mapping):
                self._check_names("expand_kwargs", item)
        return self._mapped(ListOfDictsExpandInput(kwargs), strict=strict)

    def _check_names(self, method: str, names: Iterable[str]) -> None:
        mapping.check_function_takes(self.function, method, names)
        for name in names:
            if name in CONTEXT_KEYS:
                raise ValueError(
                    f"cannot call {method}() on task context variable {name!r}: it is filled from "
                    "the context"
                )

    def _called(self, method: str) -> str:
        return f"{self.kwargs['task_id']}.{method}()"

    def _mapped(self, expand_input: ExpandInput, *, strict: bool = True) -> XComArg:
        common, own = mapping.split(self._documented())
        group = common.get("task_group") or TaskGroupContext.get_current(common.get("dag"))
        mapping.check_not_in_mapped_group(group)
        common["task_id"] = unique_task_id(common["task_id"], common.get("dag"), group)
        return self._finished(
            mapping.DecoratedMappedOperator(
                operator_class=self.operator_class,
                expand_input=expand_input,
                partial_kwargs={
                    **own,
                    "python_callable": self.function,
                    "op_args": (),
                    "op_kwargs": self.fixed,
                },
                disallow_kwargs_override=strict,
                multiple_outputs=self._outputs(),
                **common,
            )
        )

    def _finished(self, operator: BaseOperator) -> XComArg:
        if self.is_setup:
            operator.as_setup()
        if self.is_teardown:
            if "trigger_rule" in self.kwargs:
                raise ValueError(
                    f"task {operator.task_id!r}: trigger_rule cannot be chosen for a teardown task"
                )
            operator.as_teardown(on_failure_fail_dagrun=self.on_failure_fail_dagrun)
        elif self.on_failure_fail_dagrun:
            operator.on_failure_fail_dagrun = True
        output = XComArg(operator)
        if self.returns_dag_result:
            operator.returns_dag_result = True
            if operator.dag is not None:
                operator.dag.add_result(output)
        return output

    def _copy(self, **changes: Any) -> "TaskDecorator":
        arguments = {
            "kwargs": self.kwargs,
            "multiple_outputs": self.multiple_outputs,
            "fixed": self.fixed,
            **changes,
        }
        fails_run = arguments["kwargs"].get("on_failure_fail_dagrun", self.on_failure_fail_dagrun)
        copied = TaskDecorator(self.function, self.operator_class, **arguments)
        copied.on_failure_fail_dagrun = fails_run
        for name in ("is_setup", "is_teardown", "returns_dag_result"):
            setattr(copied, name, getattr(self, name))
        return copied

    def _outputs(self) -> bool:
        if self.multiple_outputs is None:
            return returns_mapping(self.function)
        return self.multiple_outputs

    def _documented(self) -> dict[str, Any]:
        given = dict(self.kwargs)
        is_told = any(name.startswith("doc") and value for name, value in given.items())
        if self.function.__doc__ and not is_told:
            given["doc_md"] = inspect.cleandoc(self.function.__doc__)
        return given

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.__dict__["function"], name)


def task_decorator_factory(
    python_callable: Callable[..., Any] | None = None,
    *,
    multiple_outputs: bool | None = None,
    decorated_operator_class: type[DecoratedOperator],
    **kwargs: Any,
) -> Any:
    """A `@task`-like decorator for an operator class, with or without arguments."""
    if multiple_outputs is not None and not isinstance(multiple_outputs, bool):
        raise TypeError(f"multiple_outputs must be True or False, not {multiple_outputs!r}")

    def decorate(function: Callable[..., Any]) -> TaskDecorator:
        if not callable(function) or isinstance(function, type):
            raise TypeError(f"@task goes on a function, not on {function!r}")
        return TaskDecorator(function, decorated_operator_class, kwargs, multiple_outputs)

    if python_callable is None:
        return decorate
    return decorate(python_callable)


class TaskDecoratorCollection:
    """`task`: `@task`, `@task(...)`, `@task.python`, and `@task.NAME` for other kinds of task."""

    __module__ = "airflow.sdk.definitions.decorators"

    def __call__(
        self,
        python_callable: Callable[..., Any] | None = None,
        *,
        multiple_outputs: bool | None = None,
        **kwargs: Any,
    ) -> Any:
        if python_callable is not None and not callable(python_callable):
            raise TypeError(
                f"@task takes keyword arguments only: write @task(task_id={python_callable!r})"
            )
        if "provide_context" in kwargs:
            profile.report("passes provide_context to @task")
            del kwargs["provide_context"]
        return task_decorator_factory(
            python_callable,
            multiple_outputs=multiple_outputs,
            decorated_operator_class=PythonDecoratedOperator,
            **kwargs,
        )

    python = __call__

    @staticmethod
    def run_if(condition: Callable[..., Any], skip_message: str | None = None) -> Any:
        """Skip the task where `condition(context)` does not hold; goes above @task."""
        return lambda decorated: conditions.guarded(
            decorated, "run_if", condition, skip_message, wanted=True
        )

    @staticmethod
    def skip_if(condition: Callable[..., Any], skip_message: str | None = None) -> Any:
        """Skip the task where `condition(context)` holds; goes above @task."""
        return lambda decorated: conditions.guarded(
            decorated, "skip_if", condition, skip_message, wanted=False
        )

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return task_kinds.decorator(name)


task = TaskDecoratorCollection()

"""@task: a function that becomes a task when it is called within a DAG."""

import functools
import inspect
import re
import textwrap
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, ClassVar

from tradewind.authoring import callables, profile, task_kinds
from tradewind.authoring.errors import AirflowSkipException
from tradewind.authoring.later import LaterTask
from tradewind.authoring.operator import BaseOperator
from tradewind.authoring.task_functions import (
    check_binding,
    check_context_parameters,
    returns_mapping,
    unique_task_id,
)
from tradewind.authoring.xcom_arg import XComArg


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
        self.op_kwargs: Mapping[str, Any] = dict(op_kwargs or {})
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
        around = {**context, "templates_dict": self.templates_dict}
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
        check_context_parameters(function)
        functools.update_wrapper(self, function)

    def __call__(self, *args: Any, **kwargs: Any) -> XComArg:
        return XComArg(
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
        return TaskDecorator(
            self.function,
            self.operator_class,
            {**self.kwargs, **{k: v for k, v in kwargs.items() if k != "multiple_outputs"}},
            kwargs.get("multiple_outputs", self.multiple_outputs),
        )

    def partial(self, **kwargs: Any) -> "TaskDecorator":
        """Fix arguments; `.expand(...)` follows."""
        return TaskDecorator(
            self.function,
            self.operator_class,
            self.kwargs,
            self.multiple_outputs,
            {**self.fixed, **kwargs},
        )

    def expand(self, **mapped: Any) -> XComArg:
        """One task instance per item: loads, and cannot be run yet."""
        return self._later({**self.fixed, **mapped})

    def expand_kwargs(self, kwargs: Any, *, strict: bool = True) -> XComArg:
        """One task instance per dict: loads, and cannot be run yet."""
        return self._later({**self.fixed, "expand_kwargs": kwargs})

    def _later(self, arguments: dict[str, Any]) -> XComArg:
        given = dict(self.kwargs)
        given["task_id"] = unique_task_id(given["task_id"], None, None)
        return XComArg(
            LaterTask(
                operator_class=self.operator_class,
                arguments=arguments,
                feature="dynamic task mapping",
                **given,
            )
        )

    def _outputs(self) -> bool:
        if self.multiple_outputs is None:
            return returns_mapping(self.function)
        return self.multiple_outputs

    def _documented(self) -> dict[str, Any]:
        given = dict(self.kwargs)
        if self.function.__doc__ and not any(name.startswith("doc") for name in given):
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


Condition = Callable[[Any], "bool | tuple[bool, str | None]"]
"""Asked with the context; may also give the message for a task that is skipped."""


def run_if(condition: Condition, skip_message: str | None = None) -> Callable[[Any], Any]:
    """`@task.run_if(...)` above a task decorator: the task is skipped unless `condition` holds."""
    return functools.partial(_conditional, condition, True, skip_message, "run_if")


def skip_if(condition: Condition, skip_message: str | None = None) -> Callable[[Any], Any]:
    """`@task.skip_if(...)` above a task decorator: the task is skipped if `condition` holds."""
    return functools.partial(_conditional, condition, False, skip_message, "skip_if")


def _conditional(
    condition: Condition, wanted: bool, message: str | None, name: str, task: Any
) -> TaskDecorator:
    if not isinstance(task, TaskDecorator):
        raise TypeError(f"@task.{name} stands above a task decorator, not above {task!r}")
    before = task.kwargs.get("pre_execute")

    def pre_execute(context: Any) -> None:
        answer = condition(context)
        holds, said = answer if isinstance(answer, tuple) else (answer, None)
        if bool(holds) is not wanted:
            raise AirflowSkipException(said or message or f"skipped by @task.{name}")
        if before is not None:
            before(context)

    return task.override(pre_execute=pre_execute)


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
    run_if = staticmethod(run_if)
    skip_if = staticmethod(skip_if)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return task_kinds.decorator(name)


task = TaskDecoratorCollection()

"""What the decorators have in common."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from tradewind.authoring.taskflow import DecoratedOperator, task_decorator_factory


class CallingOperator(DecoratedOperator):
    """A decorated operator whose other base takes the function too."""

    def __init__(
        self,
        *,
        python_callable: Callable[..., Any],
        op_args: Collection[Any] | None = None,
        op_kwargs: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            python_callable=python_callable,
            op_args=op_args,
            op_kwargs=op_kwargs,
            kwargs_to_upstream={
                "python_callable": python_callable,
                "op_args": op_args,
                "op_kwargs": op_kwargs,
            },
            **kwargs,
        )


def decorator_for(operator_class: type[DecoratedOperator]) -> Callable[..., Any]:
    """A decorator, with or without arguments, that makes tasks of this class."""

    def decorate(
        python_callable: Callable[..., Any] | None = None,
        multiple_outputs: bool | None = None,
        **kwargs: Any,
    ) -> Any:
        return task_decorator_factory(
            python_callable,
            multiple_outputs=multiple_outputs,
            decorated_operator_class=operator_class,
            **kwargs,
        )

    return decorate

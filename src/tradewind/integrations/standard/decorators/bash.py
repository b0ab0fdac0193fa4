"""@task.bash: a function that returns the shell command to run."""

from collections.abc import Collection
from typing import Any, ClassVar

from tradewind.authoring import callables
from tradewind.authoring.notset import SET_DURING_EXECUTION
from tradewind.authoring.taskflow import DecoratedOperator
from tradewind.integrations.standard.decorators._decorated import decorator_for
from tradewind.integrations.standard.operators.bash import BashOperator

__all__ = ["_BashDecoratedOperator", "bash_task"]


class _BashDecoratedOperator(DecoratedOperator, BashOperator):
    """What @task.bash makes."""

    __module__ = "airflow.providers.standard.decorators.bash"

    custom_operator_name: ClassVar[str | None] = "@task.bash"
    template_fields: Collection[str] = (
        *DecoratedOperator.template_fields,
        *BashOperator.template_fields,
    )
    template_fields_renderers: ClassVar[dict[str, str]] = {
        **DecoratedOperator.template_fields_renderers,
        **BashOperator.template_fields_renderers,
    }
    overwrite_rtif_after_execution = True

    def __init__(self, **kwargs: Any) -> None:
        if "bash_command" in kwargs:
            raise TypeError(
                f"@task.bash {kwargs.get('task_id')!r}: leave bash_command out; "
                "what the function returns is the command"
            )
        super().__init__(kwargs_to_upstream={"bash_command": SET_DURING_EXECUTION}, **kwargs)

    def execute(self, context: Any) -> Any:
        """Call the function, render what it returns, run that. Raises TypeError for no text."""
        command = callables.call(self.python_callable, self.op_args, self.op_kwargs, context)
        if not isinstance(command, str) or not command.strip():
            raise TypeError(
                f"@task.bash {self.task_id!r}: the function must return a command, not {command!r}"
            )
        self.bash_command = self.render_template(command, context)
        return super().execute(context)


bash_task = decorator_for(_BashDecoratedOperator)
"""Makes a function such a task."""

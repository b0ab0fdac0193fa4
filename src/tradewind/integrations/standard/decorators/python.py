"""`@task.python` and the operator it makes."""

from tradewind.authoring.taskflow import PythonDecoratedOperator, task

__all__ = ["_PythonDecoratedOperator", "python_task"]

_PythonDecoratedOperator = PythonDecoratedOperator
python_task = task

"""What @task-like decorators are made of."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    deprecated={
        "DecoratedOperator": "tradewind.authoring.taskflow:DecoratedOperator",
        "get_unique_task_id": "tradewind.authoring.task_functions:unique_task_id",
        "task_decorator_factory": "tradewind.authoring.taskflow:task_decorator_factory",
    },
)

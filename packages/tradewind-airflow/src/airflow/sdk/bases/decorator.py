"""What @task-like decorators are made of."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "KNOWN_CONTEXT_KEYS": "tradewind.authoring.callables:CONTEXT_KEYS",
        "DecoratedMappedOperator": "tradewind.authoring.mapping:DecoratedMappedOperator",
        "DecoratedOperator": "tradewind.authoring.taskflow:DecoratedOperator",
        "KeywordParameters": "tradewind.authoring.callables:KeywordParameters",
        "TaskDecorator": "tradewind.authoring.taskflow:TaskDecorator",
        "determine_kwargs": "tradewind.authoring.callables:determine_kwargs",
        "get_unique_task_id": "tradewind.authoring.task_functions:unique_task_id",
        "is_async_callable": "tradewind.authoring.callables:is_async_callable",
        "task_decorator_factory": "tradewind.authoring.taskflow:task_decorator_factory",
    },
)

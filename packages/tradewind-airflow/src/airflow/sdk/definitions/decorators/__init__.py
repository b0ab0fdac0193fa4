"""@task and @task_group."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "TaskDecoratorCollection": "tradewind.authoring.taskflow:TaskDecoratorCollection",
        "dag": "tradewind:dag",
        "task": "tradewind:task",
        "task_group": "tradewind:task_group",
    },
)

"""@task_group."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "TaskGroupFactory": "tradewind.authoring.task_group_decorator:TaskGroupFactory",
        "task_group": "tradewind:task_group",
    },
)
